import { isUtf8 } from "node:buffer";
import { fromHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { lineTexts } from "../core/event-chunks.ts";
import type { Sha256 } from "../core/hash.ts";
import type { JsonValue } from "../core/json.ts";
import { endOfContainer } from "../core/partition-scan.ts";
import type { Signer } from "../core/signer.ts";
import {
  type Chunk,
  type ChunkFacts,
  type ChunkLedger,
  eventMarks,
  type JudgeChunk,
  putSaidDigest,
  saidBytes,
} from "./chunk.ts";
import { type FindingList, findingList } from "./finding.ts";
import { chunkContext } from "./chunk-context.ts";
import { holderOf } from "./judge-ledger.ts";
import type { Entry } from "./ledger-state.ts";
import { type PlainLines, plainLines, type ProvenEvent } from "./plain-lines.ts";
import { quickEvent } from "./quick-event.ts";
import { type JsonItem, readItem } from "./read-event.ts";
import type { KeyHolder, KnownSigners, Readable, RuleContext } from "./rule.ts";
import { localRules } from "./rules.ts";
import { contentKey } from "./rules/events.ts";
import { isOfLedger } from "./rules/of-ledger.ts";
import { judgeSignature, type SignatureTally } from "./rules/signatures.ts";
import { targetOf } from "./rules/relations.ts";

const idBytes = 32;
const lf = 0x0a;
const cr = 0x0d;
const comma = 0x2c;

export interface ChunkCrypto {
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
}

/** Those who signed events of a chunk, by their number. */
interface SignerNumbers {
  readonly holders: (readonly KeyHolder[])[];
  readonly byKey: Map<Signer["key"], number>;
}

/** Lists with room for every event of a chunk. */
interface Filling {
  readonly marks: Uint8Array;
  readonly ids: Uint8Array;
  readonly said: Uint8Array;
  readonly unixMs: Float64Array;
  readonly signer: Uint16Array;
  readonly signers: SignerNumbers;
  readonly targets: Uint8Array[];
  readonly nodes: Set<string>;
  readonly lines: Lines | undefined;
}

/** Canonical JSON of events, each with a line feed. */
interface Lines {
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the line of each event ends. */
  readonly ends: Uint32Array;
  size: number;
}

/** Judges the events of chunks as far as they stand for themselves. */
export function chunkJudge(ledger: ChunkLedger, crypto: ChunkCrypto): JudgeChunk {
  const judge = eventJudge(ledger, crypto);
  const plain = plainLines(crypto.sha256);
  return (chunk) => {
    if (!isUtf8(chunk.bytes)) return undefined;
    const readLine = lineReader(chunk, plain);
    const filling = emptyFilling(chunk);
    const { ids, lines } = filling;
    let checked = 0;
    for (let at = 0; at < chunk.count; at++) {
      const read = readLine(at, ids);
      if (read === undefined) return undefined;
      const proven = typeof read === "string" ? undefined : read;
      const text = typeof read === "string" ? read : read.text;
      const item = judge.read(chunk, at, text, proven);
      if (item.value === undefined && endOfContainer(text, 0) !== text.length && chunk.month !== "") return undefined;
      // What is new is also judged by the clock.
      const judged = at < chunk.accepted ? judge.judge(item, proven) : undefined;
      if (judged) {
        fill(filling, at, judged, proven);
        checked++;
        if (lines) addLine(lines, judged.line());
      } else ids.fill(0, idBytes * at, idBytes * (at + 1));
      if (lines) lines.ends[at] = lines.size;
    }
    // A plain event is an object of the dialect of the ledger.
    const plainMonthly = ledger.dialect === "monthly" ? checked : 0;
    return { plain: checked, plainMonthly, checked, ...factsOf(filling) };
  };
}

/**
 * Reads the events of a chunk one after the other; `ids` takes the id of each that is proven.
 *
 * @returns the text of another, undefined for a line that is not formatted as an event is
 */
function lineReader(
  chunk: Chunk,
  plain: PlainLines,
): (at: number, ids: Uint8Array) => ProvenEvent | string | undefined {
  const { bytes, month, firstIndex } = chunk;
  let texts: readonly string[] | undefined;
  let start = 0;
  plain.open(bytes);
  return (at, ids) => {
    const lead = month !== "" && firstIndex + at > 0 ? 1 : 0;
    const next = bytes.indexOf(lf, start) + 1;
    // The one list may have carriage returns.
    const end = month === "" && bytes[next - 2] === cr ? next - 2 : next - 1;
    const isLed = lead === 0 || bytes[start] === comma;
    const proven = isLed ? plain.read(start + lead, end, ids, idBytes * at) : undefined;
    start = next;
    return proven ?? (texts ??= textsOf(chunk))?.[at];
  };
}

/** Where an event of a chunk stands. */
export function placeOf(
  { month, firstIndex }: Pick<Chunk, "month" | "firstIndex">,
  at: number,
): { readonly line: number; readonly index: number } {
  const index = firstIndex + at;
  return { index, line: index + (month === "" ? 1 : 2) };
}

/** The text of each event; undefined when a line is not formatted as an event is. */
export function textsOf(chunk: Chunk): string[] | undefined {
  const { month, bytes } = chunk;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  return lineTexts(month === "" ? "lines" : "array", chunk, text);
}

function emptyFilling({ count, bytes, wantsLines }: Chunk): Filling {
  return {
    marks: new Uint8Array(count),
    ids: new Uint8Array(idBytes * count),
    said: new Uint8Array(saidBytes * count),
    unixMs: new Float64Array(count),
    signer: new Uint16Array(count),
    signers: { holders: [], byKey: new Map() },
    targets: [],
    nodes: new Set(),
    lines: wantsLines ? { bytes: new Uint8Array(bytes.length), ends: new Uint32Array(count), size: 0 } : undefined,
  };
}

function addLine(lines: Lines, line: Uint8Array): void {
  const end = lines.size + line.length;
  if (end >= lines.bytes.length) lines.bytes = new Uint8Array(lines.bytes.buffer.transfer(2 * (end + 1)));
  lines.bytes.set(line, lines.size);
  lines.bytes[end] = lf;
  lines.size = end + 1;
}

function factsOf(filling: Filling): Omit<ChunkFacts, "plain" | "plainMonthly" | "checked"> {
  const { marks, ids, said, unixMs, signer, signers, targets, nodes, lines } = filling;
  const written = lines ? { lines: new Uint8Array(lines.bytes.buffer.transfer(lines.size)), lineEnds: lines.ends } : {};
  return {
    marks,
    ids,
    said,
    unixMs,
    signer,
    signers: signers.holders,
    nodes: [...nodes],
    targets: new Uint8Array(Buffer.concat(targets)),
    ...written,
  };
}

/** An event that nothing is wrong with. */
interface Judged {
  readonly entry: Readable;
  readonly line: () => Uint8Array;
  readonly signers: readonly Signer[];
  /** What it says that can be said once. */
  readonly said: string | undefined;
}

/** @param proven - whose id is there already */
function fill(filling: Filling, at: number, { entry, signers, said }: Judged, proven: ProvenEvent | undefined): void {
  const { id, unixMs, nodeId, repo } = entry.event;
  const target = targetOf(entry);
  const isSaid = said === undefined ? 0 : eventMarks.said;
  filling.marks[at] = eventMarks.plain | isSaid | (target === undefined ? 0 : eventMarks.target);
  if (!proven) filling.ids.set(fromHex(id), idBytes * at);
  if (said !== undefined) putSaidDigest(said, filling.said, saidBytes * at);
  if (target !== undefined) filling.targets.push(fromHex(target));
  filling.unixMs[at] = unixMs;
  if (nodeId !== undefined) filling.nodes.add(nodeId);
  if (repo !== undefined && repo !== nodeId) filling.nodes.add(repo);
  filling.signer[at] = signerNumber(filling.signers, signers);
}

/** Most events have one signer, whose key is one object. */
function signerNumber({ holders, byKey }: SignerNumbers, signers: readonly Signer[]): number {
  const only = signers.length === 1 ? signers[0]?.key : undefined;
  const known = only && byKey.get(only);
  if (known !== undefined) return known;
  const number = holders.push(signers.map(holderOf)) - 1;
  if (only) byKey.set(only, number);
  return number;
}

const nobody: readonly Signer[] = [];

/** Who signed the last event: an entry that is kept any longer is moved by the garbage collector, again and again. */
function lastSigners(): KnownSigners {
  let last: Entry | undefined;
  let found = nobody;
  return {
    get: (entry) => (entry === last ? found : undefined),
    set(entry, signers) {
      last = entry;
      found = signers;
    },
    delete(entry) {
      if (entry === last) last = undefined;
    },
  };
}

interface EventJudge {
  /** @param proven - what is known of its text */
  read(chunk: Chunk, at: number, text: string, proven: ProvenEvent | undefined): JsonItem;
  /** Undefined when there is more to be said of it than the facts of a chunk can hold. */
  judge(item: JsonItem, proven: ProvenEvent | undefined): Judged | undefined;
}

function eventJudge(ledger: ChunkLedger, { verify, sha256 }: ChunkCrypto): EventJudge {
  const { dialect, aheadUnixMs } = ledger;
  let list: FindingList = findingList();
  const sink: RuleContext["sink"] = {
    add: (...finding) => list.add(...finding),
    addError: (...fault) => list.addError(...fault),
  };
  const signers = lastSigners();
  const tally: SignatureTally = { checked: 0, inquiries: 0 };
  const context = chunkContext(ledger, { verify, sha256, sink, signers });
  const isGood = (): boolean => list.findings.length === 0;
  return {
    read(chunk, at, text, proven) {
      if (!isGood()) list = findingList();
      const { index, line } = placeOf(chunk, at);
      const { file } = chunk;
      // Plain JSON means the same to every parser.
      if (proven) return { place: { file, line, index }, text, value: JSON.parse(text) as JsonValue };
      return readItem(file, { index, line, text }, sink);
    },
    judge(item, proven) {
      const quick = isGood() && item.value !== undefined ? quickEvent(dialect, item.value, proven) : undefined;
      if (!quick) return undefined;
      const { event, line } = quick;
      if (event.unixMs > aheadUnixMs || isOfLedger(event)) return undefined;
      const { place, text, value } = item;
      const readable: Readable = { place, text, value, event, isSound: true };
      judgeSignature(readable, context, tally);
      const found = signers.get(readable) ?? nobody;
      if (!isGood() || found.length === 0) return undefined;
      for (const rule of localRules) rule.judge(readable, context);
      if (!isGood()) return undefined;
      return { entry: readable, line, signers: found, said: contentKey(readable, context) };
    },
  };
}
