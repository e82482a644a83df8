import { fromUtf8, utf8 } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { type Evidence, parseEvidence } from "./evidence.ts";
import { fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import { parseJson } from "./json.ts";
import { type Manifest, manifestHashOf, merkleAlgorithms } from "./manifest.ts";

/** One memo of an XRPL transaction, fields as bytes. */
export interface Memo {
  readonly type: Uint8Array;
  readonly format: Uint8Array;
  readonly data: Uint8Array;
}

export const anchorMemoType = "repomesh-anchor-v1";
export const evidenceMemoType = "repomesh-evidence-v1";
const memoFormat = "application/json";

/** Largest MemoData of an anchor memo, bytes. */
const anchorMemoLimit = 700;
/** Largest sum of the serialised memos of one transaction, bytes (rippled's own limit). */
const memosLimit = 1024;

/** Bytes an XRPL transaction spends on a memo: the object, its three fields and their length prefixes. */
function serialisedSize(memo: Memo): number {
  const field = (bytes: Uint8Array): number => 1 + (bytes.length <= 192 ? 1 : 2) + bytes.length;
  return 2 + field(memo.type) + field(memo.format) + field(memo.data);
}

/**
 * The two memos that anchor a closed partition, anchor first.
 *
 * @throws SettlementError `MEMO_TOO_LARGE`
 */
export function anchorMemos(manifest: Manifest, evidence: Evidence): readonly [Memo, Memo] {
  const { partitionId: p, network: n, root: r, manifestHash: h, count: c, prev, range, algo } = manifest;
  const anchor = JSON.stringify({ v: 1, p, n, r, h, c, pv: prev ?? "0", rg: range?.join("..") ?? "0", algo });
  const { d, k, o, s, l } = evidence;
  const memos = [
    { type: utf8(anchorMemoType), format: utf8(memoFormat), data: utf8(anchor) },
    { type: utf8(evidenceMemoType), format: utf8(memoFormat), data: utf8(JSON.stringify({ v: 1, p, d, k, o, s, l })) },
  ] as const;
  const total = serialisedSize(memos[0]) + serialisedSize(memos[1]);
  if (memos[0].data.length > anchorMemoLimit || total > memosLimit) {
    throw new SettlementError(
      "MEMO_TOO_LARGE",
      `the memos of ${p} take ${total} bytes of ${memosLimit}; shorten the origin (${o.length} characters)`,
    );
  }
  return memos;
}

/**
 * The manifest an anchor memo states, its hash recomputed.
 *
 * @throws SettlementError `MEMO_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, `MANIFEST_HASH_MISMATCH`
 */
export function parseAnchorMemo(data: Uint8Array, hash: Sha256 = sha256): Manifest {
  const fields = fieldsOf("MEMO_MALFORMED", "anchor memo", parseJson(data, { maxBytes: memosLimit }));
  fields.version(1);
  fields.only("v", "p", "n", "r", "h", "c", "pv", "rg", "algo");
  const range =
    fields.text("rg") === "0" ? null : /^([0-9a-f]{64})\.\.([0-9a-f]{64})$/.exec(fields.text("rg"))?.slice(1);
  if (range === undefined) fields.fail('member "rg" must be "0" or first..last');
  const rest = {
    v: 1,
    algo: fields.oneOf("algo", merkleAlgorithms),
    partitionId: fields.text("p", 200),
    network: fields.text("n", 60),
    prev: fields.text("pv") === "0" ? null : fields.hash("pv"),
    range: range === null ? null : ([range?.[0] ?? "", range?.[1] ?? ""] as const),
    count: fields.count("c"),
    root: fields.hash("r"),
  } as const;
  const manifestHash = fields.hash("h");
  const computed = manifestHashOf(rest, hash);
  if (computed !== manifestHash) {
    throw new SettlementError(
      "MANIFEST_HASH_MISMATCH",
      `anchor memo ${rest.partitionId}: h says ${manifestHash}, the other members hash to ${computed}`,
    );
  }
  return { ...rest, manifestHash };
}

/** @throws SettlementError `EVIDENCE_MALFORMED`, `FORMAT_VERSION_UNKNOWN` and those of `parseJson` */
export function parseEvidenceMemo(data: Uint8Array): Evidence {
  return parseEvidence(parseJson(data, { maxBytes: memosLimit }));
}

/** What a transaction's memos say of a partition: both of ours, or only the anchor memo other RepoMesh tools write. */
export interface AnchorClaim {
  readonly manifest: Manifest;
  readonly evidence?: Evidence;
}

/**
 * The claim in a transaction's memos; undefined when none is an anchor memo.
 *
 * @throws SettlementError when a memo bears one of our types and is not well formed, or when two bear the same
 */
export function readAnchorMemos(
  memos: readonly { readonly type?: Uint8Array; readonly data?: Uint8Array }[],
  hash: Sha256 = sha256,
): AnchorClaim | undefined {
  const dataOf = (type: string): Uint8Array | undefined => {
    const wanted = utf8(type);
    const found = memos.filter(
      (memo) => memo.type?.length === wanted.length && memo.type.every((byte, at) => byte === wanted[at]),
    );
    if (found.length > 1)
      throw new SettlementError(
        "MEMO_MALFORMED",
        `the transaction holds ${found.length} memos of type ${type}; one is expected`,
      );
    return found[0] && (found[0].data ?? new Uint8Array());
  };
  const anchor = dataOf(anchorMemoType);
  if (!anchor) return undefined;
  const evidence = dataOf(evidenceMemoType);
  const manifest = parseAnchorMemo(anchor, hash);
  return evidence ? { manifest, evidence: parseEvidenceMemo(evidence) } : { manifest };
}

/** The text of a memo, for people. */
export function memoText(memo: Memo): string {
  return fromUtf8(memo.data);
}
