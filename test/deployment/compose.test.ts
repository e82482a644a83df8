import { describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.ts";
import { readConfig, variableOf } from "../../src/config.ts";
import { settings } from "../../src/settings.ts";
import { composeFile, isOneShot, mountsOf, parseCompose, type Service } from "./compose-file.ts";
import { composeFaults } from "./compose-schema.ts";

const commands = await allCommands();

const { services, networks, volumes } = composeFile();
const own = Object.entries(services).filter(([, { image }]) => image.startsWith("repomesh-settlement:"));
const variables = new Set(Object.keys(settings).map(variableOf));

function secondsOf(duration: string): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Everything a service is started with, as text. */
function wordsOf({ entrypoint = [], command = [], environment = {} }: Service): readonly string[] {
  return [...entrypoint, ...command, ...Object.values(environment).filter((value) => value !== null)];
}

test("is a Compose file", () => {
  expect(composeFaults(composeFile())).toEqual([]);
});

describe("a file that is none", () => {
  const service = { image: "a:1", user: "1:1", restart: "no", deploy: services["api"]?.deploy };
  test.each([
    ["an option misspelt", { ...service, read_onli: true }, "read_onli"],
    ["a root user", { ...service, user: "0:0" }, "/services/one/user"],
    ["a user by name", { ...service, user: "node" }, "/services/one/user"],
    ["the host's rights", { ...service, privileged: true }, "privileged"],
    ["the host's network", { ...service, network_mode: "host" }, "/services/one/network_mode"],
    ["a port of every address", { ...service, ports: ["8080:8080"] }, "/services/one/ports/0"],
    ["a text that YAML took for a map", { ...service, command: [{ "a ? 0": "1" }] }, "/services/one/command/0"],
    ["no limits", { ...service, deploy: { resources: {} } }, "limits"],
  ])("%s", (_, one, says) => {
    expect(composeFaults({ name: "x", services: { one } }).join("\n")).toContain(says);
  });
});

describe("its texts", () => {
  test.each([
    ["a: $${x}", {}, "${x}"],
    ["a: ${X:-y}", {}, "y"],
    ["a: ${X:-y}", { X: "z" }, "z"],
    ["a: ${X:-y}", { X: "" }, "y"],
    ["a: ${X}", {}, ""],
  ] as const)("%s with %o", (yaml, env, a) => {
    expect(parseCompose(yaml, env)).toEqual({ a });
  });
});

describe.each(Object.entries(services))("%s", (_, service) => {
  const { image, read_only, cap_drop, security_opt, healthcheck, ports = [], depends_on = {} } = service;

  test("has no rights it does not need", () => {
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  test("is built here, or of one version", () => {
    expect(image).toMatch(/^(repomesh-settlement:local|[a-z/]+:\d+\.\d+(\.\d+)?(-alpine)?)$/);
  });

  test("is watched, unless it ends", () => {
    // The image's own check speaks of the API.
    expect(healthcheck?.disable === true).toBe(isOneShot(service));
    expect(healthcheck?.test === undefined).toBe(isOneShot(service));
  });

  test("starts on a machine with one processor", () => {
    expect(Number(service.deploy.resources.limits.cpus)).toBeLessThanOrEqual(1);
  });

  test("opens ports to this machine alone", () => {
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  test.each(Object.entries(depends_on))("waits for %s, which exists and can be waited for", (other, dependency) => {
    const target = services[other];
    const { condition, required = true } = dependency;
    expect(condition).toBe(target && isOneShot(target) ? "service_completed_successfully" : "service_healthy");
    // What is there only with a profile is waited for only then.
    expect(required).toBe(target?.profiles?.every((profile) => service.profiles?.includes(profile)) ?? true);
    expect(Object.keys(services)).toContain(other);
  });

  test("is on networks that exist", () => {
    for (const network of service.networks ?? []) expect(Object.keys(networks)).toContain(network);
    expect(service.networks === undefined).toBe(service.network_mode === "none");
  });
});

test("volumes are those that are mounted", () => {
  const used = Object.values(services).flatMap((service) => mountsOf(service).map(({ source }) => source));
  expect([...new Set(used)].toSorted()).toEqual(Object.keys(volumes).toSorted());
});

test("a ledger of one's own takes the place of the volume, wherever it is mounted", () => {
  const named = composeFile({ SETTLEMENT_LEDGER: "./my-ledger" });
  expect(composeFaults(named)).toEqual([]);
  for (const name of ["setup", "api", "worker"]) {
    const [before, after] = [services[name], named.services[name]].map((service) => service && mountsOf(service));
    const ofVolume = before?.find(({ source }) => source === "ledger");
    expect(ofVolume?.target).toBe("/ledger");
    expect(after).toContainEqual({ ...ofVolume, source: "./my-ledger" });
  }
  // It is not filled with the sample.
  expect([services["setup"]?.environment, named.services["setup"]?.environment]).toEqual([
    { LEDGER: "" },
    { LEDGER: "./my-ledger" },
  ]);
});

test("only what others write to can be written, and the API writes nothing", () => {
  const written = Object.entries(services).flatMap(([name, service]) =>
    mountsOf(service)
      .filter(({ isReadOnly }) => !isReadOnly)
      .map(({ target }) => `${name} ${target}`),
  );
  expect(written.toSorted()).toEqual([
    "postgres /var/lib/postgresql/data",
    "redis /data",
    "setup /ledger",
    "setup /secrets/api",
    "setup /secrets/postgres",
    "setup /secrets/redis",
    "setup /secrets/worker",
    "worker /data",
    "worker /ledger",
    "xrpl /data",
  ]);
});

describe("secrets", () => {
  test.each([
    ["api-secrets", ["api", "setup"]],
    ["worker-secrets", ["setup", "worker", "xrpld-clock"]],
    ["postgres-secrets", ["postgres", "setup"]],
    ["redis-secrets", ["redis", "setup"]],
  ])("%s are seen by %j alone", (volume, readers) => {
    const found = Object.entries(services).filter(([, each]) => mountsOf(each).some(({ source }) => source === volume));
    expect(found.map(([name]) => name).toSorted()).toEqual(readers);
  });

  test("are in files, never in variables", () => {
    const variable = /PASSWORD|SECRET|TOKEN|SEED|_KEY|REDIS|STATE_URL/;
    const plain = Object.entries(services).flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([key, value]) => variable.test(key) && !(key.endsWith("_FILE") && value?.startsWith("/run/")))
        .map(([key]) => `${name} ${key}`),
    );
    expect(plain).toEqual([]);
  });

  test("are in no command", () => {
    // The seed of every new genesis is known to everybody.
    const words = Object.values(services).flatMap(wordsOf).join("\n").replace("snoPBrXtMeMyMHUVTgbuqAfg1SUTb", "");
    expect(words).not.toMatch(/\bs[1-9A-HJ-NP-Za-km-z]{25,30}\b|-----BEGIN|:\/\/\w*:\w+@|\b[0-9a-f]{32,}\b/);
  });
});

describe("the node's services", () => {
  test("are one image, built once", () => {
    expect(own.map(([name]) => name).toSorted()).toEqual(["api", "setup", "worker", "xrpl", "xrpld-clock"]);
    expect(own.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(["setup"]);
  });

  test.each(own)("%s runs a command that exists, or a program in the file", (_, { entrypoint, command = [] }) => {
    if (entrypoint) expect(entrypoint).toEqual(["node", "--input-type=module", "--eval"]);
    else expect(commands.map(({ name }) => name)).toContain(command[0]);
  });

  test.each(own)("%s has variables that are settings, with values that they take", (_, { environment = {} }) => {
    const named = Object.entries(environment).filter(([key]) => key.startsWith("SETTLEMENT_"));
    expect(named.map(([key]) => key).filter((key) => !variables.has(key))).toEqual([]);
    const env = Object.fromEntries(named.filter(([, value]) => value !== null));
    expect(() => readConfig({}, env as Record<string, string>)).not.toThrow();
  });

  test("the worker is given nothing that it does not look at", () => {
    const [name] = services["worker"]?.command ?? [];
    const heeded = commands.find((command) => command.name === name)?.settings.map(variableOf);
    expect(heeded).toEqual(expect.arrayContaining(Object.keys(services["worker"]?.environment ?? {})));
  });

  test.each(["api", "worker", "xrpl"])("%s is stopped no sooner than it has come to its end by itself", (name) => {
    expect(secondsOf(services[name]?.stop_grace_period ?? "")).toBeGreaterThan(10);
  });

  test("the worker finds the local network, and the API no key", () => {
    const { SETTLEMENT_NETWORK, SETTLEMENT_ENDPOINT } = services["worker"]?.environment ?? {};
    const flags = services["xrpl"]?.command ?? [];
    const port = flags[flags.indexOf("--port") + 1];
    expect([SETTLEMENT_NETWORK, SETTLEMENT_ENDPOINT]).toEqual(["local", `ws://xrpl:${port}`]);
    const ofApi = Object.keys(services["api"]?.environment ?? {});
    expect(ofApi.filter((key) => /SEED|_KEY|SIGNER|ACCOUNT/.test(key))).toEqual([]);
  });
});

test("the worker pins who publishes the local network's validators, by the file that the network keeps", () => {
  const { xrpl, worker } = services;
  const [name, ...flags] = xrpl?.command ?? [];
  expect(name).toBe("localnet");
  expect(Number(flags[flags.indexOf("--validators") + 1])).toBeGreaterThan(0);
  const [kept] = xrpl ? mountsOf(xrpl) : [];
  const seen = worker && mountsOf(worker).find(({ source }) => source === kept?.source);
  // The folder that the image names to every command.
  expect([kept?.target, seen?.isReadOnly]).toEqual(["/data", true]);
  expect(worker?.environment?.["SETTLEMENT_TRUST"]).toBe(`${seen?.target}/localnet.trust.json`);
});

test("stores, the local network and its like cannot be reached from outside, nor reach it", () => {
  const inside = Object.entries(services).filter(([, service]) => !service.networks?.includes("outside"));
  expect(inside.map(([name]) => name).toSorted()).toEqual([
    "postgres",
    "redis",
    "setup",
    "xrpl",
    "xrpld",
    "xrpld-clock",
  ]);
  expect(networks["inside"]).toEqual({ internal: true });
});

test("Redis keeps what it took, and refuses when it is full", () => {
  const [config, ...flags] = services["redis"]?.command ?? [];
  expect(config).toBe("/run/settlement/redis.conf");
  const pairs = Object.fromEntries(flags.flatMap((flag, at) => (at % 2 === 0 ? [[flag, flags[at + 1]]] : [])));
  expect(pairs).toMatchObject({ "--dir": "/data", "--appendonly": "yes", "--maxmemory-policy": "noeviction" });
});
