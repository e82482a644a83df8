import { expect, test } from "vitest";
import { fromHex } from "../../src/core/bytes.ts";
import { openCheckpoint } from "../../src/core/checkpoint.ts";
import { leafHash } from "../../src/core/merkle.ts";
import { rootOfSize } from "../../src/core/merkle-proof.ts";
import { parseEntryBundle, parseTilePath, tilePath, tilesOfSize } from "../../src/core/tiles.ts";
import { proveFromTiles } from "../../src/core/tile-reader.ts";
import { runSample } from "./running.ts";
import { eventId, settlementVkey } from "./sample-ledger.ts";

test("the ledger log of closed months is a tlog-tiles log of its own, entries and all", async () => {
  await using run = await runSample();
  const checkpoint = openCheckpoint(await (await run.get("/v1/checkpoint")).text(), [settlementVkey]);
  expect(checkpoint.size).toBeGreaterThan(256);
  const tile = async (path: string): Promise<Uint8Array> => {
    const answer = await run.get(`/v1/${path}`);
    expect([path, answer.status]).toEqual([path, 200]);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const root = await proveFromTiles(checkpoint.size, tile, (hashes) => rootOfSize(checkpoint.size, hashes));
  expect(root).toEqual(checkpoint.root);

  const entries: Uint8Array[] = [];
  for (const name of tilesOfSize(checkpoint.size)) {
    const bytes = await tile(tilePath(name));
    if (name.level === "entries") entries.push(...parseEntryBundle(bytes, name.width));
  }
  expect(entries).toHaveLength(checkpoint.size);
  expect(entries[0]).toEqual(fromHex(eventId("2026-01", 0)));
  expect(entries[300]).toEqual(fromHex(eventId("2026-02", 0)));
  const [first = new Uint8Array()] = entries;
  expect((await tile("tile/0/000")).subarray(0, 32)).toEqual(leafHash(first));
});

test("what the ledger log has not, or had at no close, is not there", async () => {
  await using run = await runSample();
  for (const path of ["tile/0/900", "tile/0/000.p/5", "tile/9/000", "tile/entries/000.p/5"]) {
    expect(parseTilePath(path).width).toBeGreaterThan(0);
    const answer = await run.get(`/v1/${path}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, "TILE_NOT_FOUND"]);
  }
});
