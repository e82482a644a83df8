import { once } from "node:events";

import { WebSocket } from "ws";

import { rippleEpochUnixS } from "../../../src/core/xrpl/ledger-header.ts";
import { type Localnet, startLocalnet } from "../../../src/localnet/start-localnet.ts";
import { differences } from "./compare.ts";
import { type Entry, ledgersOf, type StreamItem, streamsOf, transcriptOf, whole } from "./transcript.ts";
import { unrecordedOf } from "./unrecorded.ts";

/** How the recorded servers were configured. */
export const configOf = {
  net0: { networkId: 0, reserveBaseDrops: 10_000_000, reserveIncrementDrops: 2_000_000 },
  net63456: { networkId: 63456, reserveBaseDrops: 1_000_000, reserveIncrementDrops: 200_000 },
  queue: {
    networkId: 63456,
    reserveBaseDrops: 1_000_000,
    reserveIncrementDrops: 200_000,
    queue: { minimumLedgerTransactions: 5, targetLedgerTransactions: 5, ledgersInQueue: 5, minimumQueueSize: 30 },
  },
} as const;

export type Folder = keyof typeof configOf;

/** A network like the recorded one, its clock stopped at the close of the first ledger: later ones follow second by second. */
async function likeRecorded(folder: Folder): Promise<Localnet> {
  const [early] = ledgersOf(folder).filter((ledger) => ledger.ledger_index > 1);
  const start = early === undefined ? 0 : early.header.close_time - (early.ledger_index - 2);
  return startLocalnet({ ...configOf[folder], publicPorts: true, nowUnixS: () => start + rippleEpochUnixS });
}

/** It asks thousands of times, and has no single answer. */
const loadTest = "public-limit.json";

export interface Replayed {
  /** What differs in the answers, by the number of the entry. */
  readonly answers: ReadonlyMap<number, readonly string[]>;
  /** What differs in the frames of each recorded connection, by its name. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  /** Of the ledgers that were recorded. */
  readonly ledgerHashes: readonly string[];
}

/** Sends the recorded requests in their order, the recorded subscriptions running beside them. */
export async function replay(folder: Folder): Promise<Replayed> {
  await using localnet = await likeRecorded(folder);
  await using sockets = new Sockets(localnet);
  const recorded = Object.entries(streamsOf(folder));
  const followed = await Promise.all(recorded.map(async ([name, items]) => followStream(localnet.wsUrl, name, items)));
  const answers = new Map<number, readonly string[]>();
  const entries = transcriptOf(folder);
  const sendUnrecorded = unrecordedOf(entries, ledgersOf(folder));
  for (const entry of entries) {
    sendUnrecorded(entry, localnet.engine);
    const faults = entry.file === loadTest ? ["not replayed"] : await faultsOf(entry, localnet, sockets);
    if (faults.length > 0) answers.set(entry.n, faults);
  }
  const streams = await Promise.all(followed.map(async ({ name, end }) => [name, await end()] as const));
  const ledgerHashes = ledgersOf(folder).map(
    ({ ledger_index: index }) => localnet.engine.closedByIndex(index)?.hash ?? "none",
  );
  return { answers, streams: new Map(streams), ledgerHashes };
}

interface FollowedStream {
  readonly name: string;
  /** Ends the connection; what it received otherwise than recorded. */
  readonly end: () => Promise<string[]>;
}

async function followStream(url: string, name: string, items: readonly StreamItem[]): Promise<FollowedStream> {
  const received: unknown[] = [];
  const socket = new WebSocket(url);
  socket.on("message", (data: Buffer) => received.push(JSON.parse(data.toString("utf8"))));
  await once(socket, "open");
  for (const { frame } of items.filter(({ dir }) => dir === "send")) {
    socket.send(JSON.stringify(frame));
    await once(socket, "message");
  }
  const expected = items.filter(({ dir }) => dir === "recv").map(({ frame }) => frame);
  const end = async (): Promise<string[]> => {
    // what was sent before the answer to a ping has arrived with it
    socket.send('{"command":"ping","id":"end"}');
    while ((received.at(-1) as { id?: string } | undefined)?.id !== "end") await once(socket, "message");
    socket.terminate();
    return differences(expected, received.slice(0, -1));
  };
  return { name, end };
}

async function faultsOf(entry: Entry, localnet: Localnet, sockets: Sockets): Promise<string[]> {
  if (entry.transport === "ws") return answerFaults(entry.response, await sockets.ask(entry));
  const { status, text } = await askHttp(entry, localnet);
  const faults = status === entry.http_status ? [] : [`HTTP status: ${entry.http_status} recorded, ${status} here`];
  if (entry.response === undefined) return text === entry.response_text ? faults : [...faults, "text differs"];
  return [...faults, ...answerFaults(entry.response, parsed(text))];
}

/** Paths start inside `result`, which both transports have. */
function answerFaults(recorded: unknown, actual: unknown): string[] {
  return differences(recorded, actual).map((fault) => fault.replace(/^result\./, ""));
}

async function askHttp(entry: Entry, localnet: Localnet): Promise<{ status: number; text: string }> {
  const raw = entry.request_http ?? { method: "POST", path: "/", body: JSON.stringify(entry.request) };
  const base =
    entry.port === "public"
      ? localnet.publicRpcUrl
      : entry.port === "adminWs"
        ? toHttp(localnet.wsUrl)
        : localnet.rpcUrl;
  const body = raw.body === undefined ? {} : { body: whole(raw.body, '"}]}') };
  const response = await fetch(`${base}${raw.path}`, {
    method: raw.method,
    ...body,
    headers: entry.request_http?.headers ?? {},
  });
  return { status: response.status, text: await response.text() };
}

function toHttp(url: string): string {
  return url.replace(/^ws/, "http");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One connection to each WebSocket port. */
class Sockets implements AsyncDisposable {
  readonly #localnet: Localnet;
  readonly #open = new Map<string, WebSocket>();

  constructor(localnet: Localnet) {
    this.#localnet = localnet;
  }

  async ask(entry: Entry): Promise<unknown> {
    const url = (entry.port === "public" ? this.#localnet.publicWsUrl : this.#localnet.wsUrl) ?? "";
    const socket = this.#open.get(url) ?? new WebSocket(url);
    this.#open.set(url, socket);
    if (socket.readyState === WebSocket.CONNECTING) await once(socket, "open");
    socket.send(entry.request_text === undefined ? JSON.stringify(entry.request) : whole(entry.request_text, '"}'));
    for (;;) {
      const [data] = (await once(socket, "message")) as [Buffer];
      const frame = JSON.parse(data.toString("utf8")) as { type?: string };
      if (frame.type === "response" || frame.type === "error") return frame;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open.values()) socket.terminate();
  }
}
