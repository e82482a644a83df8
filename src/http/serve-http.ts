import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SettlementError } from "../core/error.ts";

export interface HttpAddress {
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
}

/** What a connection may take, so that slow ones hold no place for ever. Times in milliseconds. */
export interface ConnectionLimits {
  /** Connections at once; one more is closed as soon as it is opened. */
  readonly maxConnections: number;
  /** Until the headers of a request are there. */
  readonly headersTimeoutMs: number;
  /** Until the whole request is there. */
  readonly requestTimeoutMs: number;
  /** Until the answer has been taken, from the time the request's headers were there. */
  readonly answerTimeoutMs: number;
  /** Without a request. */
  readonly keepAliveTimeoutMs: number;
  /** Between two looks at what is late. */
  readonly checkEveryMs: number;
  /** Hears of connections beyond the limit. */
  readonly onDropped?: () => void;
}

const defaultLimits: ConnectionLimits = {
  maxConnections: 1000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  answerTimeoutMs: 120_000,
  keepAliveTimeoutMs: 5_000,
  checkEveryMs: 2_000,
};

const maxHeaderBytes = 16 * 1024;
const maxHeaders = 100;
const drainMs = 10_000;

export interface HttpServer {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more connections and resolves when the requests under way are answered, or after a grace cut off. */
  close(): Promise<void>;
}

/** Does it go on for as long as somebody listens? Who makes it sees to those that do not read it. */
function isStream(response: ServerResponse): boolean {
  return response.getHeader("Content-Type") === "text/event-stream";
}

/** Cuts off who does not take his answer, which Node has no limit for. @returns what ends the answers that never end */
function cutSlowReaders(server: Server, { answerTimeoutMs, checkEveryMs }: ConnectionLimits): () => void {
  // In the order they began, so the first that is not late ends the look.
  const begun = new Map<ServerResponse, number>();
  const look = setInterval(() => {
    const longAgoMs = performance.now() - answerTimeoutMs;
    for (const [response, beganMs] of begun) {
      if (beganMs > longAgoMs) break;
      if (!isStream(response)) response.destroy();
    }
  }, checkEveryMs).unref();
  server.once("close", () => clearInterval(look));
  server.on("request", (_request, response: ServerResponse) => {
    begun.set(response, performance.now());
    response.on("close", () => begun.delete(response));
  });
  return () => {
    for (const response of begun.keys()) if (isStream(response)) response.end();
  };
}

interface LimitedServer {
  readonly server: Server;
  readonly endStreams: () => void;
}

function limitedServer(limits: ConnectionLimits, listener: RequestListener): LimitedServer {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: maxHeaderBytes,
    },
    listener,
  );
  const endStreams = cutSlowReaders(server, limits);
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = limits.maxConnections;
  server.on("drop", () => limits.onDropped?.());
  return { server, endStreams };
}

/**
 * @param limits - what is left out is as sensible for the open Internet
 * @throws SettlementError `HTTP_LISTEN_FAILED`
 */
export async function serveHttp(
  app: RequestListener,
  { port, host }: HttpAddress,
  limits: Partial<ConnectionLimits> = {},
): Promise<HttpServer> {
  let draining = false;
  const { server, endStreams } = limitedServer({ ...defaultLimits, ...limits }, (request, response) => {
    if (draining) response.setHeader("Connection", "close");
    // A connection that was busy when the drain began falls idle now.
    response.on("close", () => draining && setImmediate(() => server.closeIdleConnections()));
    app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new SettlementError("HTTP_LISTEN_FAILED", `cannot listen on ${host} port ${port}: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close() {
      draining = true;
      endStreams();
      const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
      return new Promise((resolve) => {
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
      });
    },
  };
}
