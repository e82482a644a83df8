import { readFileSync } from "node:fs";
import { parse } from "yaml";

type Strings = readonly string[];

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: Strings;
  readonly security_opt: Strings;
  readonly restart: string;
  readonly profiles?: Strings;
  readonly entrypoint?: Strings;
  readonly command?: Strings;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly volumes?: Strings;
  readonly tmpfs?: Strings;
  readonly ports?: Strings;
  readonly networks?: Strings;
  readonly network_mode?: string;
  readonly secrets?: Strings;
  readonly healthcheck?: { readonly test?: Strings; readonly disable?: boolean };
  readonly stop_grace_period?: string;
  readonly deploy: { readonly resources: { readonly limits: { readonly cpus: string; readonly memory: string } } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

/** What Compose makes of `$$`, `${NAME}` and `${NAME:-default}`. */
function interpolated(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\{(\w+)(?::-([^}]*))?\})/g, (whole, name: string | undefined, fallback = "") =>
    whole === "$$" ? "$" : env[name ?? ""] || fallback,
  );
}

function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, everyText(each, change)]));
}

/** A Compose file as its program sees it, with the variables of `.env` in their places. */
export function parseCompose(yaml: string, env: Readonly<Record<string, string>> = {}): unknown {
  return everyText(parse(yaml, { merge: true }), (text) => interpolated(text, env));
}

/** The Compose file of this package. */
export const composeText = readFileSync(new URL("../../docker-compose.yml", import.meta.url), "utf8");

export function composeFile(env: Readonly<Record<string, string>> = {}): ComposeFile {
  return parseCompose(composeText, env) as ComposeFile;
}

/** A file laid over another, as Compose does: maps are merged, lists appended, anything else replaced. */
export function overlaid(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (!isMap(below) || !isMap(above)) return above;
  const names = new Set([...Object.keys(below), ...Object.keys(above)]);
  const member = (name: string): unknown =>
    name in below && name in above ? overlaid(below[name], above[name]) : (above[name] ?? below[name]);
  return Object.fromEntries([...names].map((name) => [name, member(name)]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A mount in its short form. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export function mountsOf({ volumes = [] }: Service): readonly Mount[] {
  return volumes.map((text) => {
    const [, source = "", target = "", mode = ""] = /^(.+?):(\/[^:]*)(?::(.*))?$/.exec(text) ?? [];
    return { source, target, isReadOnly: mode === "ro" };
  });
}

/** Does its work and ends, for others to start after it. */
export function isOneShot({ restart }: Service): boolean {
  return restart === "no";
}
