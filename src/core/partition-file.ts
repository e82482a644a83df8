import { utf8 } from "./bytes.ts";
import { type PartitionItem, splitLines, splitPartition } from "./partition-scan.ts";

/** How a file holds events: a month as a JSON array, or one event a line (`events.jsonl`). */
export type PartitionForm = "array" | "lines";

/** Where and how further events are written into a file. */
export interface AppendPoint {
  /** Byte offset after the last event. What follows it is `tail`, and is written again after the new events. */
  readonly at: number;
  /** Goes before the first new event. */
  readonly lead: string;
  /** Goes between new events. */
  readonly between: string;
  readonly tail: string;
  /** Is the file as {@link formatPartition} writes it, so that an append that a crash tears is recovered? */
  readonly isOurForm: boolean;
}

const forms = {
  array: { between: "\n,", tail: "\n]\n" },
  lines: { between: "\n", tail: "\n" },
} as const satisfies Record<PartitionForm, object>;

/**
 * A file of events the way we write it: one event a line and, in an array, the comma leading each later line, so
 * that an append adds lines and changes none.
 *
 * @param events - each the JSON of one event, without line breaks
 */
export function formatPartition(form: PartitionForm, events: readonly string[]): string {
  if (events.length === 0) return form === "array" ? "[\n]\n" : "";
  return (form === "array" ? "[\n" : "") + events.join(forms[form].between) + forms[form].tail;
}

/**
 * Where the next event of a file in any formatting goes.
 *
 * @throws SettlementError `PARTITION_MALFORMED`: a faulty file is repaired first, not appended to
 */
export function appendPoint(form: PartitionForm, text: string): AppendPoint {
  const items = form === "array" ? splitPartition(text) : splitLines(text);
  const isEmpty = items.length === 0;
  const close = form === "array" ? text.lastIndexOf("]") : text.length;
  const end = endWithoutSpace(text, close);
  const spaceBefore = text.slice(end, close);
  const eol = /\r?\n/.exec(text.slice(end))?.[0] ?? "\n";
  const lineBreak = form === "lines" && isEmpty ? "" : eol;
  const comma = form === "array" ? "," : "";
  const isOnOwnLine = form === "array" && spaceBefore.includes("\n");
  return {
    at: utf8(text.slice(0, end)).length,
    lead: lineBreak + (isEmpty ? "" : comma),
    between: eol + comma,
    tail: isOnOwnLine ? text.slice(end) : forms[form].tail.replaceAll("\n", eol),
    isOurForm: isOurForm(form, text, items),
  };
}

function isOurForm(form: PartitionForm, text: string, items: readonly PartitionItem[]): boolean {
  const texts = items.map((item) => item.text);
  return formatPartition(form, texts) === text && !texts.some((item) => item.includes("\n"));
}

function endWithoutSpace(text: string, end: number): number {
  let at = end;
  while (at > 0 && " \t\r\n".includes(text.charAt(at - 1))) at--;
  return at;
}

/**
 * What is written from `point.at` on to add events, and the point after them.
 *
 * @param events - one or more
 */
export function appendBytes(
  point: AppendPoint,
  events: readonly string[],
): { readonly bytes: Uint8Array; readonly next: AppendPoint } {
  const { at, lead, between, tail } = point;
  const bytes = utf8(lead + events.join(between) + tail);
  return { bytes, next: { ...point, at: at + bytes.length - utf8(tail).length, lead: between } };
}
