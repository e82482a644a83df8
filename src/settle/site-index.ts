import { indexFiles, recordHigh, recordLow } from "../core/event-index.ts";
import type { Month } from "../core/month.ts";
import { sortedIndex } from "../core/sorted-index.ts";
import { SettlementError } from "../core/error.ts";
import type { Archive } from "../ports.ts";

/** A month, and how many records its indexes have. */
export interface IndexedMonth {
  readonly month: Month;
  readonly count: number;
  readonly terms: number;
}

/** A sorted index, and how many records it has. */
export interface SiteIndex {
  readonly count: number;
  readonly bytes: Uint8Array;
}

const recordBytes = 8;
const blockRecords = 65_536;

/**
 * Which months may have an id, or a term: those of all months in one sorted index, whose leaves are the numbers of the
 * months. It spares who reads from far away a look into each of them.
 *
 * @throws SettlementError `INDEX_MALFORMED` when the index of a month is not as long as it says
 */
export async function siteIndex(
  months: readonly IndexedMonth[],
  name: "ids" | "terms",
  archive: Archive,
): Promise<SiteIndex> {
  const sizes = months.map(({ count, terms }) => (name === "ids" ? count : terms));
  const records = new Uint32Array(2 * sizes.reduce((sum, size) => sum + size, 0));
  let length = 0;
  for (const [number, { month }] of months.entries()) {
    let last = -1;
    for await (const block of blocksOf(archive, month, indexFiles[name], sizes[number] ?? 0)) {
      for (let at = 0; at < block.byteLength; at += recordBytes) {
        const key = block.getUint32(at) * 4 + (block.getUint32(at + 4) >>> 30);
        // Sorted, so what the month has several times stands together.
        if (key === last) continue;
        last = key;
        records[length++] = recordHigh(key);
        records[length++] = recordLow(key, number);
      }
    }
  }
  return { count: length / 2, bytes: sortedIndex(records.subarray(0, length)) };
}

async function* blocksOf(archive: Archive, month: Month, file: string, count: number): AsyncGenerator<DataView> {
  for (let at = 0; at < count; at += blockRecords) {
    const length = recordBytes * Math.min(blockRecords, count - at);
    const bytes = await archive.part(month, file, recordBytes * at, length);
    if (bytes?.length !== length) {
      throw new SettlementError(
        "INDEX_MALFORMED",
        `anchors/${month}/${file} ends in the middle of its ${count} records`,
      );
    }
    yield new DataView(bytes.buffer, bytes.byteOffset, length);
  }
}
