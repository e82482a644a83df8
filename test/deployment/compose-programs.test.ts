import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { anchorAccount, anchorSeed } from "../../src/compose-account.ts";
import { settlementKey } from "../../src/compose-keys.ts";
import { readConfig } from "../../src/config.ts";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";
import { composeFile, mountsOf } from "./compose-file.ts";

const { services } = composeFile();
const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** The program that a service of the Compose file runs, with folders of this machine in the place of the container's. */
function programOf(service: string, folders: Readonly<Record<string, string>>): readonly string[] {
  const { entrypoint = [], command = [] } = services[service] ?? {};
  const [node, ...args] = [...entrypoint, ...command];
  expect(node).toBe("node");
  return args.map((arg) => {
    let text = arg;
    for (const [path, folder] of Object.entries(folders)) text = text.replaceAll(`"${path}`, `"${folder}`);
    return text;
  });
}

/** An empty volume for each folder that `setup` fills. */
function emptyVolumes(): string {
  const root = temporaryFolder();
  for (const { target } of mountsOf(services["setup"] ?? missing())) mkdirSync(join(root, target), { recursive: true });
  return root;
}

function missing(): never {
  throw new Error("the Compose file has no such service");
}

function setUp(root: string, LEDGER = ""): void {
  const args = programOf("setup", {
    "/secrets": join(root, "secrets"),
    "/ledger": join(root, "ledger"),
    "/app/": checkout,
  });
  execFileSync(process.execPath, args, { cwd: checkout, env: { ...process.env, LEDGER }, stdio: "pipe" });
}

/** Where `setup` put a file that a service finds under a path of its own. */
function placeOf(root: string, service: string, path: string): string {
  const mount = mountsOf(services[service] ?? missing()).find(({ target }) => path.startsWith(`${target}/`));
  const made = mountsOf(services["setup"] ?? missing()).find(({ source }) => source === mount?.source);
  return join(root, made?.target ?? "nowhere", path.slice((mount?.target ?? "").length));
}

function secretOf(root: string, service: string, name: string): string {
  return readFileSync(placeOf(root, service, `/run/settlement/${name}`), "utf8");
}

