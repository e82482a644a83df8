import { utf8 } from "./bytes.ts";
import type { PartitionForm } from "./partition-file.ts";
import { endOfContainer } from "./partition-scan.ts";

/** What a crash in the middle of an append left, cut back to its last whole event. */
export interface Recovery {
  readonly whole: Uint8Array;
  readonly droppedBytes: number;
  /** Line of the first dropped byte, counted from 1. */
  readonly line: number;
}

const nul = 0;
const lf = 0x0a;
const closeBracket = 0x5d;

/**
 * The last whole state of a file of our own formatting that ends in a torn append.
 *
 * An append is torn when its bytes stop anywhere, also where older bytes or a file system's zeros follow. Whatever is
 * damaged elsewhere, or formatted in another way, is left for the readers of the file to refuse.
 *
 * @returns undefined when nothing is to be recovered
 */
export function recoverPartition(form: PartitionForm, bytes: Uint8Array): Recovery | undefined {
  if (bytes.at(-1) === lf && (form === "lines" || bytes.at(-2) === closeBracket)) return undefined;
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === nul) length--;
  const lineStart = length === 0 ? 0 : bytes.lastIndexOf(lf, length - 1) + 1;
  const text = decode(bytes.subarray(0, lineStart));
  if (text === undefined) return undefined;
  const tail = new TextDecoder().decode(bytes.subarray(lineStart, length));
  const kept = form === "array" ? wholeArray(text, tail) : wholeLines(text, tail);
  if (kept === undefined || (length === bytes.length && kept.isWhole)) return undefined;
  const whole = utf8(kept.text);
  return { whole, droppedBytes: bytes.length - utf8(kept.prefix).length, line: kept.prefix.split("\n").length };
}

interface Kept {
  readonly text: string;
  /** The part of the file that was kept; `text` closes it. */
  readonly prefix: string;
  /** Was there nothing to drop nor to close? */
  readonly isWhole: boolean;
}

function wholeLines(text: string, tail: string): Kept | undefined {
  if (tail === "") return { text, prefix: text, isWhole: true };
  const torn = tornState(tail.replace(/\r$/, ""), "");
  if (torn === "damaged") return undefined;
  const kept = torn === "torn" ? text : text + tail;
  return { text: kept, prefix: kept, isWhole: torn !== "torn" };
}

function wholeArray(text: string, tail: string): Kept | undefined {
  if (text === "") return tail === "" || tail === "[" ? { text: "[\n]\n", prefix: tail, isWhole: false } : undefined;
  const lines = text.split("\n");
  lines.pop();
  if (lines.shift() !== "[") return undefined;
  if (lines.at(-1) === "]") {
    return tail === "" && lines.slice(0, -1).every(isEventLine) ? { text, prefix: text, isWhole: true } : undefined;
  }
  // A write in place that got no further than its first character is followed by the old file's last line break.
  if (tail === "" && lines.at(-1) === (lines.length > 1 ? "," : "{")) lines.pop();
  if (!lines.every(isEventLine)) return undefined;
  const prefix = ["[", ...lines, ""].join("\n");
  if (tail === "]") return { text: `${prefix}]\n`, prefix: `${prefix}]`, isWhole: true };
  const torn = tornState(tail, lines.length === 0 ? "" : ",");
  if (torn === "damaged") return undefined;
  if (torn === "whole") return { text: `${prefix}${tail}\n]\n`, prefix: prefix + tail, isWhole: false };
  return { text: `${prefix}]\n`, prefix, isWhole: false };
}

function isEventLine(line: string, at: number): boolean {
  return tornState(line, at === 0 ? "" : ",") === "whole";
}

/** Is this the whole line of an event after `lead`, the start of one (or nothing), or something else? */
function tornState(line: string, lead: string): "whole" | "torn" | "damaged" {
  const opening = `${lead}{`;
  if (opening.startsWith(line)) return "torn";
  if (!line.startsWith(opening)) return "damaged";
  const end = endOfContainer(line, lead.length);
  return end === -1 ? "torn" : end === line.length ? "whole" : "damaged";
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
