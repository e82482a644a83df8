import type { Chunk } from "./chunk.ts";
import type { EventPath } from "./read-ledger.ts";

/** Bytes after which a chunk ends with the next line. Where chunks end hangs on nothing that comes after. */
const chunkBytes = 262_144;

const lf = 0x0a;
const opening = Buffer.from("[\n");
const closing = Buffer.from("]\n");

/** Thrown by {@link eventChunks} when a file is not formatted one event a line. */
export class OtherFormatting extends Error {}

type Cut = Pick<Chunk, "file" | "month" | "firstIndex" | "count" | "bytes">;

/**
 * The lines of a file of events, many at a time, without the brackets of a month.
 *
 * @param blocks - the bytes of the file
 * @throws OtherFormatting
 */
export async function* eventChunks(
  { path, month }: EventPath,
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Cut> {
  let firstIndex = 0;
  for await (const bytes of cutLines(path, month !== "", blocks)) {
    const count = linesIn(bytes);
    yield { file: path, month, firstIndex, count, bytes: new Uint8Array(bytes) };
    firstIndex += count;
  }
}

async function* cutLines(
  path: string,
  isArray: boolean,
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let isOpened = !isArray;
  for await (const block of blocks) {
    rest = rest.length === 0 ? Buffer.from(block) : Buffer.concat([rest, block]);
    if (!isOpened && rest.length >= opening.length) {
      if (!rest.subarray(0, opening.length).equals(opening)) throw new OtherFormatting(path);
      rest = rest.subarray(opening.length);
      isOpened = true;
    }
    if (!isOpened) continue;
    for (let end = chunkEnd(path, rest); end > 0; end = chunkEnd(path, rest)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
  }
  if (!isOpened) throw new OtherFormatting(path);
  const last = isArray ? withoutBracket(path, rest) : rest;
  if (last.length > 0 && last.at(-1) !== lf) throw new OtherFormatting(path);
  if (last.length > 0) yield last;
}

/** Where the next chunk ends, 0 when it is not whole yet. What may be the bracket that closes a month is kept back. */
function chunkEnd(path: string, rest: Buffer): number {
  if (rest.length <= chunkBytes + closing.length) return 0;
  const end = rest.indexOf(lf, chunkBytes) + 1;
  // A line as long as this is read at once with its file, and not block by block again and again.
  if (end === 0 && rest.length > 64 * chunkBytes) throw new OtherFormatting(path);
  return end + closing.length > rest.length ? 0 : end;
}

function withoutBracket(path: string, rest: Buffer): Buffer {
  const isClosed = rest.subarray(-closing.length).equals(closing) && (rest.length === 2 || rest.at(-3) === lf);
  if (!isClosed) throw new OtherFormatting(path);
  return rest.subarray(0, -closing.length);
}

/** Line feeds. */
export function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, at + 1)) count++;
  return count;
}
