import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { toHex } from "../../src/core/bytes.ts";
import { hashLog } from "../../src/core/hash-log.ts";
import { sha256 } from "../../src/core/hash.ts";
import { leafHash } from "../../src/core/merkle.ts";
import {
  consistencyProof,
  inclusionPath,
  memoryTree,
  rootOfSize,
  type TreeHead,
  verifyInclusion,
} from "../../src/core/merkle-proof.ts";
import { emptyLog, type OpenTiles, openTiles } from "../../src/core/open-tiles.ts";
import {
  entryBundle,
  newTiles,
  parseEntryBundle,
  parseTilePath,
  partialTiles,
  type TileFile,
  tilePath,
  tilesOfSize,
  tileWidth,
} from "../../src/core/tiles.ts";
import { tileBuilder } from "../../src/core/tile-builder.ts";
import { proveFromTiles, tileReader } from "../../src/core/tile-reader.ts";
import { treeHashing } from "../../src/core/tree-hashing.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import { entryAt, leavesOf, ownEntryAt, verdict } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

const sha256Hex = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

function build(size: number, entry = entryAt): { head: TreeHead; files: Map<string, Uint8Array>; emitted: TileFile[] } {
  const emitted: TileFile[] = [];
  // The portable hash would take seconds for the large ones.
  const builder = tileBuilder((file) => emitted.push(file), size < 1000 ? sha256 : nodeSha256);
  for (let index = 0; index < size; index++) builder.append(entry(index));
  return { head: builder.finish(), files: new Map(emitted.map(({ path, bytes }) => [path, bytes])), emitted };
}

/** Files in the order of `tilesOfSize`, and none besides. */
function listed(size: number, files: Map<string, Uint8Array>): { path: string; bytes: number; sha256: string }[] {
  const paths = Array.from(tilesOfSize(size), tilePath);
  expect(paths.toSorted()).toEqual([...files.keys()].toSorted());
  return paths.map((path) => {
    const bytes = files.get(path) ?? new Uint8Array();
    return { path, bytes: bytes.length, sha256: sha256Hex(bytes) };
  });
}

test.for(golden.tiles)("all files of a log of $size leaves", ({ size, files }) => {
  const { files: built } = build(size, ownEntryAt);
  expect(listed(size, built).map(({ path, sha256 }) => ({ path, sha256 }))).toEqual(files);
});

