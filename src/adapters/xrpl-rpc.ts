import { Client, RippledError, TimeoutError } from "xrpl";
import { SettlementError } from "../core/error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";

/** A server's refusal, by rippled's own short name, such as `txnNotFound`. */
export interface RpcRefusal {
  readonly error: string;
  readonly message: string;
}

/** One XRPL server, API version 2. Whatever it answers is its word alone. */
export interface XrplServer {
  /** Where it is, for messages; without what a provider put behind the host. */
  readonly endpoint: string;
  /** @throws SettlementError `CHAIN_UNREACHABLE` when there is no answer, `CHAIN_ANSWER_MALFORMED` when it is no object */
  request(command: string, parameters?: JsonObject): Promise<JsonObject | RpcRefusal>;
  close(): Promise<void>;
}

export function isRefusal(answer: JsonObject | RpcRefusal): answer is RpcRefusal {
  return typeof answer["error"] === "string";
}

/** A refusal for people, whatever the server put there. */
export function refusalText({ error, message }: RpcRefusal): string {
  return [error, message]
    .filter((each) => typeof each === "string")
    .join(": ")
    .slice(0, 300);
}

/** Time to connect and to answer: a server that takes longer is passed over. */
const defaultTimeoutMs = 15_000;

/** Why, in a line: xrpl.js repeats the whole request in the message of a timeout. */
function describe(error: unknown): string {
  if (error instanceof TimeoutError) return "it took too long";
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}

interface Connection {
  readonly client: Promise<Client>;
}

async function connect(endpoint: string, timeoutMs: number): Promise<Client> {
  const client = new Client(endpoint, { connectionTimeout: timeoutMs, timeout: timeoutMs });
  // xrpl.js reports a broken connection here too; the request that needed it rejects by itself.
  client.on("error", () => undefined);
  try {
    // Not the client's own `connect`: it asks for server_info, waits for that, and prints what fails.
    await client.connection.connect();
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
 * One server over WebSocket, through xrpl.js. A connection is made when it is first needed and again when it broke; a
 * request is sent once, for the caller knows others to ask.
 *
 * @param address - `ws:` or `wss:` address from the configuration
 */
export function xrplServer(address: string, timeoutMs: number = defaultTimeoutMs): XrplServer {
  const endpoint = withoutSecrets(address);
  let current: Connection | undefined;

  async function leave(connection: Connection): Promise<void> {
    if (current === connection) current = undefined;
    await connection.client.then((client) => client.disconnect()).catch(() => undefined);
  }

  /** The connection in use; a new one where there is none that is open. */
  async function connected(): Promise<Connection> {
    const before = current;
    const isOpen = (await before?.client.catch(() => undefined))?.isConnected() ?? false;
    if (before && !isOpen) void leave(before);
    current ??= { client: connect(address, timeoutMs) };
    return current;
  }

  return {
    endpoint,
    async request(command, parameters = {}) {
      const connection = await connected();
      let answer: unknown;
      try {
        const client = await connection.client;
        answer = await client.connection.request({ ...parameters, command, api_version: 2 });
      } catch (error) {
        if (error instanceof RippledError) return refusalOf(error);
        // Not awaited: a server that is silent does not answer the closing of the connection either.
        void leave(connection);
        throw new SettlementError(
          "CHAIN_UNREACHABLE",
          `no XRPL server answered ${command} at ${endpoint}: ${describe(error)}`,
          { cause: error },
        );
      }
      const result = isJsonObject(answer) ? answer["result"] : undefined;
      if (isJsonObject(result)) return result;
      throw new SettlementError("CHAIN_ANSWER_MALFORMED", `${endpoint} answered ${command} with no object`);
    },
    async close() {
      if (current) await leave(current);
    },
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
