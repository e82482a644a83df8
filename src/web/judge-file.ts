import { readBundle } from "../core/bundle.ts";
import { judgeBundle } from "../core/judge-bundle.ts";
import { SettlementError } from "../core/error.ts";
import { isJsonObject, type JsonValue, parseJson } from "../core/json.ts";
import { parseTrust, type Trust } from "../core/trust.ts";
import type { Verdict } from "../core/verdict.ts";
import { verifyXpop } from "../core/xrpl/verify-xpop.ts";
import { readXpop } from "../core/xrpl/xpop.ts";
import { type BundleFacts, bundleFacts, type XpopFacts, xpopFacts } from "./facts.ts";

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What was found in a file. All of it can be sent from one thread to another. */
export type Judged =
  | { readonly kind: "bundle"; readonly verdict: Verdict; readonly facts: BundleFacts | null }
  | { readonly kind: "xpop"; readonly verdict: Verdict; readonly facts: XpopFacts }
  /** It is no proof, or so broken that nothing can be said of it. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export type Refused = Extract<Judged, { kind: "refused" }>;

export interface OpenRequest {
  readonly files: readonly NamedFile[];
  /** What is believed unless a trust file is among the files. */
  readonly trust: Trust;
  /** A link may bring a proof and never what to believe. */
  readonly takesTrust: boolean;
}

export interface BroughtTrust {
  readonly name: string;
  readonly trust: Trust;
  /** It says nothing of publishers, so those in its trust are the built-in ones. */
  readonly isSilentOnPublishers: boolean;
}

/** What several files came to. */
export interface Opened {
  /** The trust file among them, which replaces all that was believed before. */
  readonly trust: BroughtTrust | null;
  readonly result: { readonly file: NamedFile; readonly judged: Judged } | null;
  /** Names of proofs beyond the first. */
  readonly leftOut: readonly string[];
}

/** Largest file that is looked at, bytes: the largest bundle there can be. */
export const fileLimitBytes = 4_000_000;

/** A tree of 64 levels in an XPOP takes two levels of JSON each. */
const depthLimit = 134;

type Kind = "bundle" | "xpop" | "trust";

/** The kind of document by its members; what is of no known kind is left to the reader of bundles to refuse. */
function kindOf(value: JsonValue): Kind {
  if (!isJsonObject(value) || Object.hasOwn(value, "type")) return "bundle";
  const holds = (...names: readonly string[]): boolean => names.some((name) => Object.hasOwn(value, name));
  if (holds("publishers", "accounts", "logs")) return "trust";
  return holds("ledger", "transaction", "validation") ? "xpop" : "bundle";
}

/** An error as what is shown of it. */
export function refusal(error: unknown): Refused {
  if (error instanceof SettlementError) return { kind: "refused", code: error.code, message: error.message };
  return { kind: "refused", code: "INTERNAL_ERROR", message: `this page failed: ${String(error)}` };
}

type Read = { readonly file: NamedFile } & (
  | { readonly kind: "bundle" | "xpop" }
  | { readonly kind: "trust"; readonly brought: BroughtTrust }
  | { readonly kind: "refused"; readonly judged: Refused }
);

/** @throws SettlementError those of `parseTrust` */
function broughtBy({ name }: NamedFile, value: JsonValue): BroughtTrust {
  const isSilentOnPublishers = isJsonObject(value) && !Object.hasOwn(value, "publishers");
  return { name, trust: parseTrust(value), isSilentOnPublishers };
}

function readFile(file: NamedFile, takesTrust: boolean): Read {
  let value: JsonValue;
  try {
    value = parseJson(file.bytes, { maxBytes: fileLimitBytes, maxDepth: depthLimit });
  } catch {
    // What is wrong is for the reader of bundles to say, as it does everywhere.
    return { file, kind: "bundle" };
  }
  const kind = kindOf(value);
  if (kind !== "trust") return { file, kind };
  try {
    if (takesTrust) return { file, kind, brought: broughtBy(file, value) };
    throw new SettlementError("TRUST_MALFORMED", "a link brings a proof; it cannot say what to believe");
  } catch (error) {
    return { file, kind: "refused", judged: refusal(error) };
  }
}

/** The verdict about one proof, exactly that of the core. */
function judge(bytes: Uint8Array, kind: "bundle" | "xpop", trust: Trust): Judged {
  try {
    if (kind === "xpop") {
      const { facts: proven, ...verdict } = verifyXpop(bytes, trust);
      return { kind, verdict, facts: xpopFacts(readXpop(bytes), { verdict, proven }, trust) };
    }
    const verdict = judgeBundle(bytes, trust);
    return { kind, verdict, facts: readableFacts(bytes, verdict, trust) };
  } catch (error) {
    return refusal(error);
  }
}

/** Null where a part contradicts itself so plainly that the bundle cannot be read. */
function readableFacts(bytes: Uint8Array, verdict: Verdict, trust: Trust): BundleFacts | null {
  try {
    return bundleFacts(readBundle(bytes), verdict, trust);
  } catch (error) {
    if (error instanceof SettlementError) return null;
    throw error;
  }
}

/** Judges the first proof among the files by the trust file among them, or by the trust that is given. Never throws. */
export function openFiles({ files, trust, takesTrust }: OpenRequest): Opened {
  const read = files.map((file) => readFile(file, takesTrust));
  const brought = read.findLast((each) => each.kind === "trust")?.brought ?? null;
  const [first, ...others] = read.filter((each) => each.kind !== "trust");
  const believed = brought?.trust ?? trust;
  const judged = first && (first.kind === "refused" ? first.judged : judge(first.file.bytes, first.kind, believed));
  return {
    trust: brought,
    result: first && judged ? { file: first.file, judged } : null,
    leftOut: others.map(({ file }) => file.name),
  };
}
