import { readFileSync } from "node:fs";
import { SettlementError } from "./core/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "./core/json.ts";

interface Setting {
  readonly kind: "text" | "count" | "switch" | "list";
  /** Shown in help, with the default. */
  readonly about: string;
  readonly value?: string | number | boolean | readonly string[];
  /** Placeholder of the flag. */
  readonly holder?: string;
}

/**
 * Every setting, once: its flag is `--kebab-case`, its variable `SETTLEMENT_UPPER_CASE`, its member in the config file
 * the name itself. A flag beats a variable, a variable the file, the file the default.
 */
export const settings = {
  ledger: { kind: "text", holder: "DIR", about: "the ledger folder, or the repository that holds it", value: "ledger" },
  data: {
    kind: "text",
    holder: "DIR",
    about: "state of this node: attempts, local network, keys it made",
    value: "data",
  },
  network: {
    kind: "text",
    holder: "NAME",
    about: "local, testnet, devnet, mainnet or xrpl-<network id>",
    value: "local",
  },
  networkId: { kind: "count", holder: "N", about: "network id of the endpoints, where --network does not tell" },
  endpoint: { kind: "list", holder: "URL", about: "WebSocket address of an XRPL server; may be given more than once" },
  account: {
    kind: "text",
    holder: "ADDRESS",
    about: "the account that anchors, when the seed is that of its regular key",
  },
  seedFile: { kind: "text", holder: "FILE", about: "file with the XRPL seed of the account or of its regular key" },
  keyFile: { kind: "text", holder: "FILE", about: "file with the settlement key, PEM (PKCS#8 Ed25519)" },
  trust: { kind: "text", holder: "FILE", about: "trust file: publishers, accounts and logs a verifier pins" },
  policy: { kind: "text", holder: "FILE", about: "verifier.policy.json of a jsonl network" },
  origin: { kind: "text", holder: "HOST", about: "host of the logs' names, for a ledger without settlement.json" },
  feeCap: { kind: "count", holder: "DROPS", about: "most that one anchor may cost", value: 10_000 },
  ledgerWindow: { kind: "count", holder: "N", about: "ledgers a transaction may wait before it expires", value: 20 },
  grace: {
    kind: "count",
    holder: "MINUTES",
    about: "time after a month during which events may still come",
    value: 1440,
  },
  patience: {
    kind: "count",
    holder: "SECONDS",
    about: "time to wait for a transaction before the outcome is called unknown",
    value: 120,
  },
  host: { kind: "text", holder: "ADDRESS", about: "address to listen on", value: "127.0.0.1" },
  port: { kind: "count", holder: "P", about: "port to listen on; 0 takes a free one", value: 8080 },
  yesMainnet: { kind: "switch", about: "really anchor on mainnet, where it costs money", value: false },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

interface Values {
  readonly text: string;
  readonly count: number;
  readonly switch: boolean;
  readonly list: readonly string[];
}

/** Settings without a default may be undefined. */
export type Config = {
  readonly [Name in SettingName]:
    | Values[(typeof settings)[Name]["kind"]]
    | ((typeof settings)[Name] extends { readonly value: unknown } ? never : undefined);
} & {
  /** From `SETTLEMENT_SEED`; a secret. */
  readonly seed: string | undefined;
  /** From `SETTLEMENT_KEY`; a secret. */
  readonly key: string | undefined;
};

/** `--kebab-case` of a setting. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `SETTLEMENT_UPPER_CASE` of a setting. */
export function variableOf(name: string): string {
  return `SETTLEMENT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

type Raw = string | number | boolean | readonly string[];

const switchValues: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

const converters: Readonly<Record<Setting["kind"], (raw: Raw) => Raw | undefined>> = {
  text: (raw) => (typeof raw === "string" && raw !== "" ? raw : undefined),
  count: (raw) => (/^(0|[1-9]\d{0,14})$/.test(String(raw)) ? Number(raw) : undefined),
  switch: (raw) => switchValues[String(raw)],
  list: (raw) => {
    const items: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : [];
    const texts = items.filter((item) => typeof item === "string" && item !== "");
    return items.length > 0 && texts.length === items.length ? (texts as readonly string[]) : undefined;
  },
};

const expected = { text: "a text", count: "a whole number", switch: "true or false", list: "a list of texts" } as const;

function readConfigFile(path: string | undefined): JsonObject {
  if (path === undefined) return {};
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SettlementError("CONFIG_INVALID", `the config file ${path} cannot be read; check --config`, { cause });
  }
  const value = parseJson(bytes, { maxBytes: 1_000_000 });
  if (!isJsonObject(value))
    throw new SettlementError("CONFIG_INVALID", `the config file ${path} must hold a JSON object`);
  return value;
}

/**
 * The configuration of one run, frozen.
 *
 * @param flags - values of command-line flags by setting name, undefined where not given
 * @param env - the environment
 * @throws SettlementError `CONFIG_INVALID` naming every fault at once
 */
export function readConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const path = typeof flags["config"] === "string" ? flags["config"] : env["SETTLEMENT_CONFIG"];
  const file = readConfigFile(path);
  const faults = Object.keys(file)
    .filter((name) => !Object.hasOwn(settings, name))
    .map((name) => `${path ?? ""}: unknown setting ${JSON.stringify(name.slice(0, 40))}`);
  const values: Record<string, unknown> = { seed: env["SETTLEMENT_SEED"], key: env["SETTLEMENT_KEY"] };
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const sources: readonly (readonly [string, unknown])[] = [
      [flagOf(name), flags[name]],
      [variableOf(name), env[variableOf(name)]],
      [`${path ?? ""}: ${name}`, file[name]],
    ];
    const [source, raw] = sources.find(([, value]) => value !== undefined) ?? [];
    const value = raw === undefined ? setting.value : converters[setting.kind](raw as Raw);
    if (raw !== undefined && value === undefined) faults.push(`${source ?? ""} must be ${expected[setting.kind]}`);
    values[name] = value;
  }
  if (faults.length > 0) throw new SettlementError("CONFIG_INVALID", faults.join("; "));
  return Object.freeze(values) as unknown as Config;
}
