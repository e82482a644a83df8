import { createHash } from "node:crypto";
import { MerkleTree } from "merkletreejs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { formatVkey } from "../../src/core/note.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { type Running, runSample } from "../http/running.ts";
import { sampleLedger } from "../support/sample.ts";
import { keptFolder } from "./folder.ts";
import { buildLogCheck, type LogCheck, whyNoGo } from "./go.ts";
import { settle, type Settled } from "./settled.ts";

const months = ["2026-08", "2026-09", "2026-10"] as const;

let settled: Settled;
let run: Running;
/** Ids of the events of a month, in their order. */
const ids = new Map<string, readonly string[]>();

beforeAll(async () => {
  const validators = { count: 3, seed: "interop" };
  settled = await settle({ ledger: memoryLedger(sampleLedger()), months, host: "test.example", validators });
  run = await runSample({ ...settled.source, trust: settled.trust });
  const view = await readLedgerView(settled.source);
  for (const { month } of view.partitions) ids.set(month, await idsOfMonth(view, month, settled.source.ledger));
});

afterAll(async () => {
  await run[Symbol.asyncDispose]();
  await settled.close();
});

const text = async (path: string): Promise<string> => {
  const answer = await run.get(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
};
const json = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;
const proofOf = <T>(id: string, spelling: string): Promise<T> => json(`/v1/events/${id}/proof?spelling=${spelling}`);

test("tiles and checkpoints are served as C2SP tlog-tiles says", async () => {
  const served = async (path: string): Promise<(string | null)[]> => {
    const { headers } = await run.get(`/v1/partitions/2026-08/${path}`);
    return [headers.get("content-type"), headers.get("cache-control")];
  };
  const forEver = "public, max-age=31536000, immutable";
  expect(await served("checkpoint")).toEqual(["text/plain; charset=utf-8", forEver]);
  for (const tile of ["tile/0/000.p/22", "tile/entries/000.p/22"])
    expect(await served(tile)).toEqual(["application/octet-stream", forEver]);
  expect((await run.get("/v1/partitions/2026-08/tile/0/000")).status).toBe(404);
});

const reason = whyNoGo();

describe.skipIf(reason !== undefined)(`golang.org/x/mod over HTTP${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const folder = keptFolder();
  let logCheck: LogCheck;
  let vkey = "";
  const base = (month: string): string => `${run.server.url}/v1/partitions/${month}`;

  beforeAll(() => {
    logCheck = buildLogCheck(folder.path);
    vkey = settled.trust.logs.map(formatVkey).join();
  });

  test.for(months)("reads the log of %s as it is served and proves every event", async (month) => {
    const answer = await logCheck<{ records: { entry: string }[] }>(["log", base(month), vkey]);
    if (!answer.accepted) throw new Error(answer.reason);
    expect(answer.report).toMatchObject({ origin: `test.example/ledger/${month}`, N: ids.get(month)?.length });
    expect(answer.report.records.map(({ entry }) => entry)).toEqual(ids.get(month));
  });

  test.for(months)("makes the ledger log at the close of %s from the months' entries", async (month) => {
    const until = months.filter((each) => each <= month);
    const size = until.flatMap((each) => ids.get(each)).length;
    const args = ["ledger", vkey, `${base(month)}/ledger-checkpoint`];
    const answer = await logCheck([...args, ...until.map(base)]);
    expect(answer).toMatchObject({ accepted: true, report: { origin: "test.example/ledger", N: size } });
    expect(await logCheck([...args, ...until.toReversed().map(base)])).toMatchObject({ accepted: until.length === 1 });
  });

  test("takes the consistency proofs between the ledger's checkpoints, and no others", async () => {
    const heads = await Promise.all(
      months.map(async (month) => {
        const note = await text(`/v1/partitions/${month}/ledger-checkpoint`);
        return { note, size: Number(note.split("\n")[1]) };
      }),
    );
    expect(await text("/v1/checkpoint")).toBe(heads.at(-1)?.note);
    const pairs = heads.flatMap((older) =>
      heads.filter(({ size }) => size >= older.size).map((newer) => [older, newer] as const),
    );
    expect(pairs).toHaveLength(6);
    for (const [older, newer] of pairs) {
      const { path } = await json<{ path: string[] }>(`/v1/consistency?old=${older.size}&new=${newer.size}`);
      const given = { older: older.note, newer: newer.note, path };
      expect(await logCheck(["trees", vkey], [given])).toMatchObject({ accepted: true });
      expect(await logCheck(["trees", vkey], [{ ...given, path: [...path, "00".repeat(32)] }])).toMatchObject({
        accepted: false,
      });
    }
  });

  test.for(["rekor", "rfc6962"])("takes every proof spelt %s, under the month's checkpoint", async (spelling) => {
    for (const month of months) {
      const checkpoint = await text(`/v1/partitions/${month}/checkpoint`);
      const records = await Promise.all(
        (ids.get(month) ?? []).map(async (entry) => {
          if (spelling === "rekor") {
            const { logIndex, hashes } = await proofOf<{ logIndex: number; hashes: string[] }>(entry, spelling);
            return { entry, index: logIndex, path: hashes };
          }
          const proof = await proofOf<{ leaf_index: number; audit_path: string[] }>(entry, spelling);
          const path = proof.audit_path.map((hash) => Buffer.from(hash, "base64").toString("hex"));
          return { entry, index: proof.leaf_index, path };
        }),
      );
      expect(records.length).toBeGreaterThan(0);
      expect(await logCheck(["records", vkey], { checkpoint, records })).toMatchObject({
        accepted: true,
        report: { records: records.length },
      });
      const [first, second] = records;
      const swapped = [{ ...first, entry: second?.entry }];
      expect(await logCheck(["records", vkey], { checkpoint, records: swapped })).toMatchObject({ accepted: false });
    }
  });

  test("takes a .tlog-proof file, and for no other event", async () => {
    for (const month of months) {
      const [first = "", second = "", ...more] = ids.get(month) ?? [];
      const last = more.at(-1) ?? second;
      for (const id of [first, second, last]) {
        const file = await text(`/v1/events/${id}/proof?spelling=tlog-proof`);
        expect(await logCheck(["proof", vkey, id], file)).toMatchObject({ accepted: true });
        const other = id === first ? second : first;
        expect(await logCheck(["proof", vkey, other], file)).toMatchObject({ accepted: false });
      }
    }
  });
});

describe("merkletreejs over HTTP", () => {
  const sha256 = (data: Buffer | string): Buffer => createHash("sha256").update(data).digest();
  const options = { concatenator: (pair: Buffer[]): Buffer => Buffer.concat([Buffer.of(1), ...pair]) };
  const leafOf = (id: string): Buffer => sha256(Buffer.concat([Buffer.of(0), Buffer.from(id, "hex")]));

  interface Answer {
    readonly root: string;
    readonly proof: readonly { readonly position: "left" | "right"; readonly data: string }[];
    readonly positional: readonly (readonly [number, string])[];
  }

  test.for(months)("verifies every event of %s in both spellings, and no other event", async (month) => {
    const { root } = await json<{ root: string }>(`/v1/partitions/${month}`);
    const all = ids.get(month) ?? [];
    for (const [at, id] of all.entries()) {
      const { proof, positional } = await proofOf<Answer>(id, "merkletreejs");
      const steps = proof.map(({ position, data }) => ({ position, data: Buffer.from(data, "hex") }));
      for (const spelling of [steps, positional as unknown[]]) {
        const verify = (leaf: Buffer): boolean =>
          MerkleTree.verify(spelling, leaf, Buffer.from(root, "hex"), sha256, options);
        expect(verify(leafOf(id))).toBe(true);
        expect(verify(leafOf(all[(at + 1) % all.length] ?? ""))).toBe(false);
      }
    }
  });

  test.for(months)("makes the same root of %s, and gives the same proofs", async (month) => {
    const leaves = (ids.get(month) ?? []).map(leafOf);
    const tree = new MerkleTree(leaves, sha256, options);
    expect(tree.getRoot().toString("hex")).toBe((await json<{ root: string }>(`/v1/partitions/${month}`)).root);
    for (const [at, id] of (ids.get(month) ?? []).entries()) {
      const { positional } = await proofOf<Answer>(id, "merkletreejs");
      expect(positional).toEqual(tree.getPositionalHexProof(leafOf(id), at));
    }
  });
});
