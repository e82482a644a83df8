import { fromBase64, toBase64 } from "./bytes.ts";
import type { VerifySignature } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { requireHash } from "./merkle.ts";
import { requirePositions, type TreeHead } from "./merkle-proof.ts";
import { isMonth, type Month } from "./month.ts";
import { makeVkey, type NoteSigner, openNote, signNote, type VerifiedSigner, type Vkey } from "./note.ts";

/** What a log says of itself at one size, C2SP tlog-checkpoint. */
export interface Checkpoint extends TreeHead {
  /** Unique name of the log. */
  readonly origin: string;
  /** Opaque lines; usually none. */
  readonly extensions: readonly string[];
}

/** A checkpoint that the log of its origin has signed. */
export interface OpenedCheckpoint extends Checkpoint {
  /** The log's own key first. */
  readonly signers: readonly VerifiedSigner[];
}

/** Host and month of an origin of ours, `HOST/ledger` or `HOST/ledger/YYYY-MM`. */
export interface Origin {
  readonly host: string;
  /** Absent for the log of the whole ledger. */
  readonly month?: Month;
}

function malformed(why: string, cause?: unknown): SettlementError {
  return new SettlementError("CHECKPOINT_MALFORMED", `the checkpoint is malformed: ${why}`, { cause });
}

/** Characters of an origin of ours. */
const maxOriginLength = 128;

/** An origin for people. Anybody's note may name a log at any length; one that is longer than ours are is cut. */
export function originText(origin: string): string {
  return origin.length <= maxOriginLength ? origin : `${origin.slice(0, maxOriginLength).toWellFormed()}…`;
}

/** @throws SettlementError `ORIGIN_MALFORMED` for an origin that a settlement node does not give, or above 128 characters */
export function parseOrigin(text: string): Origin {
  const match =
    text.length <= maxOriginLength ? /^([a-z0-9.-]+(?::[0-9]{1,5})?)\/ledger(?:\/(.{7}))?$/.exec(text) : null;
  const [, host, month] = match ?? [];
  if (host === undefined || (month !== undefined && !isMonth(month))) {
    throw new SettlementError(
      "ORIGIN_MALFORMED",
      `${JSON.stringify(text.slice(0, 60))} is not written HOST/ledger or HOST/ledger/YYYY-MM`,
    );
  }
  return month === undefined ? { host } : { host, month };
}

/** A size: decimal, no leading zero, at most 2^53-1. */
function parseSize(text: string): number {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) throw malformed(`${JSON.stringify(text.slice(0, 30))} is not a tree size`);
  const size = Number(text);
  if (!Number.isSafeInteger(size)) throw malformed(`the tree size ${text} is above 2^53-1, more than is read here`);
  return size;
}

/**
 * Reads the text of a checkpoint's note. Nothing is verified: see {@link openCheckpoint}.
 *
 * @throws SettlementError `CHECKPOINT_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...rest] = text.split("\n");
  if (!origin || size === undefined || root === undefined || rest.pop() !== "") {
    throw malformed("an origin, a size and a root are expected, each on a line of its own");
  }
  if (rest.includes("")) throw malformed("an extension line is empty");
  return { origin, size: parseSize(size), root: parseRoot(root), extensions: rest };
}

function parseRoot(base64: string): Uint8Array {
  try {
    return requireHash(fromBase64(base64), "the root");
  } catch (cause) {
    throw malformed("the root is not 32 bytes in canonical base64", cause);
  }
}

/** The text of a checkpoint's note. @throws SettlementError `CHECKPOINT_MALFORMED`, `HASH_MALFORMED`, `TREE_POSITION_INVALID` */
export function formatCheckpoint(checkpoint: TreeHead & { origin: string; extensions?: readonly string[] }): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  requirePositions({ size });
  if ([origin, ...extensions].some((line) => line === "" || line.includes("\n")))
    throw malformed("origin and extensions are lines that are not empty");
  return [origin, size, toBase64(requireHash(root, "the root")), ...extensions].map((line) => `${line}\n`).join("");
}

/** For the log of a month, the pinned key of its whole ledger under the month's name: one settlement key signs both. */
function monthVkeys(origin: string, pinned: readonly Vkey[]): readonly Vkey[] {
  const [, ledger] = /^(.+)\/\d{4}-\d{2}$/.exec(origin) ?? [];
  const ofLedger = pinned.filter(({ name, type }) => name === ledger && type === "ed25519" && name.endsWith("/ledger"));
  return ofLedger.map(({ publicKey }) => makeVkey(origin, publicKey));
}

/**
 * Verifies a signed checkpoint: a pinned key of the log itself must have signed it. Witnesses among the pinned keys are
 * told of when they cosigned, and are never enough.
 *
 * @param vkeys - pinned keys; the key named `HOST/ledger` also stands for the months `HOST/ledger/YYYY-MM`
 * @throws SettlementError `CHECKPOINT_MALFORMED`, `NOTE_MALFORMED`, `NOTE_SIGNATURE_INVALID`, `NOTE_SIGNER_UNKNOWN`
 */
export function openCheckpoint(note: string, vkeys: readonly Vkey[], verify?: VerifySignature): OpenedCheckpoint {
  const origin = note.slice(0, Math.max(0, note.indexOf("\n")));
  const { text, signers } = openNote(note, [...vkeys, ...monthVkeys(origin, vkeys)], verify);
  const checkpoint = parseCheckpoint(text);
  const isLog = ({ vkey }: VerifiedSigner): boolean => vkey.name === origin;
  if (!signers.some(isLog)) {
    throw new SettlementError(
      "NOTE_SIGNER_UNKNOWN",
      `the checkpoint of ${originText(origin)} is signed by ${signers[0]?.vkey.name}, and not by a pinned key of the log`,
    );
  }
  return { ...checkpoint, signers: [...signers.filter(isLog), ...signers.filter((signer) => !isLog(signer))] };
}

/** The signed note of a checkpoint; the key signs under the log's origin. @throws SettlementError as {@link formatCheckpoint}, `VKEY_MALFORMED` */
export function signCheckpoint(
  checkpoint: Parameters<typeof formatCheckpoint>[0],
  key: Omit<NoteSigner, "name">,
): string {
  return signNote(formatCheckpoint(checkpoint), { name: checkpoint.origin, publicKey: key.publicKey, sign: key.sign });
}
