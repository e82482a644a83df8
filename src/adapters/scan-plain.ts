import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { maxTerms, termsOf } from "../core/event-index.ts";
import type { EventLine } from "../core/event.ts";
import type { EventChunk } from "../core/event-chunks.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import { type HashRange, plainEvents, type ReadPlainEvent } from "../core/plain-event.ts";
import { plainTerms, type TermWriter } from "../core/plain-terms.ts";
import type { ScannedEvents } from "../ports.ts";
import { nodeTreeHashing } from "./node-tree.ts";
import { readEvent } from "./read-event.ts";
import type { ScanMeans, TermKeys } from "./scan-means.ts";

/** Longest chunk that is scanned here. */
const mostBytes = 2 ** 20;

/** Room for what is longer than its text by a name. */
const extraBytes = 1024;

const lf = 0x0a;
const cr = 0x0d;
const comma = 0x2c;
const braceOpen = 0x7b;
const braceClose = 0x7d;

/** Where chunks are scanned, one after the other. */
interface Bench {
  readonly bytes: Uint8Array;
  readonly read: ReadPlainEvent;
  readonly terms: TermWriter;
}

let kept: Bench | undefined;

function newBench(): Bench {
  const bytes = new Uint8Array(2 * mostBytes + extraBytes);
  const digest = Buffer.alloc(32);
  const hashRange: HashRange = (start, end, target, at) => {
    digest.write(hash("sha256", bytes.subarray(start, end), "binary"), 0, 32, "latin1");
    target.set(digest, at);
  };
  const read = plainEvents(bytes, mostBytes, hashRange);
  return { bytes, read, terms: plainTerms(bytes, mostBytes, hashRange, nodeTreeHashing) };
}

/** Lists that are filled event by event. */
interface Lists {
  readonly ids: Uint8Array;
  readonly unixMs: Float64Array;
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly lineEnds: Uint32Array;
  readonly terms: Float64Array;
  lines: Uint8Array;
  lineBytes: number;
}

interface PlainTask {
  readonly form: PartitionForm;
  readonly chunk: EventChunk;
}

/**
 * What a chunk holds, in a fraction of the time that it takes to parse each event. Only those events are parsed whose JSON
 * is not plain.
 *
 * @returns undefined where something is wrong with the chunk: whoever parses all of it finds what
 */
export function scanPlain({ form, chunk }: PlainTask, means: ScanMeans): ScannedEvents | undefined {
  if (chunk.bytes.length > mostBytes || !isUtf8(chunk.bytes)) return undefined;
  const bench = (kept ??= newBench());
  bench.bytes.set(chunk.bytes);
  const lists = newLists(chunk, means);
  bench.terms.begin(lists.terms);
  let dialect: Dialect | undefined;
  let start = 0;
  for (let at = 0; at < chunk.count; at++) {
    if (form === "array" && chunk.firstIndex + at > 0 && chunk.bytes[start++] !== comma) return undefined;
    const own = readAt({ form, chunk, start, at }, lists, bench, means);
    if (!own || own.dialect !== (dialect ??= own.dialect)) return undefined;
    lists.offsets[at] = chunk.start + start;
    lists.lengths[at] = own.end - start;
    start = own.next;
  }
  bench.terms.end();
  const { ids, unixMs, offsets, lengths, lines, lineBytes, lineEnds, terms } = lists;
  const details = means.keyOf && { lines: lines.subarray(0, lineBytes), lineEnds, terms, leaves: leavesOf(ids) };
  return { dialect: dialect ?? "monthly", count: chunk.count, ids, unixMs, offsets, lengths, details };
}

function leavesOf(ids: Uint8Array): Uint8Array {
  const leaves = new Uint8Array(ids.length);
  nodeTreeHashing.leaves(ids, leaves);
  return leaves;
}

function newLists({ count, bytes }: EventChunk, { keyOf, lines }: ScanMeans): Lists {
  const detailed = keyOf ? count : 0;
  return {
    ids: new Uint8Array(32 * count),
    unixMs: new Float64Array(count),
    offsets: new Float64Array(count),
    lengths: new Uint32Array(count),
    lineEnds: new Uint32Array(detailed),
    terms: new Float64Array(maxTerms * detailed),
    lines: lines ?? new Uint8Array(keyOf ? bytes.length + 1 : 0),
    lineBytes: 0,
  };
}

interface Place extends PlainTask {
  /** Where the text begins. */
  readonly start: number;
  /** Which of the events it is. */
  readonly at: number;
}

interface ReadText {
  readonly dialect: Dialect;
  /** Where its text ends, and where the next line begins. */
  readonly end: number;
  readonly next: number;
}

function readAt(place: Place, lists: Lists, bench: Bench, means: ScanMeans): ReadText | undefined {
  const { form, start, at } = place;
  const { bytes, read, terms } = bench;
  const event = read(start, lists.ids, 32 * at);
  const next = event && lineEnd(form, bytes, event.end);
  if (!event || next === undefined) return readSlowly(place, lists, means);
  lists.unixMs[at] = event.unixMs;
  if (means.keyOf) {
    addLine(lists, bytes.subarray(start, event.end), at);
    terms.write(event, maxTerms * at);
  }
  return { dialect: event.dialect, end: event.end, next };
}

/** Where the next line begins; undefined when there is more on this one. */
function lineEnd(form: PartitionForm, bytes: Uint8Array, end: number): number | undefined {
  if (bytes[end] === lf) return end + 1;
  return form === "lines" && bytes[end] === cr && bytes[end + 1] === lf ? end + 2 : undefined;
}

function readSlowly({ form, chunk, start, at }: Place, lists: Lists, means: ScanMeans): ReadText | undefined {
  const { bytes } = chunk;
  const lineFeed = bytes.indexOf(lf, start);
  const end = form === "lines" && lineFeed > start && bytes[lineFeed - 1] === cr ? lineFeed - 1 : lineFeed;
  if (form === "array" && (bytes[start] !== braceOpen || bytes[end - 1] !== braceClose)) return undefined;
  const parsed = parsedOrNone(fromUtf8(bytes.subarray(start, end)), means);
  if (!parsed) return undefined;
  const { event, line } = parsed;
  lists.ids.set(Buffer.from(event.id, "hex"), 32 * at);
  lists.unixMs[at] = event.unixMs;
  if (means.keyOf) {
    addLine(lists, utf8(line), at);
    writeParsedTerms(event, means.keyOf, lists.terms, maxTerms * at);
  }
  return { dialect: event.dialect, end, next: lineFeed + 1 };
}

function parsedOrNone(text: string, { sha256 }: ScanMeans): EventLine<LedgerEvent> | undefined {
  try {
    return readEvent(text, "", sha256);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** Adds a line of the evidence digest. */
function addLine(lists: Lists, line: Uint8Array, at: number): void {
  const end = lists.lineBytes + line.length;
  if (end >= lists.lines.length) {
    const larger = new Uint8Array(2 * (end + 1));
    larger.set(lists.lines);
    lists.lines = larger;
  }
  lists.lines.set(line, lists.lineBytes);
  lists.lines[end] = lf;
  lists.lineEnds[at] = lists.lineBytes = end + 1;
}

/** One more than the key of each term of an event. */
export function writeParsedTerms(event: LedgerEvent, keyOf: TermKeys, terms: Float64Array, first: number): void {
  for (const [number, [name, text]] of termsOf(event).entries()) terms[first + number] = keyOf(name, text) + 1;
}
