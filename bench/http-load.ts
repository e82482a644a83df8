import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Load {
  readonly url: string;
  /** Connections that each ask again as soon as they have their answer. */
  readonly clients: number;
  readonly durationMs: number;
  /** Requests in all, where that ends it sooner. */
  readonly most?: number;
  /** Whole requests, asked for in turn. */
  readonly requests: readonly Buffer[];
  /** Time a client waits when it was turned away. */
  readonly pauseMs: number;
}

export interface Answers {
  /** Times of the requests that were answered with 200. */
  readonly answeredMs: readonly number[];
  /** Those that were answered with 429 or 503, and those that were cut off. */
  readonly shed: number;
  readonly tookMs: number;
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay();
  await once(socket, "connect");
  // An end of the connection shows at the next read.
  socket.on("error", () => undefined);
  return socket;
}

const cutOff = 503;

/** Reads one answer with a Content-Length; as little as possible, since it runs beside the server it measures. */
async function readStatus(socket: Socket): Promise<number> {
  let head = "";
  let left = -1;
  while (left !== 0) {
    const chunk = (socket.read() as Buffer | null) ?? undefined;
    if (!chunk) {
      if (socket.destroyed) return cutOff;
      await new Promise((resolve) => {
        socket.once("readable", resolve).once("close", resolve);
      });
      socket.removeAllListeners("readable").removeAllListeners("close");
      continue;
    }
    if (left > 0) {
      left -= chunk.length;
      continue;
    }
    head += chunk.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    left = Number(/content-length: (\d+)/i.exec(head)?.[1]) - (head.length - end - 4);
  }
  return Number(head.slice(9, 12));
}

/** Puts a load on a server, on connections that are kept. @throws Error at an answer that is neither 200, 429 nor 503 */
export async function putLoad(load: Load): Promise<Answers> {
  const { url, clients, durationMs, most = Infinity, requests, pauseMs } = load;
  const sockets = await Promise.all(Array.from({ length: clients }, () => open(url)));
  const answeredMs: number[] = [];
  let [shed, next] = [0, 0];
  const begunMs = performance.now();
  const client = async (first: Socket): Promise<void> => {
    let socket = first;
    while (next < most && performance.now() - begunMs < durationMs) {
      const askedMs = performance.now();
      socket.write(requests[next++ % requests.length] ?? Buffer.of());
      const status = await readStatus(socket);
      if (status === 200) answeredMs.push(performance.now() - askedMs);
      else if (status === 429 || status === 503) {
        shed++;
        await sleep(pauseMs);
      } else throw new Error(`the server answered ${status}`);
      // Some refusals end the connection.
      if (socket.destroyed || socket.readableEnded) socket = await open(url);
    }
    socket.destroy();
  };
  await Promise.all(sockets.map(client));
  const tookMs = performance.now() - begunMs;
  return { answeredMs, shed, tookMs };
}