interface TilesCase {
  readonly id: string;
  readonly size: number;
  readonly root: string;
  readonly fileCount: number;
  readonly listSha256: string;
  readonly files?: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

describe.skipIf(!hasShared)("published tiles", () => {
  const { cases } = sharedJson<{ cases: TilesCase[] }>("vectors/merkle/tlog-tiles.json") ?? { cases: [] };

  test.for(cases)("$id", ({ size, root, fileCount, listSha256, files }) => {
    const { head, files: built } = build(size);
    const list = listed(size, built);
    expect(list).toHaveLength(fileCount);
    expect(list.slice(0, files?.length ?? 0)).toEqual(files ?? []);
    expect(sha256Hex(list.map((file) => `${file.path} ${file.bytes} ${file.sha256}\n`).join(""))).toBe(listSha256);
    expect([head.size, toHex(head.root)]).toEqual([size, root]);
  });
});

test("the tiles of 70,000 leaves are those the standard names", () => {
  const names = Array.from(tilesOfSize(70_000), tilePath).filter((path) => !path.startsWith("tile/entries/"));
  expect(names.filter((path) => path.startsWith("tile/0/"))).toHaveLength(274);
  expect(names.slice(-5)).toEqual([
    "tile/0/272",
    "tile/0/273.p/112",
    "tile/1/000",
    "tile/1/001.p/17",
    "tile/2/000.p/1",
  ]);
  expect(Array.from(tilesOfSize(0))).toEqual([]);
});

test.for([
  [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
  [{ level: 1, index: 67, width: 17 }, "tile/1/067.p/17"],
  [{ level: 63, index: 1_234_067, width: 1 }, "tile/63/x001/x234/067.p/1"],
  [{ level: "entries", index: 1067, width: 255 }, "tile/entries/x001/067.p/255"],
  [{ level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }, "tile/0/x009/x007/x199/x254/x740/991"],
] as const)("%j is %s", ([tile, path]) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test("any tile's path leads back to it", () => {
  const tile = fc.record({
    level: fc.oneof(fc.constant("entries" as const), fc.nat(63)),
    index: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(tile, (name) => {
      expect(parseTilePath(tilePath(name))).toEqual(name);
    }),
  );
});

test.for([
  "",
  "tile/0",
  "tile/0/",
  "tile/0/0",
  "tile/0/0000",
  "/tile/0/000",
  "tile/0/000/",
  "tile/0/000\n",
  "tile/00/000",
  "tile/64/000",
  "tile/-1/000",
  "tile/8/0/000",
  "tile/data/000",
  "tile/Entries/000",
  "tile/0/001/067",
  "tile/0/x001",
  "tile/0/x000/067",
  "tile/0/X001/067",
  "tile/0/x001/x067",
  "tile/0/000.p/0",
  "tile/0/000.p/256",
  "tile/0/000.p/017",
  "tile/0/000.p/1e2",
  "tile/0/000.p",
  "tile/0/000.p/1/2",
  "tile/0/../../etc/passwd",
  "tile/0/000/../001",
  "tile/0/%30%30%30",
  "tile/0/٠٠٠",
  "tile/0/x009/x007/x199/x254/x740/992",
  `tile/0/${"x999/".repeat(9999)}999`,
])("%j is no path of a tile", (path) => {
  expect(verdict(() => parseTilePath(path))).toBe("TILE_PATH_MALFORMED");
});

test.for([
  { level: 0, index: 0, width: 0 },
  { level: 0, index: 0, width: 257 },
  { level: 64, index: 0, width: 1 },
  { level: 0, index: -1, width: 1 },
  { level: 0.5, index: 0, width: 1 },
])("%j has no path", (tile) => {
  expect(verdict(() => tilePath(tile))).toBe("TREE_POSITION_INVALID");
});

const logSize = 66_000;
const log = build(logSize);
const nodes = memoryTree(leavesOf(logSize));

function counted(): { reads: string[]; readTile: (path: string) => Uint8Array } {
  const reads: string[] = [];
  const readTile = (path: string): Uint8Array => {
    reads.push(path);
    const bytes = log.files.get(path);
    if (bytes) return bytes;
    throw new TypeError(`${path} is not a file of the log`);
  };
  return { reads, readTile };
}

test("proofs from tiles are the proofs from memory, out of a handful of tiles", () => {
  const size = fc.integer({ min: 1, max: logSize });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const [older, newer] = [Math.min(a, b), Math.max(a, b)];
      const { reads, readTile } = counted();
      const hashes = tileReader(logSize, readTile);
      expect(inclusionPath(older - 1, newer, hashes)).toEqual(inclusionPath(older - 1, newer, nodes));
      expect(consistencyProof(older, newer, hashes)).toEqual(consistencyProof(older, newer, nodes));
      expect(new Set(reads).size).toBe(reads.length);
      expect(reads.length).toBeLessThanOrEqual(6);
    }),
  );
  expect(rootOfSize(logSize, tileReader(logSize, counted().readTile))).toEqual(log.head.root);
});

test("what is read asynchronously is read once, and only what is needed", async () => {
  const { reads, readTile } = counted();
  const path = await proveFromTiles(
    logSize,
    async (file) => readTile(file),
    (hashes) => inclusionPath(300, logSize, hashes),
  );
  expect(path).toEqual(inclusionPath(300, logSize, nodes));
  expect(reads.toSorted()).toEqual(["tile/0/001", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1"]);
});

test("a tile of another width is refused, and a changed tile makes a proof that does not hold", async () => {
  const { readTile } = counted();
  for (const change of [
    (tile: Uint8Array) => tile.subarray(32),
    (tile: Uint8Array) => new Uint8Array([...tile, 0]),
    () => new Uint8Array(),
  ]) {
    expect(
      verdict(() =>
        inclusionPath(
          300,
          logSize,
          tileReader(logSize, (file) => change(readTile(file))),
        ),
      ),
    ).toBe("TILE_MALFORMED");
  }
  const flipped = tileReader(logSize, (file) => readTile(file).map((byte, at) => (at % 32 === 7 ? byte ^ 1 : byte)));
  const path = inclusionPath(300, logSize, flipped);
  const proof = { index: 300, size: logSize, path };
  expect(verdict(() => verifyInclusion(leafHash(entryAt(300)), proof, log.head.root))).toBe("INCLUSION_PROOF_MISMATCH");
  await expect(
    proveFromTiles(
      10,
      async () => new Uint8Array(),
      (hashes) => inclusionPath(1, 10, hashes),
    ),
  ).rejects.toMatchObject({ code: "TILE_MALFORMED" });
});

test("a reader asks for no tile beyond the size it was told", () => {
  const { reads, readTile } = counted();
  const hashes = tileReader(1000, readTile);
  for (const [level, index] of [
    [0, 1000],
    [8, 3],
    [9, 1],
    [16, 0],
    [3, 125],
    [0, 2 ** 53 - 1],
  ] as const) {
    expect(verdict(() => hashes(level, index))).toBe("TREE_POSITION_INVALID");
  }
  expect(reads).toEqual([]);
  expect([tileWidth(0, 3, 1000), tileWidth(0, 4, 1000), tileWidth(1, 0, 1000), tileWidth(2, 0, 1000)]).toEqual([
    232, 0, 3, 0,
  ]);
});

test("memory is bounded: full tiles are handed out as they fill, and none is kept", () => {
  const order = log.emitted.map(({ path }) => path);
  expect(order.slice(0, 4)).toEqual(["tile/0/000", "tile/entries/000", "tile/0/001", "tile/entries/001"]);
  expect(order.indexOf("tile/1/000")).toBe(512);
  expect(order.slice(-4)).toEqual(["tile/0/257.p/208", "tile/entries/257.p/208", "tile/1/001.p/1", "tile/2/000.p/1"]);
});

test("a bundle gives its entries back, and no other bytes are one", () => {
  const entries = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(65_535)];
  const bundle = entryBundle(entries);
  expect(bundle).toHaveLength(6 + 3 + 65_535);
  expect(parseEntryBundle(bundle, 3)).toEqual(entries);
  for (const bad of [
    bundle.subarray(1),
    bundle.subarray(0, -1),
    new Uint8Array([...bundle, 0]),
    new Uint8Array(),
    entryBundle(entries.slice(1)),
  ]) {
    expect(verdict(() => parseEntryBundle(bad, 3))).toBe("TILE_MALFORMED");
  }
});

describe("a log of hashes that is gone on with", () => {
  /** All tiles of a log that grows from one size to the next, by the size at which each came. */
  function grown(sizes: readonly number[]): { heads: TreeHead[]; files: Map<string, Uint8Array>[] } {
    const heads: TreeHead[] = [];
    const files: Map<string, Uint8Array>[] = [];
    let from: OpenTiles | undefined = emptyLog;
    for (const size of sizes) {
      const made = new Map<string, Uint8Array>();
      const log = hashLog(({ path, bytes }) => made.set(path, bytes), treeHashing(nodeSha256), from);
      for (let index = from?.size ?? 0; index < size; index++) log.append(leafHash(entryAt(index), nodeSha256));
      const head = log.finish();
      const partial = partialTiles(size).map((tile) => made.get(tilePath(tile)) ?? new Uint8Array());
      from = openTiles(head, partial);
      heads.push(head);
      files.push(made);
    }
    return { heads, files };
  }

  test.each([
    [[0, 1, 2, 3]],
    [[255, 256, 257]],
    [[100, 100, 300, 300, 65_535, 65_536, 65_537]],
    [[1, 65_800, 66_000]],
    [[256, 512, 65_536, 131_072]],
  ])("has the heads and tiles of one that was built at once: %j", (sizes) => {
    const { heads, files } = grown(sizes);
    for (const [at, size] of sizes.entries()) {
      const whole = build(size);
      expect(heads[at]).toEqual(whole.head);
      const hashes = new Map([...whole.files].filter(([path]) => !path.startsWith("tile/entries")));
      const held = new Map(files.slice(0, at + 1).flatMap((each) => [...each]));
      for (const [path, bytes] of hashes) expect([path, held.get(path)]).toEqual([path, bytes]);
      const fresh = newTiles(sizes[at - 1] ?? 0, size).map(tilePath);
      expect([...(files[at]?.keys() ?? [])].toSorted()).toEqual(fresh.toSorted());
    }
  });

  test("is not gone on with by tiles of another log", () => {
    const { heads, files } = grown([300]);
    const head = heads[0] ?? { size: 0, root: new Uint8Array(32) };
    const tiles = partialTiles(300).map((tile) => files[0]?.get(tilePath(tile)) ?? new Uint8Array());
    expect(openTiles(head, tiles)?.size).toBe(300);
    expect(openTiles({ ...head, root: new Uint8Array(32) }, tiles)).toBeUndefined();
    expect(openTiles(head, tiles.slice(1))).toBeUndefined();
    expect(openTiles(head, [...tiles.slice(0, -1), new Uint8Array(31)])).toBeUndefined();
  });
});
