import type { Request } from "express";
import { SettlementError } from "../core/error.ts";
import type { Input, Route } from "./route.ts";

/** @throws SettlementError `PARAMETER_UNKNOWN`, `PARAMETER_REPEATED` */
function readQuery(url: string, names: readonly string[]): ReadonlyMap<string, string> {
  const at = url.indexOf("?");
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(at < 0 ? "" : url.slice(at))) {
    const shown = JSON.stringify(name.slice(0, 40));
    if (!names.includes(name)) {
      const known = names.length === 0 ? "this path takes none" : `known: ${names.join(", ")}`;
      throw new SettlementError("PARAMETER_UNKNOWN", `there is no query parameter ${shown}; ${known}`);
    }
    if (found.has(name)) throw new SettlementError("PARAMETER_REPEATED", `query parameter ${shown} is given twice`);
    found.set(name, value);
  }
  return found;
}

/**
 * @param actor - who asks
 * @throws SettlementError `PARAMETER_UNKNOWN`, `PARAMETER_REPEATED`
 */
export function inputOf(request: Request, { query = [] }: Route, actor: string): Input {
  const values = readQuery(request.url, query);
  const params = request.params as Readonly<Record<string, string | readonly string[] | undefined>>;
  return {
    path(name) {
      const value = params[name] ?? "";
      // A slash that came encoded inside a segment stays encoded, so that a path has one spelling.
      return typeof value === "string" ? value : value.map(encodeURIComponent).join("/");
    },
    query: (name) => values.get(name),
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
    actor,
  };
}
