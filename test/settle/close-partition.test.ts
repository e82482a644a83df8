import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { fromHex, fromUtf8, toHex, utf8 } from "../../src/core/bytes.ts";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import { openCheckpoint } from "../../src/core/checkpoint.ts";
import { type JsonValue, parseJson } from "../../src/core/json.ts";
import { leafHash, rootOf } from "../../src/core/merkle.ts";
import { rootOfSize } from "../../src/core/merkle-proof.ts";
import { nodesRoot, parseNodeManifest } from "../../src/core/node-manifest.ts";
import { makeVkey } from "../../src/core/note.ts";
import { proveFromTiles } from "../../src/core/tile-reader.ts";
import type { Archive, LedgerSnapshot } from "../../src/ports.ts";
import { closable, type CloseDeps, closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { sampleLedger } from "../support/sample.ts";
import { testCloseDeps, testKey } from "../support/settle.ts";

const november = Date.UTC(2026, 10, 21);

function setUp(changes: Partial<LedgerSnapshot> = {}, deps: Partial<CloseDeps> = {}): CloseDeps {
  const source = { ledger: memoryLedger({ ...sampleLedger(), ...changes }), archive: memoryArchive() };
  return { ...testCloseDeps(source, november), ...deps };
}

async function text(archive: Archive, month: string, name: string): Promise<string> {
  return fromUtf8((await archive.read(month, name)) ?? utf8(`${name} is missing`));
}

test("what is published of a month holds together, computed again by other means", async () => {
  const deps = setUp();
  const { manifest, evidence } = await closePartition("2026-08", "local", deps);
  const events = sampleLedger().files.get("2026-08") ?? [];
  const ids = events.map(({ id }) => id);
  expect(manifest).toMatchObject({
    partitionId: "2026-08",
    network: "local",
    prev: null,
    count: ids.length,
    range: [ids[0], ids.at(-1)],
  });
  expect(manifest.root).toBe(toHex(rootOf(ids.map((id) => leafHash(fromHex(id))))));

  const digest = createHash("sha256");
  for (const { json } of events) digest.update(`${canonicalJson(json)}\n`);
  expect(evidence.d).toBe(digest.digest("hex"));
  const nodes = parseJson(await text(deps.archive, "2026-08", "nodes.json")) as readonly JsonValue[];
  expect(evidence.k).toBe(toHex(nodesRoot(nodes.map(parseNodeManifest))));

  const pinned = [makeVkey("test.example/ledger", testKey.publicKey)];
  const month = openCheckpoint(await text(deps.archive, "2026-08", "checkpoint"), pinned);
  expect({ ...month, root: toHex(month.root) }).toMatchObject({
    origin: "test.example/ledger/2026-08",
    size: ids.length,
    root: manifest.root,
  });
  const ledger = openCheckpoint(await text(deps.archive, "2026-08", "ledger-checkpoint"), pinned);
  expect({ ...ledger, root: toHex(ledger.root) }).toMatchObject({
    origin: evidence.o,
    size: evidence.s,
    root: evidence.l,
  });

  const readTile = async (path: string): Promise<Uint8Array> =>
    (await deps.archive.read("2026-08", path)) ?? new Uint8Array();
  expect(toHex(await proveFromTiles(ids.length, readTile, (hashes) => rootOfSize(ids.length, hashes)))).toBe(
    manifest.root,
  );
});

test("each month names the root before it, and the ledger log grows by its events", async () => {
  const deps = setUp();
  const closed = [];
  for (const month of ["2026-08", "2026-09", "2026-10"]) closed.push(await closePartition(month, "local", deps));
  expect(closed.map(({ manifest }) => manifest.prev)).toEqual([
    null,
    closed[0]?.manifest.root,
    closed[1]?.manifest.root,
  ]);
  const counts = closed.map(({ manifest }) => manifest.count);
  expect(closed.map(({ evidence }) => evidence.s)).toEqual(
    counts.map((_, at) => counts.slice(0, at + 1).reduce((sum, count) => sum + count, 0)),
  );
});

test("closing twice gives one root and changes nothing", async () => {
  const deps = setUp();
  const first = await closePartition("2026-08", "local", deps);
  expect(await closePartition("2026-08", "local", { ...deps, judge: () => Promise.resolve(["broken since"]) })).toEqual(
    { ...first, fresh: false },
  );
});

test("a month without events is closed like any other", async () => {
  const files = new Map(sampleLedger().files);
  files.delete("2026-09");
  const deps = setUp({ files });
  const { manifest: august } = await closePartition("2026-08", "local", deps);
  const { manifest } = await closePartition("2026-09", "local", deps);
  const nothing = createHash("sha256").digest("hex");
  expect(manifest).toMatchObject({ partitionId: "2026-09", count: 0, range: null, root: nothing, prev: august.root });
});

test("quiet months after the last event can be closed once they are over", async () => {
  const deps = setUp({ files: new Map([["2026-08", sampleLedger().files.get("2026-08") ?? []]]) });
  expect(closable(await readLedgerView(deps, "2026-11"), november, 0)).toEqual(["2026-08", "2026-09", "2026-10"]);
});

test("what a crash left of an earlier try counts for nothing", async () => {
  const deps = setUp();
  await deps.archive.write("2026-08", "nodes.json", utf8("[]\n"));
  await deps.archive.write("2026-08", "tile/0/000.p/3", new Uint8Array(96));
  await closePartition("2026-08", "local", deps);
  expect(await text(deps.archive, "2026-08", "nodes.json")).toContain("tidewater-labs");
  expect(await deps.archive.read("2026-08", "tile/0/000.p/3")).toBeUndefined();
});

test("no folder makes this node sign two roots for one size of a log", async () => {
  const deps = setUp();
  await closePartition("2026-08", "local", deps);
  const files = new Map(sampleLedger().files);
  files.set("2026-08", (files.get("2026-08") ?? []).toReversed());
  const again = setUp({ files }, { heads: deps.heads });
  await expect(closePartition("2026-08", "local", again)).rejects.toMatchObject({ code: "HEAD_CONFLICT" });
  expect(await again.archive.months()).toEqual([]);
});

describe("refused, and nothing is published", () => {
  const soon = Date.UTC(2026, 8, 1, 23);
  const cases: readonly (readonly [string, string, Partial<CloseDeps>, string])[] = [
    ["a month that is not over", "2026-11", {}, "PARTITION_OUT_OF_ORDER"],
    ["the grace is not over", "2026-08", { clock: () => soon, graceMs: 86_400_000 }, "PARTITION_NOT_OVER"],
    ["an earlier month is open", "2026-09", {}, "PARTITION_OUT_OF_ORDER"],
    ["no such month", "2026-07", {}, "PARTITION_NOT_FOUND"],
    [
      "a fault in the ledger",
      "2026-08",
      { judge: () => Promise.resolve(["EVENT_ID_MISMATCH 2026-08.json:3"]) },
      "PARTITION_REJECTED",
    ],
    [
      "two roots that differ",
      "2026-08",
      { newSecondRoot: () => ({ append: () => undefined, root: () => new Uint8Array(32) }) },
      "SECOND_ROOT_MISMATCH",
    ],
    [
      "the key of another node",
      "2026-08",
      { key: { ...testKey, publicKey: new Uint8Array(32).fill(3) } },
      "SETTLEMENT_KEY_MISMATCH",
    ],
  ];
  test.each(cases)("%s", async (_, month, changes, code) => {
    const deps = setUp({}, changes);
    await expect(closePartition(month, "local", deps)).rejects.toMatchObject({ code });
    expect(await deps.archive.months()).toEqual([]);
  });

  test("another network than the ledger's own", async () => {
    const deps = setUp();
    await expect(closePartition("2026-08", "testnet", deps)).rejects.toMatchObject({ code: "CHAIN_WRONG_NETWORK" });
  });

  test("a ledger without a name", async () => {
    const deps = setUp({ settlement: undefined });
    await expect(closePartition("2026-08", "local", deps)).rejects.toMatchObject({ code: "SETTLEMENT_INFO_MISSING" });
  });
});
