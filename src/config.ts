import { readFileSync } from "node:fs";
import { SettlementError } from "./core/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "./core/json.ts";
import { type Setting, type SettingName, settings } from "./settings.ts";

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
  /** Settings that were given, not taken from their defaults. */
  readonly given: ReadonlySet<string>;
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
  const given = new Set<string>();
  const values: Record<string, unknown> = { given, seed: env["SETTLEMENT_SEED"], key: env["SETTLEMENT_KEY"] };
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const sources: readonly (readonly [string, unknown])[] = [
      [flagOf(name), flags[name]],
      [variableOf(name), env[variableOf(name)]],
      [`${path ?? ""}: ${name}`, file[name]],
    ];
    const [source, raw] = sources.find(([, value]) => value !== undefined) ?? [];
    const value = raw === undefined ? setting.value : converters[setting.kind](raw as Raw);
    if (raw !== undefined && value === undefined) faults.push(`${source ?? ""} must be ${expected[setting.kind]}`);
    if (raw !== undefined) given.add(name);
    values[name] = value;
  }
  if (faults.length > 0) throw new SettlementError("CONFIG_INVALID", faults.join("; "));
  return Object.freeze(values) as unknown as Config;
}
