import { isUtf8 } from "node:buffer";
import { fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import { type Dialect, dialectOf } from "../core/ledger-event.ts";
import type { FindingSink } from "./finding.ts";
import type { Entry } from "./ledger-state.ts";
import type { PlainLines } from "./plain-lines.ts";
import { quickEvent } from "./quick-event.ts";
import { type JsonItem, maxEventBytes, readEntry, readItem } from "./read-event.ts";

/** An event that was handed in stands in no file yet. */
const place: Entry["place"] = { file: "", line: 1, index: 0 };

interface Reading {
  readonly sink: FindingSink;
  readonly sha256: Sha256;
  /** Reads most good events sooner. */
  readonly plain?: PlainLines;
}

/** Written out, a number such as 1e20 takes up to six times the room: what is shorter than this fits in any case. */
const fittingBytes = maxEventBytes / 6;

/** Takes an id, which is in the event too. */
const spareId = new Uint8Array(32);

/** An event that nothing is wrong with, in plain JSON. */
function readPlain(handed: unknown, dialect: Dialect | undefined, plain: PlainLines): Entry | undefined {
  const bytes = handed instanceof Uint8Array ? handed : utf8(textOf(handed) ?? "");
  if (bytes.length > fittingBytes || !isUtf8(bytes)) return undefined;
  plain.open(bytes);
  const proven = plain.read(0, bytes.length, spareId, 0);
  if (!proven || (dialect ?? proven.dialect) !== proven.dialect) return undefined;
  const text = fromUtf8(bytes);
  const value = JSON.parse(text) as JsonValue;
  if (!isJsonObject(value) || dialectOf(value) !== proven.dialect) return undefined;
  const quick = quickEvent(proven.dialect, value, proven);
  return quick && { place, text, value, event: quick.event, isSound: true };
}

/**
 * Reads an event as it will be read from the ledger: whatever form it comes in, it is the value that its JSON has.
 *
 * @param handed - bytes of JSON, or a JSON value
 * @param dialect - of the ledger; undefined when the event decides
 */
export function readHanded(handed: unknown, dialect: Dialect | undefined, { sink, sha256, plain }: Reading): Entry {
  const quick = plain && readPlain(handed, dialect, plain);
  if (quick) return quick;
  const item = handed instanceof Uint8Array ? readBytes(handed, sink) : readValue(handed, sink);
  const { value } = item;
  const own = dialect ?? (isJsonObject(value) ? dialectOf(value) : "monthly");
  return readEntry(own, item, { sink, sha256 });
}

function unread(text: string): JsonItem {
  return { place, text, value: undefined };
}

function readBytes(bytes: Uint8Array, sink: FindingSink): JsonItem {
  try {
    if (bytes.length > maxEventBytes) throw tooLarge(bytes.length);
    const item = readItem(place.file, { line: 1, index: 0, text: fromUtf8(bytes) }, sink);
    if (item.value !== undefined && bytes.length > fittingBytes) requireSize(item.value);
    return item;
  } catch (error) {
    sink.addError(error, place);
    return unread("");
  }
}

function requireSize(value: JsonValue): void {
  const { length } = utf8(JSON.stringify(value));
  if (length > maxEventBytes) throw tooLarge(length);
}

function tooLarge(length: number): SettlementError {
  return new SettlementError("JSON_TOO_LARGE", `the event has ${length} bytes; at most ${maxEventBytes} are allowed`);
}

/** A value goes through its text, so that nothing but JSON gets in, and of that nothing a file could not hold. */
function readValue(value: unknown, sink: FindingSink): JsonItem {
  const text = textOf(value);
  if (text !== undefined) return readItem(place.file, { line: 1, index: 0, text }, sink);
  sink.add("JSON_VALUE_UNSUPPORTED", place, "the event is no JSON value");
  return unread("");
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
