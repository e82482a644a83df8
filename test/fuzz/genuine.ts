import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { isList } from "./places.ts";
import { isSignedList, type ListTexts } from "./signed-list.ts";

/**
 * What of a proof somebody pinned has vouched for, read by means of its own: `JSON.parse`, and texts compared as texts. Two
 * proofs with equal parts say the same and rest on the same signatures, however they are written.
 *
 * What may differ in a bundle that verifies, and nothing else:
 * - white space, order of members, escapes and spellings of numbers: JSON that parses to the same value;
 * - signature lines of a note: strangers may sign too, the pinned key may sign once or twice;
 * - `event.signature.keyId` in the jsonl dialect, a hint which nobody signs;
 * - validations, as long as a quorum is left; the validator list, where its publisher has signed the other one too;
 * - the XPOP as a whole may be missing, where the settlement key vouches;
 * - without a pinned settlement key: the checkpoints' signatures and extension lines, and the statement.
 *
 * In a bare XPOP also: the case of hex, `coins` as a number, the form of the proof and what it states of inner nodes,
 * labels, validations that do not count, what a publisher serves beside its list, lists that are not in force.
 */
export interface BundleParts {
  /** The event, where it stands, who signed it, and what was closed. */
  readonly claim: string;
  readonly manifestHash: string;
  /** What XRPL witnessed, and what the settlement key says of it. */
  readonly receipt: string;
  /** What of the XPOP has to be as it was, its validations and its list apart; empty where there is none. */
  readonly xpop: string;
  readonly lists: readonly ListPart[];
  readonly validations: readonly string[];
  /** Signature lines of the two checkpoints and of the statement. */
  readonly signatures: readonly (readonly string[])[];
}

/** JSON with members in order. */
export function canonical(value: unknown): string {
  const ordered = (_name: string, inner: unknown): unknown =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, ordered);
}

export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return value !== undefined && isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What of a note is signed; its first three lines where nobody who signed is known. */
function noteText(note: JsonValue | undefined, isPinned: boolean): string {
  const whole = textOf(note);
  const signed = whole.slice(0, whole.lastIndexOf("\n\n") + 1);
  return isPinned ? signed : signed.split("\n").slice(0, 3).join("\n");
}

function signaturesOf(note: JsonValue | undefined): string[] {
  const whole = textOf(note);
  return whole
    .slice(whole.lastIndexOf("\n\n") + 2)
    .split("\n")
    .filter((line) => line !== "");
}

function without(value: JsonValue | undefined, ...names: readonly string[]): JsonObject {
  const entries = Object.entries(value !== undefined && isJsonObject(value) ? value : {});
  return Object.fromEntries(entries.filter(([name]) => !names.includes(name)));
}

function eventOf(bundle: JsonValue): JsonValue | undefined {
  const event = memberOf(bundle, "event");
  if (memberOf(bundle, "dialect") !== "jsonl") return event;
  return { ...without(event), signature: without(memberOf(event, "signature"), "keyId") };
}

function validationsOf(xpop: JsonValue | undefined): string[] {
  const data = memberOf(memberOf(xpop, "validation"), "data");
  return Object.values(without(data)).map((hex) => textOf(hex).toUpperCase());
}

/** Four fifths of those whom a signed list names, rounded up. */
function quorumOf(list: JsonValue | undefined): number {
  try {
    const json = JSON.parse(Buffer.from(textOf(memberOf(list, "blob")), "base64").toString("utf8")) as JsonValue;
    const validators = memberOf(json, "validators") ?? [];
    const keys = isList(validators) ? validators.map((each) => textOf(memberOf(each, "validation_public_key"))) : [];
    return Math.ceil(new Set(keys.map((key) => key.toUpperCase())).size * 0.8);
  } catch {
    return Infinity;
  }
}

function xpopPart(xpop: JsonValue | undefined): string {
  if (xpop === undefined) return "";
  const validation = memberOf(xpop, "validation");
  return canonical({ ...without(xpop), validation: without(validation, "data", "unl") });
}

/**
 * @param isPinned - is the settlement key pinned?
 */
export function bundleParts(bundle: JsonValue, isPinned: boolean): BundleParts {
  const receipt = memberOf(bundle, "receipt");
  const { checkpoint, ledgerCheckpoint } = without(bundle);
  return {
    claim: canonical({
      ...without(bundle, "receipt", "xpop"),
      event: eventOf(bundle),
      checkpoint: noteText(checkpoint, isPinned),
      ledgerCheckpoint: noteText(ledgerCheckpoint, isPinned),
    }),
    manifestHash: textOf(memberOf(memberOf(bundle, "manifest"), "manifestHash")),
    receipt: canonical({
      ...without(receipt, "statement"),
      statement: isPinned ? noteText(memberOf(receipt, "statement"), true) : "",
    }),
    xpop: xpopPart(memberOf(bundle, "xpop")),
    validations: validationsOf(memberOf(bundle, "xpop")),
    lists: listsOf(memberOf(memberOf(memberOf(bundle, "xpop"), "validation"), "unl")),
    signatures: [checkpoint, ledgerCheckpoint, memberOf(receipt, "statement")].map(signaturesOf),
  };
}

export interface ListPart {
  /** Key and manifest of its publisher, by which it is signed. */
  readonly publisher: string;
  readonly text: string;
  readonly isSigned: boolean;
  readonly quorum: number;
}

export interface XpopParts {
  /** Transaction, metadata and the root that they are under. */
  readonly transaction: string;
  /** Of the transaction's ledger and those that follow. */
  readonly headers: readonly string[];
  /** With the manifest of who signed it. */
  readonly lists: readonly ListPart[];
  readonly validations: readonly string[];
}

/** A header in one spelling: hashes in capitals, numbers as texts. */
function headerPart(header: JsonValue): string {
  const entries = Object.entries(without(header)).map(([name, value]) => [
    name,
    String(value as string | number).toUpperCase(),
  ]);
  return canonical(Object.fromEntries(entries));
}

function listsOf(unl: JsonValue | undefined): ListPart[] {
  const several = memberOf(unl, "blobs_v2") ?? memberOf(unl, "blobs-v2");
  const blobs = several !== undefined && isList(several) ? several : [unl];
  const key = textOf(memberOf(unl, "public_key")).toUpperCase();
  return blobs.map((blob) => {
    const manifest = memberOf(blob, "manifest") ?? memberOf(unl, "manifest");
    const signature = textOf(memberOf(blob, "signature")).toUpperCase();
    const texts: ListTexts = [key, manifest, memberOf(blob, "blob"), signature];
    return {
      publisher: canonical([key, manifest]),
      text: canonical(texts),
      isSigned: isSignedList(texts),
      quorum: quorumOf(blob),
    };
  });
}

export function xpopParts(xpop: JsonValue): XpopParts {
  const transaction = memberOf(xpop, "transaction");
  const ledger = memberOf(xpop, "ledger") ?? null;
  const chain = memberOf(xpop, "chain") ?? [];
  const hex = [memberOf(transaction, "blob"), memberOf(transaction, "meta"), memberOf(ledger, "txroot")];
  return {
    transaction: hex.map((each) => textOf(each).toUpperCase()).join(" "),
    headers: [ledger, ...(isList(chain) ? chain : [])].map(headerPart),
    lists: listsOf(memberOf(memberOf(xpop, "validation"), "unl")),
    validations: validationsOf(xpop),
  };
}
