import { WebSocket } from "ws";
import { fromBase64, fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../core/json.ts";
import { nodeKeyText } from "../core/xrpl/validation.ts";
import type { Log, Validations } from "../ports.ts";
import { type HeardBuffer, heardBuffer } from "./heard-buffer.ts";

export interface ListenOptions {
  /** `ws:` or `wss:` addresses; all of them are listened to at once. */
  readonly endpoints: readonly string[];
  readonly log?: Log;
  /** Ledgers remembered. */
  readonly ledgers?: number;
  /** A connection on which nothing came for so long is dead. */
  readonly idleMs?: number;
  /** Time after which nobody is waited for any more. */
  readonly readyMs?: number;
}

export interface Listening extends Validations {
  /** Resolves when a server said that it sends validations from now on, and in any case soon. */
  readonly ready: Promise<void>;
  /** Messages without the signed bytes, or with bytes that are none of ours: of no use to anybody. */
  readonly dropped: () => number;
  close(): Promise<void>;
}

const defaults = { ledgers: 256, idleMs: 60_000, readyMs: 5000 } as const;
const maxMessageBytes = 65_536;
const reconnectMs = { first: 1000, most: 60_000 } as const;
/** Keys that are asked about on one connection: more than sign on any network. */
const maxAsked = 1000;

/** What one connection does with messages. */
interface Hearing {
  /** To be sent when the connection is up. */
  readonly greetings: readonly string[];
  /** Returns what is to be sent in turn. @throws SettlementError for a message that is of no use */
  hear(message: JsonObject): string | undefined;
}

/** @throws SettlementError `CHAIN_ANSWER_MALFORMED` */
function signedBytesIn(message: JsonObject, name: string): Uint8Array {
  const text = message[name];
  if (typeof text === "string") return fromHex(text);
  throw new SettlementError("CHAIN_ANSWER_MALFORMED", `a message of the stream came without its signed bytes`);
}

/**
 * Follows validations and manifests, and asks, one question at a time, for the manifests of keys that sign and were not
 * seen yet: a list may be older than a validator's signing key, and the stream tells of new manifests alone.
 *
 * @param subscribed - called when the server said that it sends validations
 */
function hearing(buffer: HeardBuffer, subscribed: () => void): Hearing {
  const asked = new Set<string>();
  const toAsk: Uint8Array[] = [];
  let isAsking = false;
  const next = (): string | undefined => {
    const key = isAsking ? undefined : toAsk.shift();
    if (!key) return undefined;
    isAsking = true;
    return JSON.stringify({ id: "manifest", command: "manifest", public_key: nodeKeyText(key), api_version: 2 });
  };
  const hearValidation = (bytes: Uint8Array): void => {
    const key = buffer.addValidation(bytes);
    const name = toHex(key);
    if (asked.has(name) || asked.size >= maxAsked || buffer.knows(key)) return;
    asked.add(name);
    toAsk.push(key);
  };
  return {
    // Two, so that a server without one of the streams still gives the other.
    greetings: ["validations", "manifests"].map((stream) =>
      JSON.stringify({ id: stream, command: "subscribe", streams: [stream], api_version: 2 }),
    ),
    hear(message) {
      if (message["id"] === "manifest") {
        isAsking = false;
        const { result } = message;
        const manifest = isJsonObject(result) ? result["manifest"] : undefined;
        if (typeof manifest === "string") buffer.addManifest(fromBase64(manifest));
      } else if (message["id"] === "validations") {
        if (message["status"] === "success") subscribed();
      } else if (message["type"] === "validationReceived") {
        hearValidation(signedBytesIn(message, "data"));
      } else if (message["type"] === "manifestReceived") {
        buffer.addManifest(signedBytesIn(message, "manifest"));
      }
      return next();
    },
  };
}

/**
 * Listens to the validation streams of several servers at once. A broken or silent connection is made again, less and less
 * often while it keeps breaking; what the others hear meanwhile is not lost.
 */
export function listenToValidations({ endpoints, log, ...options }: ListenOptions): Listening {
  const { ledgers = defaults.ledgers, idleMs = defaults.idleMs, readyMs = defaults.readyMs } = options;
  const buffer = heardBuffer(ledgers);
  const { promise: ready, resolve: subscribed } = Promise.withResolvers<void>();
  const patience = setTimeout(() => {
    log?.({ level: "warn", message: "no server sends validations yet; who signs meanwhile is missed", readyMs });
    subscribed();
  }, readyMs);
  void ready.then(() => clearTimeout(patience));
  let dropped = 0;
  const drop = (): void => void dropped++;
  const told = log ? { log } : {};
  const connections = endpoints.map((endpoint) =>
    follow(endpoint, { begin: () => hearing(buffer, subscribed), drop, idleMs, ...told }),
  );
  return {
    ready,
    heardFrom: buffer.heardFrom,
    manifests: buffer.manifests,
    dropped: () => dropped,
    async close() {
      subscribed();
      await Promise.all(connections.map((end) => end()));
    },
  };
}

interface FollowOptions {
  /** Called for each connection that is made. */
  readonly begin: () => Hearing;
  /** A message was of no use. */
  readonly drop: () => void;
  readonly idleMs: number;
  readonly log?: Log;
}

/** What to send in turn; a message that is of no use is dropped. */
function heard(text: string, { hear }: Hearing, drop: () => void): string | undefined {
  try {
    const message = parseJson(text, { maxBytes: maxMessageBytes });
    return isJsonObject(message) ? hear(message) : undefined;
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    drop();
    return undefined;
  }
}

/** One connection, made again whenever it breaks, until the function that comes back is called. */
function follow(endpoint: string, { begin, drop, idleMs, log }: FollowOptions): () => Promise<void> {
  const { host } = new URL(endpoint);
  let ended = false;
  let failures = 0;
  let socket: WebSocket | undefined;
  let again: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  const connect = (): void => {
    const opened = new WebSocket(endpoint, { maxPayload: maxMessageBytes * 16, handshakeTimeout: 20_000 });
    socket = opened;
    const conversation = begin();
    const alive = (): void => {
      clearTimeout(idle);
      idle = setTimeout(() => opened.terminate(), idleMs);
    };
    alive();
    opened.on("open", () => {
      for (const greeting of conversation.greetings) opened.send(greeting);
    });
    opened.on("message", (data) => {
      alive();
      failures = 0;
      const reply = heard((data as Buffer).toString("utf8"), conversation, drop);
      if (reply !== undefined && opened.readyState === WebSocket.OPEN) opened.send(reply);
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
