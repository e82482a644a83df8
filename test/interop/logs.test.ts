import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../src/core/bytes.ts";
import { signCheckpoint } from "../../src/core/checkpoint.ts";
import { consistencyProof, inclusionPath, type TreeHead } from "../../src/core/merkle-proof.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { tileBuilder } from "../../src/core/tile-builder.ts";
import { tileReader } from "../../src/core/tile-reader.ts";
import { testKey } from "../support/settle.ts";
import { keptFolder } from "./folder.ts";
import { buildLogCheck, type LogCheck, whyNoGo } from "./go.ts";

const origin = "log.example/ledger";
const vkey = formatVkey(makeVkey(origin, testKey.publicKey));
const sizes = [0, 1, 2, 255, 256, 257, 1000, 70_000] as const;

interface ProvenRecord {
  readonly entry: string;
  readonly index: number;
  readonly path: readonly string[];
}

interface LogReport {
  readonly origin: string;
  /** The size. */
  readonly N: number;
  readonly tiles: number;
  readonly records: readonly ProvenRecord[];
}

/** Entries of every log made here: the smaller are the beginnings of the larger. */
function entryAt(index: number): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(`entry ${index}`).digest());
}

/** Writes a log of a size as the node publishes one. */
function writeLog(folder: string, size: number, origin: string): TreeHead & { readonly note: string } {
  const builder = tileBuilder(({ path, bytes }) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  });
  for (let index = 0; index < size; index++) builder.append(entryAt(index));
  const head = builder.finish();
  const note = signCheckpoint({ ...head, origin }, testKey);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "checkpoint"), utf8(note));
  return { ...head, note };
}

const reason = whyNoGo();

describe.skipIf(reason !== undefined)(
  `logs in the hands of golang.org/x/mod${reason ? ` (skipped: ${reason})` : ""}`,
  () => {
    const folder = keptFolder();
    let logCheck: LogCheck;
    const logs = new Map<number, ReturnType<typeof writeLog>>();
    const placeOf = (size: number): string => join(folder.path, String(size));

    beforeAll(() => {
      logCheck = buildLogCheck(folder.path);
      for (const size of sizes) logs.set(size, writeLog(placeOf(size), size, origin));
    });

    const hashesOf = (size: number): ReturnType<typeof tileReader> =>
      tileReader(size, (path) => new Uint8Array(readFileSync(join(placeOf(size), path))));

    test.for(sizes)("%i leaves: each tile is right, and records prove from the tiles as they do here", async (size) => {
      const answer = await logCheck<LogReport>(["log", placeOf(size), vkey]);
      if (!answer.accepted) throw new Error(answer.reason);
      const { records, tiles } = answer.report;
      expect(answer.report).toMatchObject({ origin, N: size });
      const files = readdirSync(placeOf(size), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const bundles = Math.ceil(size / 256);
      expect(tiles).toBe(files.length - 1 - bundles);
      expect(records.length).toBe(size <= 1000 ? size : 248);
      const hashes = hashesOf(size);
      for (const { entry, index, path } of records) {
        expect(entry).toBe(toHex(entryAt(index)));
        expect(path).toEqual(inclusionPath(index, size, hashes).map(toHex));
      }
    });

    test("a proof from each size to each larger one holds, from the tiles of the larger", async () => {
      const pairs = sizes.flatMap((older) => sizes.map((newer) => [older, newer] as const));
      const given = pairs
        .filter(([older, newer]) => 0 < older && older <= newer)
        .map(([older, newer]) => ({
          older: logs.get(older)?.note,
          newer: logs.get(newer)?.note,
          path: consistencyProof(older, newer, hashesOf(newer)).map(toHex),
        }));
      expect(given).toHaveLength(28);
      expect(await logCheck(["trees", vkey], given)).toEqual({ accepted: true, report: { trees: 28 } });
      for (const { older, newer, path } of given) {
        if (path.length === 0) continue;
        const bad = [{ older, newer, path: [...path.slice(0, -1), "00".repeat(32)] }];
        expect(await logCheck(["trees", vkey], bad)).toMatchObject({ accepted: false });
      }
    });

    test("one changed bit of any tile, entry bundle or checkpoint is refused", async () => {
      const place = placeOf(257);
      const paths = readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      expect(paths.length).toBe(6);
      for (const path of paths) {
        const right = readFileSync(path);
        // The first byte of a bundle belongs to a length, the last of a checkpoint is its line feed.
        for (const at of [2, Math.floor(right.length / 2), right.length - 2]) {
          const wrong = Buffer.from(right);
          wrong[at] = (wrong[at] ?? 0) ^ 1;
          writeFileSync(path, wrong);
          expect(await logCheck(["log", place, vkey]), `${path} byte ${at}`).toMatchObject({ accepted: false });
        }
        writeFileSync(path, right);
      }
      expect(await logCheck(["log", place, vkey])).toMatchObject({ accepted: true });
    });

    test("another key under the same name is refused", async () => {
      const other = formatVkey(makeVkey(origin, new Uint8Array(32).fill(9)));
      expect(await logCheck(["log", placeOf(2), other])).toMatchObject({ accepted: false });
    });
  },
);
