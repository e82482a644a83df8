import { fromBase64, toBase64 } from "./bytes.ts";
import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import type { VerifySignature } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import type { Hash } from "./hash.ts";
import { leafHash, requireHash } from "./merkle.ts";
import { requirePositions, verifyInclusion } from "./merkle-proof.ts";
import { parseNote, type Vkey } from "./note.ts";

const header = "c2sp.org/tlog-proof@v1";

/** A tree has at most 2^53-1 leaves here, so that no path is longer. */
const maxPath = 53;

/** An inclusion proof with its checkpoint in one file, C2SP tlog-proof. */
export interface TlogProof {
  readonly index: number;
  /** Sibling hashes, leaf side first. */
  readonly path: readonly Hash[];
  /** The signed note, as it came. */
  readonly checkpoint: string;
  /** Anything. Nothing in the proof vouches for it: never trust it. */
  readonly extra?: Uint8Array;
}

function malformed(why: string, cause?: unknown): SettlementError {
  return new SettlementError("TLOG_PROOF_MALFORMED", `the tlog-proof is malformed: ${why}`, { cause });
}

/** The file of a proof, `.tlog-proof`. @throws SettlementError `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED`, `HASH_MALFORMED`, `TREE_POSITION_INVALID` */
export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  requirePositions({ index });
  parseCheckpoint(parseNote(checkpoint).text);
  const hashes = path.map((hash, at) => toBase64(requireHash(hash, `path hash ${at}`)));
  const extraLines = extra ? [`extra ${toBase64(extra)}`] : [];
  return [header, ...extraLines, `index ${index}`, ...hashes, "", checkpoint].join("\n");
}

function decode(base64: string, where: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (cause) {
    throw malformed(`${where} is not canonical base64`, cause);
  }
}

function parseHash(line: string, at: number): Hash {
  const bytes = decode(line, `path hash ${at}`);
  if (bytes.length !== 32) throw malformed(`path hash ${at} is ${bytes.length} bytes and not 32`);
  return bytes;
}

/**
 * Reads the file of a proof. Nothing is verified: see {@link verifyTlogProof}.
 *
 * @throws SettlementError `TLOG_PROOF_MALFORMED`
 */
export function parseTlogProof(text: string): TlogProof {
  const gap = text.indexOf("\n\n");
  const [first, ...lines] = (gap < 0 ? text : text.slice(0, gap)).split("\n", maxPath + 4);
  if (first !== header) throw malformed(`the first line must be ${header}`);
  if (gap < 0) throw malformed("there is no empty line and no checkpoint behind it");
  const extraLine = lines[0]?.startsWith("extra ") ? lines.shift() : undefined;
  const [, digits] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "") ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index))
    throw malformed("the index must be decimal, from 0 to 2^53-1");
  if (lines.length > maxPath) throw malformed(`the path has more than ${maxPath} hashes`);
  const proof = { index, path: lines.map(parseHash), checkpoint: text.slice(gap + 2) };
  return extraLine === undefined ? proof : { ...proof, extra: decode(extraLine.slice("extra ".length), "extra") };
}

/**
 * The checkpoint under which `entry` is proven: signed by a pinned key of its log, and holding the entry at the index.
 *
 * @param entry - the bytes of the entry itself, 32 for an event id; never a hash that came with the proof
 * @throws SettlementError as `openCheckpoint` and `verifyInclusion`
 */
export function verifyTlogProof(
  proof: TlogProof,
  entry: Uint8Array,
  vkeys: readonly Vkey[],
  verify?: VerifySignature,
): OpenedCheckpoint {
  const checkpoint = openCheckpoint(proof.checkpoint, vkeys, verify);
  const { index, path } = proof;
  verifyInclusion(leafHash(entry), { index, size: checkpoint.size, path }, checkpoint.root);
  return checkpoint;
}
