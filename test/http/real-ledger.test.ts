import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { formatVkey } from "../../src/core/note.ts";
import type { Ledger } from "../../src/ports.ts";
import { hasShared, sharedPath } from "../support/shared.ts";
import { describedBy, type Document } from "./description.ts";
import { type Running, runSample } from "./running.ts";
import { closeMonth, settlementVkey } from "./sample-ledger.ts";

const key = formatVkey(settlementVkey);
const settlement = { v: 1, host: "ledger.example", network: "local", key, accounts: [] } as const;

describe.skipIf(!hasShared)("the API over a live network's ledger (jsonl)", () => {
  let run: Running;
  beforeAll(async () => {
    const folder = ledgerFolder(sharedPath("repomesh-ledger/ledger"));
    const ledger: Ledger = { ...folder, frame: async () => ({ ...(await folder.frame()), settlement }) };
    const archive = memoryArchive();
    const clock = (): number => Date.parse("2026-07-02T00:00:00Z");
    for (const month of ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]) {
      await closeMonth(month, ledger, archive, clock);
    }
    run = await runSample({ ledger, archive });
  });
  afterAll(() => run[Symbol.asyncDispose]());

  test("proves all 76 events in one call, each as described", async () => {
    const { events } = (await (await run.get("/v1/events")).json()) as { events: { id: string }[] };
    expect(new Set(events.map(({ id }) => id)).size).toBe(76);
    const description = describedBy((await (await run.get("/v1/openapi.json")).json()) as Document);
    const answer = await run.post("/v1/proofs", JSON.stringify({ ids: events.map(({ id }) => id) }));
    const { proofs } = (await answer.clone().json()) as { proofs: { bundle?: object }[] };
    expect(proofs.filter(({ bundle }) => bundle === undefined)).toEqual([]);
    expect(await description.answerFaults("post", "/v1/proofs", answer)).toEqual([]);
    for (const path of ["/v1/nodes", "/v1/capabilities", "/v1/partitions", "/v1/events"]) {
      expect(await description.answerFaults("get", path, await run.get(path))).toEqual([]);
    }
  });

  test("finds what a node's keys are named in, and its releases", async () => {
    const list = async (query: string): Promise<number> => {
      const { events } = (await (await run.get(`/v1/events?${query}`)).json()) as { events: object[] };
      return events.length;
    };
    expect(await list("type=ReleasePublished")).toBe(6);
    expect(await list("node=mcp-tool-shop-org/shipcheck")).toBe(2);
    expect((await run.get("/v1/releases/mcp-tool-shop-org/shipcheck/1.0.3/proof")).status).toBe(200);
    expect((await run.get("/v1/consistency?old=2&new=76")).status).toBe(200);
  });
});
