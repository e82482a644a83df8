import { SettlementError } from "./error.ts";
import { sortRecords } from "./record-sort.ts";

/**
 * Sorted numbers of 64 bits in a file that is searched a block at a time, whatever its length: a static B-tree. The
 * records come first, big-endian; behind them, level by level, the first record of every block of the level below,
 * until a level fits into one block.
 */

const recordBytes = 8;

/** Records of a block: 4 KiB. */
const blockRecords = 512;

/** Part of a file from `start` on; shorter only where the file ends. */
export type ReadPart = (start: number, length: number) => Promise<Uint8Array>;

/** Records of each level, the lowest first. */
function levelsOf(count: number): number[] {
  const levels = [count];
  for (let size = count; size > blockRecords;) levels.push((size = Math.ceil(size / blockRecords)));
  return levels;
}

/** Bytes of the index over so many records. */
function sortedIndexBytes(count: number): number {
  return recordBytes * levelsOf(count).reduce((sum, size) => sum + size, 0);
}

/** @param records - the high and the low 32 bits of each, one after the other; sorted in place */
export function sortedIndex(records: Uint32Array): Uint8Array {
  const count = records.length / 2;
  const bytes = new Uint8Array(sortedIndexBytes(count));
  sortRecords(records, new Uint32Array(bytes.buffer, 0, records.length));
  const view = new DataView(bytes.buffer);
  let at = 0;
  let step = 1;
  for (const size of levelsOf(count)) {
    for (let record = 0; record < size; record++, at += recordBytes) {
      view.setUint32(at, records[2 * record * step] ?? 0);
      view.setUint32(at + 4, records[2 * record * step + 1] ?? 0);
    }
    step *= blockRecords;
  }
  return bytes;
}

/**
 * Records from a value on, ascending. Reads one block a level, and further ones as they are asked for.
 *
 * @param count - records of the index, which the file does not tell
 * @throws SettlementError `INDEX_MALFORMED` when the file is shorter than so many records take
 */
export async function* recordsFrom(read: ReadPart, count: number, from: bigint): AsyncGenerator<bigint> {
  const levels = levelsOf(count);
  const starts = levels.map((_, level) => levels.slice(0, level).reduce((sum, size) => sum + size, 0));
  const block = async (level: number, number: number): Promise<DataView> => {
    const first = number * blockRecords;
    const length = recordBytes * Math.min(blockRecords, (levels[level] ?? 0) - first);
    const bytes = await read(recordBytes * ((starts[level] ?? 0) + first), length);
    if (bytes.length === length) return new DataView(bytes.buffer, bytes.byteOffset, length);
    throw new SettlementError("INDEX_MALFORMED", `the index ends in the middle of its ${count} records`);
  };
  let number = 0;
  for (let level = levels.length - 1; level > 0; level--) {
    const below = firstFrom(await block(level, number), from);
    // Equal records may begin at the end of the block before.
    number = number * blockRecords + Math.max(0, below - 1);
  }
  for (let at = -1; number * blockRecords < count; number++, at = 0) {
    const records = await block(0, number);
    for (at = at < 0 ? firstFrom(records, from) : at; at < records.byteLength / recordBytes; at++) {
      yield records.getBigUint64(at * recordBytes);
    }
  }
}

/** Position of the first record of a block that is not below a value. */
function firstFrom(records: DataView, value: bigint): number {
  let [low, high] = [0, records.byteLength / recordBytes];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (records.getBigUint64(middle * recordBytes) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
