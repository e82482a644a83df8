import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { SettlementError } from "../../src/core/error.ts";
import { createApp } from "../../src/http/app.ts";
import type { HttpDeps } from "../../src/http/context.ts";
import type { Limits, ShedReason } from "../../src/http/limits.ts";
import { type ConnectionLimits, type HttpServer, serveHttp } from "../../src/http/serve-http.ts";
import type { Ledger } from "../../src/ports.ts";

/** Limits that nothing here reaches. */
const wide: Limits = { trustProxy: [], requests: 1000, waiting: 1000 };

export interface Limited {
  readonly server: HttpServer;
  readonly shed: ShedReason[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Reads of the ledger that were begun. */
  reads(): number;
  /** Lets the ledger answer that it cannot be read: 503 `LEDGER_UNREADABLE`. */
  release(): void;
}

/** A ledger whose reads take as long as the test likes, whatever is read. */
function heldLedger(): { readonly ledger: Ledger; readonly reads: () => number; readonly release: () => void } {
  let reads = 0;
  let release = (): void => undefined;
  const held = new Promise<never>((_resolve, reject) => {
    release = () => reject(new SettlementError("LEDGER_UNREADABLE", "the test has no ledger"));
  });
  held.catch(() => undefined);
  const read = (): Promise<never> => {
    reads++;
    return held;
  };
  const ledger = new Proxy({}, { get: (_, name) => (name === "then" ? undefined : read) }) as Ledger;
  return { ledger, reads: () => reads, release };
}

/** An API with these limits and no ledger, until the test is over. */
export async function limited(
  limits: Partial<Limits>,
  connections: Partial<ConnectionLimits> = {},
  change: Partial<HttpDeps> = {},
): Promise<Limited> {
  const shed: ShedReason[] = [];
  const { ledger, reads, release } = heldLedger();
  const deps: HttpDeps = {
    ledger,
    archive: memoryArchive(),
    attempts: memoryAttempts(),
    trust: { publishers: [], accounts: [], logs: [] },
    network: "local",
    verify: nodeVerify,
    sha256: nodeSha256,
    version: "0.0.0-test",
    log: () => undefined,
    metrics: () => Promise.resolve("# nothing\n"),
    ...change,
  };
  const app = createApp(deps, { ...wide, onShed: (reason) => shed.push(reason), ...limits });
  const address = { port: 0, host: "127.0.0.1" };
  const server = await serveHttp(app, address, { onDropped: () => shed.push("connections"), ...connections });
  onTestFinished(async () => {
    release();
    await server.close();
  });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { headers });
  return { server, shed, get, reads, release };
}

export async function problemIn(response: Response): Promise<{ readonly status: number; readonly code: string }> {
  return (await response.json()) as { status: number; code: string };
}

/** Waits, however long it takes, until something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A connection that says this much, and what came back until the server closed it. */
export function open(url: string, text: string): { readonly socket: Socket; readonly closed: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(text));
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.once("close", () => resolve(Buffer.concat(chunks).toString()));
  });
  return { socket, closed };
}
