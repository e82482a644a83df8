import type { ServerResponse } from "node:http";
import { SettlementError } from "../core/error.ts";
import type { Answer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Route } from "./route.ts";

/** Streams that are open at once; each holds a connection. */
const defaultClients = 64;
/** Time between two looks at the ledger while somebody listens, milliseconds. */
const defaultLookMs = 2000;
/** Time between two signs of life, milliseconds: below what proxies take for a dead connection. */
const defaultBeatMs = 15_000;

export interface UpdateLimits {
  readonly clients?: number;
  readonly lookMs?: number;
  readonly beatMs?: number;
}

/** Server-sent events (HTML Living Standard §9.2) by one look at the ledger for all who listen. */
interface Feed {
  answer(): Promise<Answer>;
}

/** @param look - what is told, as JSON text without line breaks */
function feedOf(look: () => Promise<string>, limits: UpdateLimits): Feed {
  const { clients: most = defaultClients, lookMs = defaultLookMs, beatMs = defaultBeatMs } = limits;
  const clients = new Set<ServerResponse>();
  let last = "";
  let timers: readonly NodeJS.Timeout[] = [];
  const say = (client: ServerResponse, text: string): void => {
    // Who does not read what was said before is given up, rather than kept for in memory.
    if (client.writableNeedDrain) client.destroy();
    else client.write(text);
  };
  const looked = async (): Promise<void> => {
    try {
      const found = await look();
      if (found === last) return;
      last = found;
      for (const client of clients) say(client, message(found));
    } catch (error) {
      // What cannot be read now is told by whoever asks for it, and may be there the next time.
      if (!(error instanceof SettlementError)) throw error;
    }
  };
  let looking: Promise<void> | undefined;
  const begin = (): void => {
    const lookNow = (): void => void (looking ??= looked().finally(() => (looking = undefined)));
    const beat = (): void => clients.forEach((client) => say(client, ":\n\n"));
    timers = [setInterval(lookNow, lookMs).unref(), setInterval(beat, beatMs).unref()];
  };
  const join = (client: ServerResponse, first: string): void => {
    clients.add(client);
    client.once("close", () => {
      clients.delete(client);
      if (clients.size === 0) timers.forEach(clearInterval);
    });
    if (clients.size === 1) begin();
    client.write(`retry: 3000\n\n${message(first)}`);
  };
  return {
    async answer() {
      const first = await look();
      if (clients.size >= most)
        throw new SettlementError(
          "SERVER_BUSY",
          `the server is busy: ${most} listen to its updates already; ask for /v1/partitions now and then`,
        );
      if (clients.size === 0) last = first;
      const headers = { "X-Accel-Buffering": "no" };
      const stream = (client: ServerResponse): void => join(client, first);
      return { type: eventStreamType, body: new Uint8Array(), cache: "never", headers, stream };
    },
  };
}

const eventStreamType = "text/event-stream";

function message(json: string): string {
  return `event: months\ndata: ${json}\n\n`;
}

/** How far the months are, told again whenever it changes. */
export function updateRoutes(context: Context): readonly Route[] {
  const feed = feedOf(async () => JSON.stringify(await context.months()), context.deps.updates ?? {});
  return [{ path: "/v1/updates", answer: () => feed.answer() }];
}
