import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { createApp } from "../../src/http/app.ts";
import type { HttpDeps, HttpLogEntry } from "../../src/http/context.ts";
import { type HttpServer, serveHttp } from "../../src/http/serve-http.ts";
import type { Attempts } from "../../src/ports.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { closedSample, nodeSha256, nodeVerify, type Sample, settlementVkey } from "./sample-ledger.ts";
import { anchorAccount, listPublisher, signAnchor, witness } from "./witness.ts";

export interface Running extends AsyncDisposable {
  readonly server: HttpServer;
  readonly deps: HttpDeps;
  readonly sample: Sample;
  readonly log: HttpLogEntry[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Response>;
}

/** January's attempt came to an end, February's is under way. */
async function sampleAttempts({ archive }: Sample): Promise<Attempts> {
  const attempts = memoryAttempts();
  for (const month of ["2026-01", "2026-02"]) {
    const { manifest } = await readClosed(archive, month);
    const anchor = await signAnchor(archive, month);
    const prepared = await attempts.prepare(month, manifest.manifestHash, anchor, undefined);
    const submitted = await attempts.advance(prepared, "submitted", { result: "tesSUCCESS" });
    if (month === "2026-01") await attempts.advance(submitted, "anchored", { ledgerIndex: 4242, result: "tesSUCCESS" });
  }
  return attempts;
}

/** The API over the sample ledger on a port of its own: January anchored, February closed and sent, March open. */
export async function runSample(change: Partial<HttpDeps> = {}): Promise<Running> {
  const sample = await closedSample();
  await witness(sample.archive, "2026-01");
  const log: HttpLogEntry[] = [];
  const deps: HttpDeps = {
    ledger: sample.ledger,
    archive: sample.archive,
    attempts: await sampleAttempts(sample),
    trust: {
      publishers: [listPublisher],
      accounts: [{ network: "local", account: anchorAccount }],
      logs: [settlementVkey],
    },
    network: "local",
    verify: nodeVerify,
    sha256: nodeSha256,
    version: "0.0.0-test",
    log: (entry) => log.push(entry),
    // No time passes, and a reading is old at once: every request sees the ledger as it is.
    clock: () => 0,
    viewMaxAgeMs: 0,
    ...change,
  };
  const server = await serveHttp(createApp(deps), { port: 0, host: "127.0.0.1" });
  return {
    server,
    deps,
    sample,
    log,
    get: (path, headers = {}) => fetch(`${server.url}${path}`, { headers }),
    post: (path, body, headers = {}) =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/json", ...headers },
      }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
