// The servers that `bench/http.ts` measures, in a process of their own: the API over a small ledger folder whose first
// month is anchored, with the limits it has by default, and without; and a bare Express route that sends the same proofs.
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import express from "express";
import { archiveFolder } from "../src/adapters/archive-folder.ts";
import { ledgerFolder } from "../src/adapters/ledger-folder.ts";
import { openMetrics } from "../src/adapters/metrics.ts";
import { nodeSha256 } from "../src/adapters/node-crypto.ts";
import { createApp } from "../src/http/app.ts";
import type { Limits } from "../src/http/limits.ts";
import { serveHttp } from "../src/http/serve-http.ts";
import { runSample } from "../test/http/running.ts";
import { closeMonth, sampleFiles, sampleMonths } from "../test/http/sample-ledger.ts";
import { witness } from "../test/http/witness.ts";

export interface Served {
  readonly ours: string;
  readonly bare: string;
  readonly unlimited: string;
}

/** Those by default, but for a rate that nobody reaches: every request here comes from one address. */
const limits: Limits = {
  trustProxy: [],
  rate: { perSecond: 1e6, burst: 1e6 },
  requests: 32,
  waiting: 256,
  loopDelayMs: 500,
};

const address = { port: 0, host: "127.0.0.1" };
const folder = mkdtempSync(join(tmpdir(), "settlement-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("disconnect", () => process.exit());
for (const [path, text] of Object.entries(sampleFiles())) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const [ledger, archive] = [ledgerFolder(folder, { hash: nodeSha256 }), archiveFolder(folder)];
for (const month of ["2026-01", "2026-02"]) await closeMonth(month, ledger, archive);
await witness(archive, "2026-01");
const metrics = openMetrics();
const run = await runSample({
  ledger,
  archive,
  clock: Date.now,
  viewMaxAgeMs: 1000,
  log: () => undefined,
  onRequest: (request) => metrics.request(request),
});
const unlimited = await serveHttp(createApp(run.deps), address);
const ours = await serveHttp(createApp(run.deps, limits), address);

const proofs = new Map<string, { readonly type: string; readonly body: Buffer }>();
for (const { id } of sampleMonths["2026-01"] ?? []) {
  const answer = await run.get(`/v1/events/${id}/proof`);
  const type = answer.headers.get("Content-Type") ?? "";
  proofs.set(id, { type, body: Buffer.from(await answer.arrayBuffer()) });
}
const app = express();
app.disable("x-powered-by").disable("etag");
app.get("/v1/events/:id/proof", (request, response) => {
  const { type, body } = proofs.get(request.params.id) ?? { type: "", body: Buffer.of() };
  response.setHeader("Content-Type", type);
  response.send(body);
});
const bare = app.listen(address.port, address.host);
await once(bare, "listening");
const { port } = bare.address() as AddressInfo;

let peakBytes = 0;
setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20);
process.on("message", () => {
  process.send?.(peakBytes);
  peakBytes = 0;
});
process.send?.({ ours: ours.url, bare: `http://${address.host}:${port}`, unlimited: unlimited.url } satisfies Served);
