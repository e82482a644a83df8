import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.ts";
import { readConfig } from "../../src/config.ts";
import { composeFile, mountsOf } from "./compose-file.ts";
import { checkout, contextFiles, copyOf, execForm, imageStages, type Instruction, isInContext } from "./dockerfile.ts";

const commands = await allCommands();

const stages = imageStages();
const image = stages.at(-1);
const every = stages.flatMap(({ instructions }) => instructions);
const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

function all(keyword: string, of: readonly Instruction[] = image?.instructions ?? []): readonly string[] {
  return of.filter((instruction) => instruction.keyword === keyword).map(({ rest }) => rest);
}

/** `KEY=value` pairs of instructions. */
function pairsOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines.flatMap((line) => [...line.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)]);
  return Object.fromEntries(pairs.map(([, key = "", quoted, bare]) => [key, quoted ?? bare ?? ""]));
}

test("every instruction is known, and none fetches from an address", () => {
  const known = "ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL RUN USER WORKDIR".split(" ");
  expect(every.map(({ keyword }) => keyword).filter((keyword) => !known.includes(keyword))).toEqual([]);
  expect(every.filter(({ rest }) => /https?:\/\/(?!127\.0\.0\.1)/.test(rest))).toEqual([]);
});

test("every stage starts from one version of Node, the one that this package is developed with", () => {
  const { node } = manifest.devDependencies;
  const names = stages.map(({ name }) => name);
  const bases = stages.map(({ from }) => from).filter((from) => !names.includes(from));
  expect(new Set(bases)).toEqual(new Set([`node:${node}-bookworm-slim`]));
});

test("dependencies are those of the lock file, and run no scripts of theirs", () => {
  const installs = all("RUN", every).filter((line) => /\bnpm (ci|i|install)\b/.test(line));
  expect(installs).toHaveLength(2);
  for (const line of installs) expect(line).toMatch(/^npm ci .*--ignore-scripts/);
});

test("the image has the dependencies of production alone", () => {
  const copied = all("COPY").map((rest) => copyOf({ keyword: "COPY", rest }));
  const modules = copied.filter(({ sources }) => sources.some((source) => source.endsWith("node_modules")));
  expect(modules.map(({ stage }) => stage)).toEqual(["dependencies"]);
  const install = all("RUN", stages.find(({ name }) => name === "dependencies")?.instructions);
  expect(install.join()).toContain("--omit=dev");
});

test("the image takes nothing from the checkout that the build has not made readable", () => {
  expect(all("COPY").filter((rest) => copyOf({ keyword: "COPY", rest }).stage === undefined)).toEqual([]);
});

test("the image runs as nobody in particular, and says so before it says what it runs", () => {
  const keywords = image?.instructions.map(({ keyword }) => keyword) ?? [];
  const user = all("USER");
  expect(user).toEqual(["1000:1000"]);
  expect(keywords.lastIndexOf("USER")).toBeLessThan(keywords.indexOf("ENTRYPOINT"));
  // Nothing after it would need another user, and what Compose runs is the same one.
  expect(keywords.slice(keywords.lastIndexOf("USER")).filter((keyword) => /RUN|COPY/.test(keyword))).toEqual([]);
  const { worker } = composeFile().services;
  expect(worker?.user).toBe(user[0]);
});

test("it runs the command of this package, in exec form, and a command that exists", () => {
  const [entrypoint = ""] = all("ENTRYPOINT");
  const [name = ""] = execForm(entrypoint);
  expect(manifest.bin[name]).toBe("dist/src/cli/main.js");
  expect(all("RUN").join("\n")).toContain(`ln -s /app/${manifest.bin[name]} /usr/local/bin/${name}`);
  const [command = ""] = all("CMD");
  expect(commands.map((each) => each.name)).toContain(execForm(command)[0]);
});

test("its variables are settings with values that they take, and none is a secret", () => {
  const env = pairsOf(all("ENV"));
  const config = readConfig({}, env);
  const settings = Object.keys(env).filter((key) => key.startsWith("SETTLEMENT_"));
  expect(config.given.size).toBe(settings.length);
  expect(config).toMatchObject({ ledger: "/ledger", data: "/data", host: "0.0.0.0" });
  expect(Object.keys(env).filter((key) => !settings.includes(key))).toEqual(["NODE_ENV"]);
});

test("its labels say what the package says of itself", () => {
  expect(pairsOf(all("LABEL"))).toMatchObject({
    "org.opencontainers.image.title": manifest.name,
    "org.opencontainers.image.version": manifest.version,
    "org.opencontainers.image.licenses": manifest.license,
  });
});

test("no secret comes in by the build", () => {
  expect(all("ARG", every)).toEqual([]);
  expect(all("RUN", every).filter((line) => line.includes("--mount=type=secret"))).toEqual([]);
});

test("every folder that a service of this image writes is there, and its user's", () => {
  const [made = ""] = all("RUN");
  const folders = /^install --directory --owner=1000 --group=1000 ([^&]*)/.exec(made)?.[1]?.trim().split(/ +/) ?? [];
  const own = Object.values(composeFile().services).filter(({ user }) => user === "1000:1000");
  const written = own.flatMap((service) => mountsOf(service).filter(({ isReadOnly }) => !isReadOnly));
  for (const { target } of written) expect(folders).toContain(target);
});

test("it is watched by Node itself", () => {
  const [check = ""] = all("HEALTHCHECK");
  const [program, flag, code = ""] = execForm(check);
  expect([program, flag]).toEqual(["node", "--eval"]);
  expect(code).toContain("/v1/health");
});

describe("the build sees", () => {
  const copied = stages.flatMap(({ instructions }) =>
    all("COPY", instructions)
      .map((rest) => copyOf({ keyword: "COPY", rest }))
      .filter(({ stage }) => stage === undefined)
      .flatMap(({ sources }) => sources),
  );

  test.each([...new Set(copied)])("%s", (source) => {
    expect(existsSync(join(checkout, source))).toBe(true);
    expect(contextFiles().some((path) => path === source || path.startsWith(`${source}/`))).toBe(true);
  });
});

describe("the build does not see", () => {
  test.each([
    ".git/config",
    ".env",
    ".env.local",
    "src/.env",
    "data/settlement-key.pem",
    "data/state/postgres/PG_VERSION",
    "node_modules/xrpl/package.json",
    "dist/src/cli/main.js",
    "account.seed",
    "settlement.pem",
    "ledger/settlement.pem",
    "src/account.seed",
    "postgres-password.txt",
    "secrets/redis-url",
    "docker-compose.override.yml",
    "config.json",
    "test/vectors/event.json",
    "scripts/make-sample-ledger.ts",
  ])("%s", (path) => {
    expect(isInContext(path)).toBe(false);
  });
});
