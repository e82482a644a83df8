import { Client, RippledError } from "xrpl";
import { SettlementError } from "../core/error.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";

/** A server's refusal, by rippled's own short name, such as `txnNotFound`. */
export interface RpcRefusal {
  readonly error: string;
  readonly message: string;
}

/** Requests to whichever XRPL server answers, API version 2. */
export interface XrplRpc {
  /** @throws SettlementError `CHAIN_UNREACHABLE` when no endpoint answers */
  request(command: string, parameters?: JsonObject): Promise<JsonObject | RpcRefusal>;
  /** The endpoint in use, for messages. */
  endpoint(): string;
  close(): Promise<void>;
}

export function isRefusal(answer: JsonObject | RpcRefusal): answer is RpcRefusal {
  return typeof answer["error"] === "string";
}

const timeoutMs = 20_000;

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Refusals of a server that is not well for the moment; another may answer. */
const passing: ReadonlySet<string> = new Set([
  "noNetwork",
  "notSynced",
  "noCurrent",
  "noClosed",
  "tooBusy",
  "slowDown",
]);

async function connect(endpoint: string): Promise<Client> {
  const client = new Client(endpoint, { connectionTimeout: timeoutMs, timeout: timeoutMs });
  // xrpl.js reports a broken connection here too; the request that needed it rejects by itself.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.disconnect().catch(() => undefined);
    throw error;
  }
}

/** The address as far as its host: some providers put a key of the customer behind it. */
function withoutSecrets(endpoint: string): string {
  return URL.canParse(endpoint) ? `${new URL(endpoint).protocol}//${new URL(endpoint).host}` : endpoint;
}

/**
 * WebSocket connections through xrpl.js, one at a time. An endpoint that fails is left for the next one; the same
 * request is asked again there, which is safe for all that is asked here: queries, and `submit` of stored bytes.
 *
 * @param endpoints - `ws:` or `wss:` addresses from the configuration, at least one
 */
export function xrplRpc(endpoints: readonly string[]): XrplRpc {
  let at = 0;
  let client: Promise<Client> | undefined;
  const current = (): string => endpoints[at % endpoints.length] ?? "";
  const shown = endpoints.map(withoutSecrets);

  async function connected(): Promise<Client> {
    if (client && !(await client.catch(() => undefined))?.isConnected()) await drop();
    client ??= connect(current());
    return client;
  }

  async function drop(): Promise<void> {
    const old = client;
    client = undefined;
    await old?.then((connection) => connection.disconnect()).catch(() => undefined);
  }

  return {
    endpoint: () => withoutSecrets(current()),
    async request(command, parameters = {}) {
      let last: unknown;
      for (let tries = 0; tries < endpoints.length * 2; tries++) {
        try {
          const connection = await connected();
          const answer = await connection.connection.request({ ...parameters, command, api_version: 2 });
          return (answer as { readonly result: JsonObject }).result;
        } catch (error) {
          const refusal = error instanceof RippledError ? refusalOf(error) : undefined;
          if (refusal && !passing.has(refusal.error)) return refusal;
          last = error;
          await drop();
          at++;
        }
      }
      throw new SettlementError(
        "CHAIN_UNREACHABLE",
        `no XRPL server answered ${command} (asked ${shown.join(", ")}): ${describe(last)}`,
        { cause: last },
      );
    },
    close: drop,
  };
}

function refusalOf(error: RippledError): RpcRefusal {
  const data = (typeof error.data === "object" && error.data !== null ? error.data : {}) as Readonly<
    Record<string, JsonValue>
  >;
  const text = (name: string): string | undefined => (typeof data[name] === "string" ? data[name] : undefined);
  return {
    error: text("error") ?? "unknown",
    message: text("error_exception") ?? text("error_message") ?? error.message,
  };
}
