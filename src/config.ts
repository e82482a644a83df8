import { readFileSync } from "node:fs";
import { SettlementError } from "./core/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "./core/json.ts";
import { placed } from "./core/placed.ts";
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
  /** From `SETTLEMENT_STATE_URL`; a secret. */
  readonly stateUrl: string | undefined;
  /** From `SETTLEMENT_REDIS`; a secret. */
  readonly redis: string | undefined;
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

/** A text of the setting's form. A NUL byte is in no name of a file. */
function isText(value: unknown, { form }: Setting): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0") && (form?.[1](value) ?? true);
}

const converters: Readonly<Record<Setting["kind"], (raw: Raw, setting: Setting) => Raw | undefined>> = {
  text: (raw, setting) => (isText(raw, setting) ? raw : undefined),
  count: (raw, { max = Number.MAX_SAFE_INTEGER }) =>
    /^(0|[1-9]\d{0,14})$/.test(String(raw)) && Number(raw) <= max ? Number(raw) : undefined,
  switch: (raw) => switchValues[String(raw)],
  list: (raw, setting) => {
    const items: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : [];
    const texts = items.filter((item) => isText(item, setting));
    return items.length > 0 && texts.length === items.length ? texts : undefined;
  },
};

/** What a setting must be, for people. */
function expected({ kind, max, form }: Setting): string {
  switch (kind) {
    case "text":
      return form?.[0] ?? "a text";
    case "count":
      return max === undefined ? "a whole number" : `a whole number from 0 to ${max}`;
    case "switch":
      return "true or false";
    case "list":
      return `a list of texts${form ? `, each ${form[0]}` : ""}`;
  }
}

function readConfigFile(path: string | undefined): JsonObject {
  if (path === undefined) return {};
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SettlementError(
      "CONFIG_INVALID",
      `the config file ${path} cannot be read; check --config or SETTLEMENT_CONFIG`,
      { cause },
    );
  }
  const value = placed(`the config file ${path}`, () => parseJson(bytes, { maxBytes: 1_000_000 }));
  if (!isJsonObject(value))
    throw new SettlementError("CONFIG_INVALID", `the config file ${path} must hold a JSON object`);
  return value;
}

/**
 * The configuration of one run, frozen.
 *
 * @param flags - values of command-line flags by setting name, undefined where not given
 * @param env - the environment
 * @throws SettlementError `CONFIG_INVALID` naming every fault at once; those of `parseJson` for the config file
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
  const values: Record<string, unknown> = {
    given,
    seed: env["SETTLEMENT_SEED"] || undefined,
    key: env["SETTLEMENT_KEY"] || undefined,
    stateUrl: env["SETTLEMENT_STATE_URL"] || undefined,
    redis: env["SETTLEMENT_REDIS"] || undefined,
  };
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const sources: readonly (readonly [string, unknown])[] = [
      [flagOf(name), flags[name]],
      [variableOf(name), env[variableOf(name)]],
      [`${path ?? ""}: ${name}`, file[name]],
    ];
    const [source, raw] = sources.find(([, value]) => value !== undefined) ?? [];
    const value = raw === undefined ? setting.value : converters[setting.kind](raw as Raw, setting);
    if (raw !== undefined && value === undefined) faults.push(`${source ?? ""} must be ${expected(setting)}`);
    if (raw !== undefined) given.add(name);
    values[name] = value;
  }
  if (faults.length > 0) throw new SettlementError("CONFIG_INVALID", faults.join("; "));
  return Object.freeze(values) as unknown as Config;
}
