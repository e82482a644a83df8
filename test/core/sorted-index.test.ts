import fc from "fast-check";
import { expect, test } from "vitest";
import { SettlementError } from "../../src/core/error.ts";
import { type ReadPart, recordsFrom, sortedIndex } from "../../src/core/sorted-index.ts";

async function firstFrom(read: ReadPart, count: number, from: bigint, limit: number): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const record of recordsFrom(read, count, from)) {
    found.push(record);
    if (found.length === limit) break;
  }
  return found;
}

function halves(records: Iterable<bigint>): Uint32Array {
  return Uint32Array.from(
    Array.from(records, (record) => [Number(record >> 32n), Number(record & 0xffffffffn)]).flat(),
  );
}

function over(bytes: Uint8Array): { readonly read: ReadPart; readonly asked: number[] } {
  const asked: number[] = [];
  const read: ReadPart = async (start, length) => {
    asked.push(length);
    return bytes.subarray(start, start + length);
  };
  return { read, asked };
}

const sizes = [0, 1, 2, 511, 512, 513, 1023, 1024, 1025, 262_144, 262_145, 300_000];

test.each(sizes)("among %i records each is found, in as few reads as the tree has levels", async (count) => {
  const records = BigUint64Array.from({ length: count }, (_, at) => BigInt(at) * 3n + 5n);
  const { read, asked } = over(sortedIndex(halves(records.toReversed())));
  const wanted = [0, 1, 510, 511, 512, 513, count - 2, count - 1].filter((at) => at >= 0 && at < count);
  for (const at of wanted) {
    for (const from of [records[at] ?? 0n, (records[at] ?? 0n) - 1n]) {
      asked.length = 0;
      expect(await firstFrom(read, count, from, 3)).toEqual(Array.from(records.slice(at, at + 3)));
      // One block a level, and those that follow where the records asked for go on.
      expect(asked.length).toBeLessThanOrEqual((count > 512 ? 2 : 1) + (count > 262_144 ? 1 : 0) + 1);
      expect(Math.max(...asked)).toBeLessThanOrEqual(4096);
    }
  }
  expect(await firstFrom(read, count, (records.at(-1) ?? 0n) + 1n, 1)).toEqual([]);
});

test("it gives what a sorted list gives, equal records and all", async () => {
  const values = fc.array(fc.bigInt({ min: 0n, max: 40n }), { maxLength: 1600 });
  await fc.assert(
    fc.asyncProperty(values, fc.bigInt({ min: 0n, max: 45n }), async (list, from) => {
      const { read } = over(sortedIndex(halves(list)));
      const expected = list.filter((value) => value >= from).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect(await firstFrom(read, list.length, from, Infinity)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("numbers of any digits are sorted, whether they come in the order of their leaves or in any", () => {
  const some = fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 9n })), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(some, fc.boolean(), (list, isByLeaf) => {
      const leaf = (record: bigint): bigint => record & 0x3fffffffn;
      const given = isByLeaf ? list.toSorted((a, b) => Number(leaf(a) - leaf(b))) : list;
      const bytes = sortedIndex(halves(given));
      const view = new DataView(bytes.buffer);
      const found = given.map((_, at) => view.getBigUint64(8 * at));
      expect(found).toEqual(given.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }),
  );
});

test("a file that was cut is refused, and takes no more memory than a block", async () => {
  const bytes = sortedIndex(halves(BigUint64Array.from({ length: 2000 }, (_, at) => BigInt(at))));
  for (const length of [0, 8, 4096, 15_999, bytes.length - 8]) {
    const { read, asked } = over(bytes.subarray(0, length));
    const failure = await firstFrom(read, 2000, 1999n, 1).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SettlementError);
    expect(failure).toMatchObject({ code: "INDEX_MALFORMED" });
    expect(Math.max(...asked)).toBeLessThanOrEqual(4096);
  }
});
