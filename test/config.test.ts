import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flagOf, readConfig, variableOf } from "../src/config.ts";
import { settings } from "../src/settings.ts";
import { temporaryFolder } from "./support/settle.ts";

function configFile(content: unknown): string {
  const path = join(temporaryFolder(), "settlement.config.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test("a flag beats a variable, a variable the file, the file the default", () => {
  const config = configFile({ ledger: "of file", data: "of file", host: "of file" });
  const env = { SETTLEMENT_LEDGER: "of variable", SETTLEMENT_DATA: "of variable" };
  expect(readConfig({ ledger: "of flag", config }, env)).toMatchObject({
    ledger: "of flag",
    data: "of variable",
    host: "of file",
    port: 8080,
  });
});

test("values are converted, wherever they come from", () => {
  const config = configFile({ port: 1, endpoint: ["ws://a", "ws://b"], yesMainnet: true });
  expect(readConfig({ config }, {})).toMatchObject({ port: 1, endpoint: ["ws://a", "ws://b"], yesMainnet: true });
  const env = { SETTLEMENT_PORT: "2", SETTLEMENT_ENDPOINT: "ws://a,ws://b", SETTLEMENT_YES_MAINNET: "true" };
  expect(readConfig({}, env)).toMatchObject({ port: 2, endpoint: ["ws://a", "ws://b"], yesMainnet: true });
  expect(readConfig({ port: "3", endpoint: ["ws://a"] }, {})).toMatchObject({ port: 3, endpoint: ["ws://a"] });
});

test("every setting can be given by variable and by file", () => {
  const ofKind = { text: "x", count: "7", switch: "true", list: "ws://a,ws://b" } as const;
  const ofForm = {
    network: "devnet",
    account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    origin: "ledger.example.org",
    queue: "redis",
    closeCron: "20 0 1 * *",
    checkpointCron: "0 6 * * *",
    signerKey: `ED${"7".repeat(64)}`,
    logLevel: "warn",
    listUrl: "https://lists.example.org",
    trustProxy: "loopback,10.0.0.0/8",
    from: "https://ledger.example.org/",
    failOn: "fail",
    show: "integrity",
    id: "org/repo",
    kind: "attestor",
    dialect: "jsonl",
    provides: "a.v1,b.c.v2",
    consumes: "a.v1",
    url: "https://ledger.example.org",
    repository: "org/ledger",
    keyId: "ada-1",
    reason: "rotation",
  };
  const examples = Object.entries(settings).map(([name, { kind }]): [string, string] => [name, ofKind[kind]]);
  const values = { ...Object.fromEntries(examples), ...ofForm };
  const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), value]));
  expect(readConfig({}, env).given.size).toBe(Object.keys(settings).length);
  const file = { ...values, endpoint: ["ws://a"] };
  expect(readConfig({ config: configFile(file) }, {}).given.size).toBe(Object.keys(settings).length);
});

test("secrets come from variables alone, and the whole is frozen", () => {
  const config = readConfig({ seed: "flag", key: "flag" }, { SETTLEMENT_SEED: "variable" });
  expect(config).toMatchObject({ seed: "variable", key: undefined });
  expect(Object.isFrozen(config)).toBe(true);
});

describe("refused", () => {
  test("all faults are named together", () => {
    const config = configFile({ prot: 1, port: "many", endpoint: [] });
    const env = { SETTLEMENT_FEE_CAP: "-1", SETTLEMENT_YES_MAINNET: "maybe" };
    const faults =
      /unknown setting "prot".*SETTLEMENT_FEE_CAP must be a whole number.*port must be a whole number.*SETTLEMENT_YES_MAINNET must be true or false/s;
    expect(() => readConfig({ config }, env)).toThrowError(faults);
    expect(() => readConfig({ config }, env)).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("a secret in the config file", () => {
    expect(() => readConfig({ config: configFile({ seed: "sEd7secret" }) }, {})).toThrowError(/unknown setting "seed"/);
  });

  test("a config file that is not there", () => {
    expect(() => readConfig({ config: "/nowhere.json" }, {})).toThrowError(/cannot be read/);
  });
});

test("names follow one rule", () => {
  expect(flagOf("yesMainnet")).toBe("--yes-mainnet");
  expect(variableOf("yesMainnet")).toBe("SETTLEMENT_YES_MAINNET");
});

test("a proxy is an address, a subnet, or a name that Express knows", () => {
  const heard = (text: string): boolean => {
    try {
      return readConfig({}, { SETTLEMENT_TRUST_PROXY: text }).given.has("trustProxy");
    } catch {
      return false;
    }
  };
  const good = ["10.0.0.7", "10.0.0.0/8", "::1", "2001:db8::/32", "loopback,uniquelocal", "0.0.0.0/0"];
  const bad = ["true", "1", "example.org", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8", "*"];
  expect([...good, ...bad].filter(heard)).toEqual(good);
});
