import { type Call } from "./call.ts";
import { fault, RpcFault } from "./fault.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { methodTable } from "./method-table.ts";

export type Outcome = { readonly result: JsonObject } | { readonly refused: RpcFault };

/** May this port not ask for this method at all? (HTTP answers 403, WebSocket `forbidden`.) */
export function isForbidden(method: string, role: Call["role"]): boolean {
  return role !== "admin" && methodTable.get(method)?.adminOnly === true;
}

/** Runs a method. Whatever goes wrong inside is an answer too: `internal`. */
export function runMethod(call: Call): Outcome {
  const entry = methodTable.get(call.method);
  if (entry === undefined || call.apiVersion > (entry.lastVersion ?? 2)) return { refused: fault("unknownCmd") };
  try {
    return { result: entry.run(call) };
  } catch (error) {
    return { refused: error instanceof RpcFault ? error : fault("internal") };
  }
}

/** The API version of a request: 1 where none is given, `undefined` where it is none of ours. */
export function apiVersionOf(params: unknown): Call["apiVersion"] | undefined {
  const given = isJsonObject(params) ? params["api_version"] : undefined;
  if (given === undefined) return 1;
  return given === 1 || given === 2 ? given : undefined;
}

const secretFields = ["passphrase", "secret", "seed", "seed_hex"];

/** The request as an error repeats it: without its secrets. */
export function maskedRequest(request: JsonObject): JsonObject {
  const masked = { ...request };
  for (const name of secretFields) if (masked[name] !== undefined) masked[name] = "<masked>";
  return masked;
}

/** The members of a request that its answer repeats. */
export function repeated(request: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]));
}
