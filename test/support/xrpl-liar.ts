import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { Localnet } from "../../src/localnet/start-localnet.ts";
import { isRefusal, type RpcRefusal, type XrplServer } from "../../src/adapters/xrpl-rpc.ts";

type Answer = JsonObject | RpcRefusal;

/** Alters an answer, or makes one up; `parameters` are those of the request. */
type Change = (answer: JsonObject, parameters: JsonObject) => unknown;

/** The same server under another name, as a second endpoint would be. */
export function named(server: XrplServer, endpoint: string): XrplServer {
  return { ...server, endpoint };
}

/**
 * A server between us and an honest one that alters answers before they arrive.
 *
 * @param changes - by command; refusals go through `refusals`
 */
export function lying(
  server: XrplServer,
  changes: Readonly<Record<string, Change>>,
  refusals: Readonly<Record<string, (refusal: RpcRefusal, parameters: JsonObject) => unknown>> = {},
): XrplServer {
  return {
    ...server,
    endpoint: "liar",
    async request(command, parameters = {}) {
      const answer: Answer = structuredClone(await server.request(command, parameters));
      if (isRefusal(answer)) return (refusals[command]?.(answer, parameters) ?? answer) as Answer;
      const change = changes[command];
      return (change ? change(answer, parameters) : answer) as Answer;
    },
  };
}

/** A server that counts what it is asked. */
export function counting(server: XrplServer): XrplServer & { count(command?: string): number } {
  const asked: string[] = [];
  return {
    ...server,
    count: (command) => asked.filter((each) => command === undefined || each === command).length,
    request(command, parameters) {
      asked.push(command);
      return server.request(command, parameters);
    },
  };
}

/** An answer with a member, at any depth, replaced; undefined removes it. */
export function withMember(
  answer: JsonObject,
  [name = "", ...rest]: readonly string[],
  value: JsonValue | undefined,
): JsonObject {
  const inner = answer[name] as JsonObject | undefined;
  const next = rest.length === 0 ? value : withMember(inner ?? {}, rest, value);
  return Object.fromEntries(
    Object.entries({ ...answer, [name]: next }).filter(([, each]) => each !== undefined),
  ) as JsonObject;
}

/** A server that answers in API version 1, whatever version it is asked in. */
export function versionOne({ rpcUrl }: Localnet): XrplServer {
  return {
    endpoint: "version 1",
    async request(method, parameters = {}) {
      const body = JSON.stringify({ method, params: [{ ...parameters, api_version: 1 }] });
      const response = await fetch(rpcUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
      const { result } = (await response.json()) as { readonly result: JsonObject };
      if (typeof result["error"] !== "string") return result;
      return { error: result["error"], message: JSON.stringify(result["error_message"]) };
    },
    close: () => Promise.resolve(),
  };
}
