import { WebSocket } from "ws";
import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { isJsonObject, parseJson } from "../core/json.ts";
import { parseValidation } from "../core/xrpl/validation.ts";
import type { HeardLedger, Log, Validations } from "../ports.ts";

export interface ListenOptions {
  /** `ws:` or `wss:` addresses; all of them are listened to at once. */
  readonly endpoints: readonly string[];
  readonly log?: Log;
  /** Ledgers remembered. */
  readonly ledgers?: number;
  /** A connection on which nothing came for so long is dead. */
  readonly idleMs?: number;
}

export interface Listening extends Validations {
  /** Messages without the signed bytes, or with bytes that are no validation: of no use to anybody. */
  readonly dropped: () => number;
  close(): Promise<void>;
}

const defaults = { ledgers: 256, idleMs: 60_000 } as const;
/** Signers of one ledger that are remembered: far more than any list has members. */
const maxSigners = 400;
const maxMessageBytes = 65_536;
const reconnectMs = { first: 1000, most: 60_000 } as const;

interface Heard {
  readonly ledgerIndex: number;
  /** By signing key; a full validation takes the place of a partial one. */
  readonly bySigner: Map<string, { readonly bytes: Uint8Array; readonly isFull: boolean }>;
}

/** Validations by ledger hash, bounded. */
function makeBuffer(limit: number): Validations & { add(bytes: Uint8Array): void } {
  const ledgers = new Map<string, Heard>();
  return {
    add(bytes) {
      const { ledgerHash, ledgerIndex, signingKey, isFull } = parseValidation(bytes);
      const hash = toHex(ledgerHash).toUpperCase();
      let heard = ledgers.get(hash);
      if (!heard) {
        heard = { ledgerIndex, bySigner: new Map() };
        ledgers.set(hash, heard);
        const [oldest] = ledgers.keys();
        if (ledgers.size > limit && oldest !== undefined) ledgers.delete(oldest);
      }
      const key = toHex(signingKey);
      const known = heard.bySigner.get(key);
      if (known?.isFull || (!known && heard.bySigner.size >= maxSigners)) return;
      heard.bySigner.set(key, { bytes, isFull });
    },
    heardFrom: (ledgerIndex) =>
      Array.from(ledgers, ([ledgerHash, heard]): HeardLedger => ({
        ledgerHash,
        ledgerIndex: heard.ledgerIndex,
        validations: Array.from(heard.bySigner.values(), ({ bytes }) => bytes),
      }))
        .filter((heard) => heard.ledgerIndex >= ledgerIndex)
        .toSorted((a, b) => a.ledgerIndex - b.ledgerIndex),
  };
}

/** The signed bytes in a message of the stream; undefined for any other message. @throws SettlementError */
function validationIn(text: string): Uint8Array | undefined {
  const message = parseJson(text, { maxBytes: maxMessageBytes });
  if (!isJsonObject(message) || message["type"] !== "validationReceived") return undefined;
  const { data } = message;
  if (typeof data !== "string")
    throw new SettlementError("CHAIN_ANSWER_MALFORMED", "a validation came without its signed bytes");
  return fromHex(data);
}

/**
 * Listens to the validation streams of several servers at once. A broken or silent connection is made again, less and less
 * often while it keeps breaking; what the others hear meanwhile is not lost.
 */
export function listenToValidations({ endpoints, log, ...options }: ListenOptions): Listening {
  const { ledgers = defaults.ledgers, idleMs = defaults.idleMs } = options;
  const buffer = makeBuffer(ledgers);
  let dropped = 0;
  const hear = (text: string): void => {
    try {
      const bytes = validationIn(text);
      if (bytes) buffer.add(bytes);
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      dropped++;
    }
  };
  const connections = endpoints.map((endpoint) => follow(endpoint, { hear, idleMs, ...(log ? { log } : {}) }));
  return {
    heardFrom: buffer.heardFrom,
    dropped: () => dropped,
    close: async () => void (await Promise.all(connections.map((end) => end()))),
  };
}

interface FollowOptions {
  readonly hear: (text: string) => void;
  readonly idleMs: number;
  readonly log?: Log;
}

/** One connection, made again whenever it breaks, until the function that comes back is called. */
function follow(endpoint: string, { hear, idleMs, log }: FollowOptions): () => Promise<void> {
  const { host } = new URL(endpoint);
  let ended = false;
  let failures = 0;
  let socket: WebSocket | undefined;
  let again: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  const connect = (): void => {
    const opened = new WebSocket(endpoint, { maxPayload: maxMessageBytes * 16, handshakeTimeout: 20_000 });
    socket = opened;
    const alive = (): void => {
      clearTimeout(idle);
      idle = setTimeout(() => opened.terminate(), idleMs);
    };
    alive();
    opened.on("open", () => {
      opened.send(JSON.stringify({ id: 1, command: "subscribe", streams: ["validations"], api_version: 2 }));
    });
    opened.on("message", (data) => {
      alive();
      failures = 0;
      hear((data as Buffer).toString("utf8"));
    });
    // What went wrong is told by the close that follows.
    opened.on("error", () => undefined);
    opened.on("close", (code) => {
      clearTimeout(idle);
      if (ended) return;
      const waitMs = Math.min(reconnectMs.most, reconnectMs.first * 2 ** failures++);
      log?.({ level: "debug", message: "validation stream lost", server: host, code, againInMs: waitMs });
      again = setTimeout(connect, waitMs);
    });
  };
  connect();
  return async () => {
    ended = true;
    clearTimeout(again);
    clearTimeout(idle);
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket?.once("close", resolve));
    socket.terminate();
    await closed;
  };
}
