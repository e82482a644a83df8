import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { SettlementError } from "../../src/core/error.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { Archive } from "../../src/ports.ts";
import { runSample } from "./running.ts";
import { closedSample, closeMonth, eventId, ledgerOfFiles, sampleFiles, sampleMonths } from "./sample-ledger.ts";

const secretPath = "/srv/private/ledger";

test("a ledger that cannot be read is no fault of the request, and tells nothing of this machine", async () => {
  const faults = [
    new SettlementError("LEDGER_UNREADABLE", `EACCES ${secretPath}`),
    new SettlementError("LEDGER_NOT_FOUND", `no ledger at ${secretPath}`),
    new SettlementError("PARTITION_MALFORMED", `${secretPath}/2026-01.json is not JSON`),
  ];
  for (const fault of faults) {
    const failing = { ...readsOf(() => Promise.reject(fault)), append: () => Promise.reject(fault) };
    await using run = await runSample({ ledger: failing });
    const answer = await run.get("/v1/partitions");
    const body = await answer.text();
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(body).toContain('"LEDGER_UNREADABLE"');
    expect(body).not.toContain(secretPath);
    expect(run.log).toContainEqual({ level: "error", message: "own data failed", error: fault });
    const ready = await run.get("/v1/ready");
    expect([ready.status, ((await ready.json()) as { ready: boolean }).ready]).toEqual([503, false]);
    expect((await run.get("/v1/health")).status).toBe(200);
  }
});

test("a state that is down leaves everything else served", async () => {
  const fault = new SettlementError("STATE_UNAVAILABLE", "connect postgres://user:word@db refused");
  const down = (): Promise<never> => Promise.reject(fault);
  await using run = await runSample({ attempts: { list: down } });
  const answer = await run.get("/v1/anchors");
  const body = await answer.text();
  expect([answer.status, body.includes('"STATE_UNAVAILABLE"'), body.includes("postgres")]).toEqual([503, true, false]);
  expect((await run.get("/v1/ready")).status).toBe(503);
  expect((await run.get(`/v1/events/${eventId("2026-01", 0)}/proof`)).status).toBe(200);
});

test("a bug is told without detail, and logged under the id that is told", async () => {
  const bug = new TypeError(`cannot read ${secretPath}`);
  const broken = { ...readsOf(() => Promise.reject(bug)), append: () => Promise.reject(bug) };
  await using run = await runSample({ ledger: broken });
  const answer = await run.get("/v1/partitions");
  const body = (await answer.json()) as { code: string; instance: string };
  expect([answer.status, body.code]).toEqual([500, "INTERNAL_ERROR"]);
  expect(JSON.stringify(body)).not.toMatch(/private|TypeError|at /);
  const logged = run.log.find(({ message }) => message === "request failed");
  expect(logged).toMatchObject({ error: bug, requestId: body.instance.replace("urn:uuid:", "") });
});

test("a closed month whose events were altered afterwards is proven to nobody", async () => {
  const sample = await closedSample();
  const files = sampleFiles({ ...sampleMonths, "2026-01": (sampleMonths["2026-01"] ?? []).slice(1) });
  await using run = await runSample({ ledger: ledgerOfFiles(files), archive: sample.archive });
  for (const leaf of [5, 299]) {
    const answer = await run.get(`/v1/events/${eventId("2026-01", leaf)}/proof`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, "LEDGER_REFUTED"]);
  }
  // What the tiles prove of the log was published, and holds.
  expect((await run.get("/v1/consistency?old=1&new=2&month=2026-01")).status).toBe(200);
});

test("a published file that was altered is not served as if it were right", async () => {
  const { archive, ledger } = await closedSample();
  const manifest = await archive.read("2026-01", "manifest.json");
  const forged = utf8(new TextDecoder().decode(manifest).replace('"count": 300', '"count": 299'));
  const lying: Archive = {
    ...archive,
    read: async (month, name) => (month === "2026-01" && name === "manifest.json" ? forged : archive.read(month, name)),
  };
  await using run = await runSample({ ledger, archive: lying });
  const answer = await run.get("/v1/partitions/2026-01/manifest");
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, "LEDGER_REFUTED"]);
});

test("what is closed while the server runs is served at once", async () => {
  const files = sampleFiles();
  const ledger = ledgerOfFiles(files);
  const archive = memoryArchive();
  await using run = await runSample({ ledger, archive });
  const proof = `/v1/events/${eventId("2026-01", 0)}/proof`;
  expect((await run.get(proof)).status).toBe(503);
  expect((await run.get("/v1/checkpoint")).status).toBe(503);
  await closeMonth("2026-01", ledger, archive);
  expect((await run.get(proof)).headers.get("Cache-Control")).toBe("public, max-age=5");
  expect((await run.get("/v1/checkpoint")).status).toBe(200);
});

test("an empty ledger is served as one", async () => {
  const ledger = ledgerOfFiles(sampleFiles({}));
  await using run = await runSample({ ledger, archive: memoryArchive() });
  expect(await (await run.get("/v1/partitions")).json()).toEqual({ partitions: [], next: null });
  expect(await (await run.get("/v1/events")).json()).toEqual({ events: [], next: null });
  expect((await run.get("/v1/partitions/2026-01")).status).toBe(404);
  expect((await run.get("/v1/consistency?old=0&new=0")).status).toBe(503);
});
