import { equalBytes, utf8 } from "./bytes.ts";
import type { PartitionForm } from "./partition-file.ts";

/** Bytes after which a chunk ends with the next line. Where chunks end hangs on nothing that comes after. */
const chunkBytes = 262_144;

const lf = 0x0a;
const opening = utf8("[\n");
const closing = utf8("]\n");

/** Thrown by {@link eventChunks} when a file is not formatted one event a line. */
export class OtherFormatting extends Error {}

/** Whole lines of a file of events, one event a line. */
export interface EventChunk {
  /** Position of its first event in the file. */
  readonly firstIndex: number;
  readonly count: number;
  /** Byte offset of its first line in the file. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

type Blocks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What of a file is behind: the blocks begin with the line after it. */
export interface LinesBefore {
  readonly bytes: number;
  readonly events: number;
}

/**
 * The lines of a file of events, many at a time, without the brackets of a month.
 *
 * @param path - for the error
 * @param blocks - the bytes of the file; a block may change once the next is asked for
 * @param before - what the blocks go on after; a month that is read from its start begins with its bracket
 * @throws OtherFormatting
 */
export async function* eventChunks(
  ...[path, form, blocks, before]: Parameters<typeof passingChunks>
): AsyncGenerator<EventChunk> {
  for await (const chunk of passingChunks(path, form, blocks, before)) yield { ...chunk, bytes: chunk.bytes.slice() };
}

/** Memory for blocks and lines; a kind that finds line feeds soonest is best. */
type NewBytes = (length: number) => Uint8Array;

/** {@link eventChunks} without a copy: the bytes of a chunk may change once the next is asked for. */
export async function* passingChunks(
  path: string,
  form: PartitionForm,
  blocks: Blocks,
  before: LinesBefore = { bytes: 0, events: 0 },
  newBytes: NewBytes = (length) => new Uint8Array(length),
): AsyncGenerator<EventChunk> {
  let firstIndex = before.events;
  const isAtStart = form === "array" && before.bytes === 0;
  let at = isAtStart ? opening.length : before.bytes;
  for await (const bytes of cutLines(path, { isArray: form === "array", isAtStart, newBytes }, blocks)) {
    const count = linesIn(bytes);
    yield { firstIndex, count, start: at, bytes };
    firstIndex += count;
    at += bytes.length;
  }
}

interface Cutting {
  readonly isArray: boolean;
  readonly isAtStart: boolean;
  readonly newBytes: NewBytes;
}

async function* cutLines(
  path: string,
  { isArray, isAtStart, newBytes }: Cutting,
  blocks: Blocks,
): AsyncGenerator<Uint8Array> {
  /** What is left of the blocks before, and the block at hand. */
  let held = newBytes(0);
  let rest: Uint8Array = held;
  let isOpened = !isAtStart;
  for await (const block of blocks) {
    const length = rest.length + block.length;
    if (length > held.length) held = newBytes(2 * length);
    held.set(rest);
    held.set(block, rest.length);
    rest = held.subarray(0, length);
    if (!isOpened && rest.length >= opening.length) {
      if (!equalBytes(rest.subarray(0, opening.length), opening)) throw new OtherFormatting(path);
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
function chunkEnd(path: string, rest: Uint8Array): number {
  if (rest.length <= chunkBytes + closing.length) return 0;
  const end = rest.indexOf(lf, chunkBytes) + 1;
  // A line as long as this is read at once with its file, and not block by block again and again.
  if (end === 0 && rest.length > 64 * chunkBytes) throw new OtherFormatting(path);
  return end + closing.length > rest.length ? 0 : end;
}

function withoutBracket(path: string, rest: Uint8Array): Uint8Array {
  const isClosed = equalBytes(rest.subarray(-closing.length), closing) && (rest.length === 2 || rest.at(-3) === lf);
  if (!isClosed) throw new OtherFormatting(path);
  return rest.subarray(0, -closing.length);
}

/** Line feeds. */
export function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, at + 1)) count++;
  return count;
}

/** The text of each line, without the comma that leads it; undefined when one is not formatted as an event is. */
export function lineTexts(form: PartitionForm, { firstIndex, count }: EventCount, text: string): string[] | undefined {
  const lines = text.split("\n");
  lines.pop();
  if (lines.length !== count) return undefined;
  if (form === "lines")
    return lines.every((line) => !isBlank(line)) ? lines.map((line) => line.replace(/\r$/, "")) : undefined;
  const texts: string[] = [];
  for (const [at, line] of lines.entries()) {
    const lead = firstIndex + at === 0 ? "" : ",";
    if (!line.startsWith(`${lead}{`) || !line.endsWith("}")) return undefined;
    texts.push(lead === "" ? line : line.slice(1));
  }
  return texts;
}

type EventCount = Pick<EventChunk, "firstIndex" | "count">;

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}
