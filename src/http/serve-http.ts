import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { SettlementError } from "../core/error.ts";

export interface HttpAddress {
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
}

export interface HttpServer {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more connections and resolves when the requests under way are answered, or after a grace cut off. */
  close(): Promise<void>;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const keepAliveTimeoutMs = 5_000;
const drainMs = 10_000;

/** @throws SettlementError `HTTP_LISTEN_FAILED` */
export async function serveHttp(app: RequestListener, { port, host }: HttpAddress): Promise<HttpServer> {
  let draining = false;
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    (request, response) => {
      if (draining) response.setHeader("Connection", "close");
      // A connection that was busy when the drain began falls idle now.
      response.once("close", () => draining && setImmediate(() => server.closeIdleConnections()));
      app(request, response);
    },
  );
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
