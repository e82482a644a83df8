import { hash } from "node:crypto";
import type { EventChunk } from "../core/event-chunks.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { Policy } from "../core/policy.ts";
import type { LedgerFrame } from "./read-ledger.ts";
import type { KeyHolder } from "./rule.ts";

/** What all chunks of one ledger are judged by; it can be sent to another thread. */
export interface ChunkLedger {
  readonly root: string;
  readonly dialect: Dialect;
  readonly nodes: LedgerFrame["nodes"];
  readonly policy: Policy;
  /** Events later than this are ahead of the clock, milliseconds since 1970. */
  readonly aheadUnixMs: number;
  /** Is everything judged, whatever is known of it? */
  readonly isFull: boolean;
}

/** Whole lines of a file of events, one event a line. */
export interface Chunk extends EventChunk {
  readonly file: string;
  readonly month: Month | "";
  /** So many of its first events were in the earlier state; all of them where none is known. */
  readonly accepted: number;
  /** Is the canonical JSON of its events asked for? */
  readonly wantsLines: boolean;
}

/** What is to be known of an event beside its id. */
export const eventMarks = {
  /** The rules of single events found nothing, and nothing of it matters to others but what is in the facts. */
  plain: 1,
  /** It says something that can be said once. */
  said: 2,
  /** It speaks of an event. */
  target: 4,
} as const;

/** Bytes of the digest that stands for something that can be said once. */
export const saidBytes = 16;

/**
 * Puts the digest there.
 *
 * @param key - text that all events have in common that say the thing
 */
export function putSaidDigest(key: string, target: Uint8Array, at: number): void {
  const digits = hash("sha256", key, "binary");
  for (let byte = 0; byte < saidBytes; byte++) target[at + byte] = digits.charCodeAt(byte);
}

/** The same by itself. */
export function saidDigest(key: string): Uint8Array {
  const digest = new Uint8Array(saidBytes);
  putSaidDigest(key, digest, 0);
  return digest;
}

/** What the rules have to know of the events of a chunk. Events that are not plain are judged from their text. */
export interface ChunkFacts {
  /** For each event, {@link eventMarks}. */
  readonly marks: Uint8Array;
  /** For each event, 32 bytes; zeros where it is not plain. */
  readonly ids: Uint8Array;
  /** For each event, {@link saidBytes}. */
  readonly said: Uint8Array;
  readonly unixMs: Float64Array;
  /** For each event, position in `signers`. */
  readonly signer: Uint16Array;
  readonly signers: readonly (readonly KeyHolder[])[];
  /** For each event that speaks of one, 32 bytes. */
  readonly targets: Uint8Array;
  /** Plain events, and those of them that are of the monthly dialect. */
  readonly plain: number;
  readonly plainMonthly: number;
  /** Nodes that plain events speak of or speak for. */
  readonly nodes: readonly string[];
  /** Canonical JSON of each plain event and a line feed. */
  readonly lines?: Uint8Array;
  /** For each event, where its line ends; the same as before where it has none. */
  readonly lineEnds?: Uint32Array;
  /** Signatures that were verified now; those of the other plain events were before. */
  readonly checked: number;
  /** Stands for the bytes of the chunk and what they were judged by. */
  readonly key?: string;
}

/** Undefined when a line is not one event: the file has another formatting. */
export type JudgeChunk = (chunk: Chunk) => ChunkFacts | undefined;
