import { SettlementError } from "./error.ts";

/** One event of a partition file, as it is written there and not parsed yet. */
export interface PartitionItem {
  /** Zero-based position among the events of the file. */
  readonly index: number;
  /** Line on which the text begins, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** An event that was found in a text. */
export interface FoundItem extends PartitionItem {
  /** Where it begins, in characters. */
  readonly start: number;
}

export interface PartitionFault {
  readonly line: number;
  readonly message: string;
}

/** What could be made of a file: a validator reports the faults, everybody else refuses a file that has one. */
export interface PartitionScan {
  readonly items: readonly FoundItem[];
  readonly faults: readonly PartitionFault[];
}

interface Scanner {
  readonly text: string;
  at: number;
  line: number;
  readonly items: FoundItem[];
  readonly faults: PartitionFault[];
}

const maxFaults = 1000;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The elements of a JSON array in any formatting, in linear time and without parsing them.
 *
 * When no fault is found and each element is JSON, the whole is JSON and these are its elements.
 */
export function scanPartition(text: string): PartitionScan {
  const scanner: Scanner = { text, at: 0, line: 1, items: [], faults: [] };
  skipSpace(scanner);
  if (text.charCodeAt(scanner.at) === openBracket) {
    scanner.at++;
    scanElements(scanner);
  } else {
    fault(scanner, "a partition is a JSON array; it begins with [");
  }
  return scanner;
}

/** The lines of a jsonl file. LF or CRLF; the last line break is optional; blank lines are faults unless they end the file. */
export function scanLines(text: string): PartitionScan {
  const items: FoundItem[] = [];
  const faults: PartitionFault[] = [];
  const lines = text.split("\n");
  while (lines.length > 0 && isBlank(lines.at(-1) ?? "")) lines.pop();
  let start = 0;
  for (const [at, line] of lines.entries()) {
    if (!isBlank(line)) items.push({ index: items.length, line: at + 1, text: line.replace(/\r$/, ""), start });
    else if (faults.length < maxFaults)
      faults.push({ line: at + 1, message: "a blank line between events; remove it" });
    start += line.length + 1;
  }
  return { items, faults };
}

/** Events of a monthly file. @throws SettlementError `PARTITION_MALFORMED` naming the line of the first fault */
export function splitPartition(text: string): readonly FoundItem[] {
  return itemsOf(scanPartition(text));
}

/** Events of a jsonl file. @throws SettlementError `PARTITION_MALFORMED` naming the line of the first fault */
export function splitLines(text: string): readonly FoundItem[] {
  return itemsOf(scanLines(text));
}

/** Offset after the object or array that begins at `start`; -1 when the text ends inside it. */
export function endOfContainer(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at) - 1;
      if (at < 0) return -1;
    } else if (code === openBrace || code === openBracket) {
      depth++;
    } else if ((code === closeBrace || code === closeBracket) && --depth === 0) {
      return at + 1;
    }
  }
  return -1;
}

function itemsOf({ items, faults: [first] }: PartitionScan): readonly FoundItem[] {
  if (first) throw new SettlementError("PARTITION_MALFORMED", `line ${first.line}: ${first.message}`);
  return items;
}

function scanElements(scanner: Scanner): void {
  let wanted: "element or end" | "element" | "comma or end" = "element or end";
  while (scanner.faults.length < maxFaults) {
    skipSpace(scanner);
    const code = scanner.text.charCodeAt(scanner.at);
    if (Number.isNaN(code)) return fault(scanner, "the file ends before the ] that closes the array");
    if (code === closeBracket) {
      if (wanted === "element") fault(scanner, "a comma before the ] that closes the array; remove it");
      return scanEnd(scanner);
    }
    if (code === comma) {
      if (wanted !== "comma or end") fault(scanner, "a comma where an event belongs");
      wanted = "element";
      scanner.at++;
      continue;
    }
    if (wanted === "comma or end") fault(scanner, "the comma before this event is missing");
    if (!scanElement(scanner, code)) return;
    wanted = "comma or end";
  }
}

/** Takes one element; false when the text ends inside it. */
function scanElement(scanner: Scanner, code: number): boolean {
  const { text, at, line } = scanner;
  const end = endOfElement(text, at, code);
  if (end === -1) {
    fault(scanner, "the event that begins here is not closed before the file ends");
    return false;
  }
  scanner.items.push({ index: scanner.items.length, line, text: text.slice(at, end), start: at });
  stepTo(scanner, end);
  return true;
}

function endOfElement(text: string, start: number, code: number): number {
  if (code === openBrace || code === openBracket) return endOfContainer(text, start);
  if (code === quote) return endOfString(text, start);
  let end = start;
  while (end < text.length && !isSpace(text.charCodeAt(end)) && !",]".includes(text.charAt(end))) end++;
  return end;
}

/** Offset after the string whose opening quote is at `start`; -1 when the text ends inside it. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escape = at;
    while (text.charCodeAt(escape - 1) === backslash) escape--;
    if ((at - escape) % 2 === 0) return at + 1;
  }
  return -1;
}

function scanEnd(scanner: Scanner): void {
  scanner.at++;
  skipSpace(scanner);
  if (scanner.at < scanner.text.length) fault(scanner, "text after the ] that closes the array; remove it");
}

function skipSpace(scanner: Scanner): void {
  const { text } = scanner;
  for (let code = text.charCodeAt(scanner.at); isSpace(code); code = text.charCodeAt(++scanner.at)) {
    if (code === 0x0a) scanner.line++;
  }
}

function stepTo(scanner: Scanner, end: number): void {
  const { text, at } = scanner;
  for (let lf = text.indexOf("\n", at); lf !== -1 && lf < end; lf = text.indexOf("\n", lf + 1)) scanner.line++;
  scanner.at = end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}

function fault(scanner: Scanner, message: string): void {
  scanner.faults.push({ line: scanner.line, message });
}
