import { hash } from "node:crypto";
import { equalBytes } from "../core/bytes.ts";

/** Bytes that are read here and there. */
export interface RandomFile extends Disposable {
  readonly size: number;
  /** Fewer bytes where the file ends. */
  read(start: number, length: number): Uint8Array;
}

/** Thrown when bytes are not those that were written. */
export class DamagedFile extends Error {}

const blockBytes = 16_384;
const sumBytes = 32;

/** Blocks that are kept in memory: 32 MB. */
const keptBlocks = 2048;

/** What was written by {@link checkedFile}, without its checksums. */
export interface CheckedBytes {
  readonly length: number;
  /** @throws DamagedFile also beyond the end */
  read(start: number, length: number): Uint8Array;
}

function sumOf(block: Uint8Array): Uint8Array {
  return hash("sha256", block, "buffer");
}

/** A file with a checksum of each of its blocks behind them, so that a part of it can be trusted without reading all. */
export function* checkedFile(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  const sums: Uint8Array[] = [];
  const block = new Uint8Array(blockBytes);
  let filled = 0;
  let length = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + blockBytes - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockBytes) continue;
      sums.push(sumOf(block));
      yield block.slice();
      filled = 0;
    }
    length += piece.length;
  }
  if (filled > 0) {
    sums.push(sumOf(block.subarray(0, filled)));
    yield block.slice(0, filled);
  }
  const table = Buffer.concat(sums);
  const end = new Uint8Array(8);
  new DataView(end.buffer).setBigUint64(0, BigInt(length));
  yield Buffer.concat([table, end, sumOf(Buffer.concat([table, end]))]);
}

/** @throws DamagedFile */
export function openChecked(file: RandomFile): CheckedBytes {
  const tail = file.read(Math.max(0, file.size - sumBytes - 8), sumBytes + 8);
  const length = tail.length < sumBytes + 8 ? -1 : Number(new DataView(tail.buffer, tail.byteOffset).getBigUint64(0));
  const blocks = Math.ceil(length / blockBytes);
  if (length < 0 || file.size !== length + blocks * sumBytes + 8 + sumBytes) throw new DamagedFile();
  const table = file.read(length, blocks * sumBytes + 8);
  if (!equalBytes(sumOf(table), tail.subarray(8))) throw new DamagedFile();
  const kept = new Map<number, Uint8Array>();
  const blockAt = (number: number): Uint8Array => {
    const known = kept.get(number);
    if (known) return known;
    const start = number * blockBytes;
    const block = file.read(start, Math.min(blockBytes, length - start));
    if (!equalBytes(sumOf(block), table.subarray(number * sumBytes, (number + 1) * sumBytes))) throw new DamagedFile();
    if (kept.size >= keptBlocks) kept.clear();
    kept.set(number, block);
    return block;
  };
  return {
    length,
    read(start, wanted) {
      if (start < 0 || start + wanted > length) throw new DamagedFile();
      const bytes = new Uint8Array(wanted);
      for (let at = 0; at < wanted;) {
        const number = Math.floor((start + at) / blockBytes);
        const from = start + at - number * blockBytes;
        const part = blockAt(number).subarray(from, from + wanted - at);
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
  };
}