describe("setup", () => {
  test("makes every file that a service is told to read", () => {
    const root = emptyVolumes();
    setUp(root);
    const named = Object.entries(services).flatMap(([service, { environment = {}, command = [], healthcheck }]) =>
      [...Object.values(environment), ...command, ...(healthcheck?.test ?? [])]
        .flatMap((text) => [...(text ?? "").matchAll(/\/run\/settlement\/[\w.-]+/g)])
        .map(([path]) => placeOf(root, service, path)),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
    expect(new Set(named).size).toBe(readdirSync(join(root, "secrets"), { recursive: true }).length - 4);
  });

  test("gives those who talk the same password, and nobody a second one's", () => {
    const root = emptyVolumes();
    setUp(root);
    const [postgres, redis] = [secretOf(root, "postgres", "password"), secretOf(root, "redis", "password")];
    expect(postgres).toMatch(/^[0-9a-f]{64}$/);
    expect(redis).toMatch(/^[0-9a-f]{64}$/);
    expect(redis).not.toBe(postgres);
    expect(secretOf(root, "redis", "redis.conf")).toBe(`requirepass ${redis}\n`);
    for (const service of ["api", "worker"]) {
      const state = new URL(secretOf(root, service, "state-url"));
      const { POSTGRES_USER, POSTGRES_DB } = services["postgres"]?.environment ?? {};
      expect([state.protocol, state.username, state.password]).toEqual(["postgres:", POSTGRES_USER, postgres]);
      expect([state.host, state.pathname]).toEqual(["postgres:5432", `/${POSTGRES_DB}`]);
      const queue = new URL(secretOf(root, service, "redis-url"));
      expect([queue.protocol, queue.username, queue.password, queue.host]).toEqual(["redis:", "", redis, "redis:6379"]);
    }
    expect(secretOf(root, "api", "admin-tokens")).toMatch(/^operator [0-9a-f]{64}\n$/);
  });

  test("makes keys that the node takes on every network", () => {
    const root = emptyVolumes();
    setUp(root);
    const { SETTLEMENT_SEED_FILE = "", SETTLEMENT_KEY_FILE = "" } = services["worker"]?.environment ?? {};
    const config = readConfig(
      {},
      {
        SETTLEMENT_NETWORK: "testnet",
        SETTLEMENT_SEED_FILE: placeOf(root, "worker", SETTLEMENT_SEED_FILE ?? ""),
        SETTLEMENT_KEY_FILE: placeOf(root, "worker", SETTLEMENT_KEY_FILE ?? ""),
      },
    );
    expect(anchorAccount(config)).toMatch(/^r/);
    expect(settlementKey(config).publicKey).toHaveLength(32);
  });

  test("lets each file be read by its reader alone, and written by nobody", () => {
    const root = emptyVolumes();
    setUp(root);
    const modeOf = (service: string, name: string): string =>
      (statSync(placeOf(root, service, `/run/settlement/${name}`)).mode & 0o777).toString(8);
    for (const service of ["api", "worker"])
      for (const name of ["state-url", "redis-url"]) expect(modeOf(service, name)).toBe("400");
    for (const name of ["account.seed", "settlement-key.pem"]) expect(modeOf("worker", name)).toBe("400");
    expect(modeOf("api", "admin-tokens")).toBe("400");
    // Another user reads these; nothing else mounts their volumes.
    expect(modeOf("postgres", "password")).toBe("444");
    for (const name of ["password", "redis.conf"]) expect(modeOf("redis", name)).toBe("444");
  });

  test("changes nothing when it runs again, makes what is missing, and ends what was cut off", async () => {
    const root = emptyVolumes();
    setUp(root);
    const first = await textsIn(root);
    const redisUrl = placeOf(root, "worker", "/run/settlement/redis-url");
    rmSync(redisUrl);
    writeFileSync(`${redisUrl}.new`, "redis://:ha", { mode: 0o400 });
    setUp(root);
    expect(await textsIn(root)).toEqual(first);
  });

  test("gives everybody the new password when one was lost, and no other key", async () => {
    const root = emptyVolumes();
    setUp(root);
    const first = await textsIn(root);
    rmSync(placeOf(root, "redis", "/run/settlement/password"));
    setUp(root);
    const second = await textsIn(root);
    const changed = Object.keys(first).filter((path) => first[path] !== second[path]);
    expect(changed.toSorted()).toEqual([
      "secrets/api/redis-url",
      "secrets/redis/password",
      "secrets/redis/redis.conf",
      "secrets/worker/redis-url",
    ]);
    expect(secretOf(root, "api", "redis-url")).toContain(secretOf(root, "redis", "password"));
  });

  test("puts the sample ledger where no other is named", async () => {
    const root = emptyVolumes();
    setUp(root);
    expect(await textsIn(join(root, "ledger"))).toEqual(await textsIn(join(checkout, "ledger")));
  });

  test("leaves a ledger of one's own as it is, were it empty", () => {
    const root = emptyVolumes();
    setUp(root, "./my-ledger");
    expect(readdirSync(join(root, "ledger"))).toEqual([]);
  });

  test("leaves a ledger that the node has named", () => {
    const root = emptyVolumes();
    writeFileSync(join(root, "ledger/settlement.json"), "{}");
    setUp(root);
    expect(readdirSync(join(root, "ledger"))).toEqual(["settlement.json"]);
  });

  test("overwrites no file of a ledger", () => {
    const root = emptyVolumes();
    writeFileSync(join(root, "ledger/2026-08.json"), "[]\n");
    setUp(root);
    expect(readFileSync(join(root, "ledger/2026-08.json"), "utf8")).toBe("[]\n");
    expect(existsSync(join(root, "ledger/2026-09.json"))).toBe(true);
  });
});

test("xrpld-clock closes the ledgers of a server that closes none, and funds the worker's account", async () => {
  const root = emptyVolumes();
  setUp(root);
  await using server = await startLocalnet({ closeMs: 0 });
  const seedFile = placeOf(root, "xrpld-clock", "/run/settlement/account.seed");
  const folders = { "/run/settlement/account.seed": seedFile, "/tmp/funded": join(root, "funded") };
  const clock = spawn(process.execPath, programOf("xrpld-clock", folders), {
    cwd: checkout,
    env: { ...process.env, XRPLD: server.rpcUrl },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void clock.kill());
  while (!existsSync(join(root, "funded"))) await sleep(50);

  const body = { method: "account_info", params: [{ account: addressOf(seedFile), ledger_index: "validated" }] };
  const answer = await fetch(server.rpcUrl, { method: "POST", body: JSON.stringify(body) });
  expect(await answer.json()).toMatchObject({
    result: { status: "success", account_data: { Balance: "1000000000" } },
  });
});

describe("healthy is", () => {
  /** Exit code of a service's own check, with other paths and addresses in it. */
  async function checkOf(service: string, places: Readonly<Record<string, string>>): Promise<number | null> {
    const [kind, node, ...args] = services[service]?.healthcheck?.test ?? [];
    expect([kind, node]).toEqual(["CMD", "node"]);
    const placed = args.map((arg) => Object.entries(places).reduce((text, [from, to]) => text.replace(from, to), arg));
    expect(placed).not.toEqual(args);
    const check = spawn(process.execPath, placed, { stdio: "ignore" });
    const [code] = (await once(check, "exit")) as [number | null];
    return code;
  }

  test.each([
    ["worker", "/data/worker.json"],
    ["xrpld-clock", "/tmp/funded"],
  ])("a %s that was heard of lately", async (service, path) => {
    const sign = join(temporaryFolder(), "sign");
    expect(await checkOf(service, { [path]: sign })).toBe(1);
    writeFileSync(sign, "");
    expect(await checkOf(service, { [path]: sign })).toBe(0);
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(sign, minuteAgo, minuteAgo);
    expect(await checkOf(service, { [path]: sign })).toBe(1);
  });

  test("an API that says it can do its work", async () => {
    let status = 200;
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/v1/ready" ? status : 404).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const places = { "127.0.0.1:8080": `127.0.0.1:${(server.address() as AddressInfo).port}` };
    expect(await checkOf("api", places)).toBe(0);
    status = 503;
    expect(await checkOf("api", places)).toBe(1);
    server.close();
    expect(await checkOf("api", places)).toBe(1);
  });

  test("a local network that answers", async () => {
    const network = await startLocalnet({ closeMs: 0 });
    const places = { "http://127.0.0.1:5005": network.rpcUrl };
    expect(await checkOf("xrpl", places)).toBe(0);
    await network.close();
    expect(await checkOf("xrpl", places)).toBe(1);
  });
});

function addressOf(seedFile: string): string | undefined {
  const config = readConfig({}, { SETTLEMENT_SEED_FILE: seedFile });
  expect(anchorSeed(config)).toMatch(/^s/);
  return anchorAccount(config);
}
