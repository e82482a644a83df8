import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { leavesOf, recordHigh, recordLow } from "../../src/core/event-index.ts";
import { sortedIndex } from "../../src/core/sorted-index.ts";
import { siteIndex } from "../../src/settle/site-index.ts";

const names = ["2026-01", "2026-02", "2026-03", "2026-04"];

/** Few keys, so that they meet. */
const key = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 2 ** 31 }), fc.constant(2 ** 34 - 1));

test("tells for each key the months that have it, each once, and for no other key", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(key, { maxLength: 700 }), { maxLength: 4 }), key, async (lists, other) => {
      const archive = memoryArchive();
      const months = [];
      for (const [number, keys] of lists.entries()) {
        const month = names[number] ?? "";
        const records = Uint32Array.from(keys.flatMap((each, leaf) => [recordHigh(each), recordLow(each, leaf)]));
        await archive.write(month, "index/terms", sortedIndex(records));
        months.push({ month, count: 0, terms: keys.length });
      }
      const { bytes, count } = await siteIndex(months, "terms", archive);
      expect(count).toBe(lists.reduce((sum, keys) => sum + new Set(keys).size, 0));
      const read = async (start: number, length: number): Promise<Uint8Array> => bytes.subarray(start, start + length);
      for (const wanted of new Set([...lists.flat().slice(0, 40), other])) {
        const found: number[] = [];
        for await (const number of leavesOf(read, count, wanted)) found.push(number);
        expect(found).toEqual(lists.flatMap((keys, number) => (keys.includes(wanted) ? [number] : [])));
      }
    }),
    { numRuns: 40 },
  );
});

test("is not made of an index that is shorter than it says", async () => {
  const archive = memoryArchive();
  await archive.write("2026-01", "index/ids", new Uint8Array(16));
  await expect(siteIndex([{ month: "2026-01", count: 3, terms: 0 }], "ids", archive)).rejects.toMatchObject({
    code: "INDEX_MALFORMED",
  });
});
