import type { Bundle } from "../core/bundle.ts";
import { fromHex, toBase64, toHex } from "../core/bytes.ts";
import { verifyEd25519 } from "../core/ed25519.ts";
import { parseSignature } from "../core/event.ts";
import { leafHash, nodeHash } from "../core/merkle.ts";
import { type InclusionProof, pathSides, type Side } from "../core/merkle-proof.ts";
import type { NetworkName } from "../core/network.ts";
import type { Trust } from "../core/trust.ts";
import type { LayerStatus, Verdict } from "../core/verdict.ts";
import { formatRippleTime, isCloseTimeAgreed } from "../core/xrpl/close-time.ts";
import { examineXpop } from "../core/xrpl/examine-xpop.ts";
import { ledgerHash, type LedgerHeader } from "../core/xrpl/ledger-header.ts";
import { quorumOf } from "../core/xrpl/quorum.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { listInForce } from "../core/xrpl/validator-list.ts";
import type { XpopFacts as ProvenXpop } from "../core/xrpl/xpop-facts.ts";
import type { Xpop } from "../core/xrpl/xpop.ts";

/** The way from a leaf to the root, for a picture; hashes in hex. */
export interface TreePicture {
  readonly leaf: string;
  readonly index: number;
  readonly size: number;
  /** Leaf side first: what stands beside the way, and what both together hash to. */
  readonly steps: readonly { readonly side: Side; readonly sibling: string; readonly hash: string }[];
  /** The root that was published. */
  readonly root: string;
  /** Does the way end in that root? */
  readonly isWhole: boolean;
}

/** Votes of validators for one ledger. */
export interface VoteCount {
  readonly votes: number;
  readonly quorum: number;
  readonly validators: number;
}

/** The ledger and the transaction that a file speaks of. */
export interface WitnessFacts {
  /** Null where neither file nor pins name one. */
  readonly network: NetworkName | null;
  readonly account: string | null;
  readonly transactionHash: string;
  readonly ledgerIndex: number;
  readonly ledgerHash: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly closeTime: string;
  readonly closeResolutionS: number;
  readonly isCloseTimeAgreed: boolean;
}

export interface BundleFacts {
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly about: string;
    readonly timestamp: string;
    /** For people, indented. */
    readonly json: string;
  };
  readonly signer: {
    readonly node: string;
    readonly kind: string;
    /** Keys of the node that made the signature: their names, and the keys in base64. */
    readonly keys: readonly { readonly name: string; readonly publicKey: string }[];
  };
  readonly month: string;
  readonly origin: string;
  readonly tree: TreePicture | null;
  readonly witness: WitnessFacts | null;
  readonly votes: VoteCount | null;
}

export interface XpopFacts {
  readonly witness: WitnessFacts;
  readonly votes: VoteCount | null;
}

/** Null for a path that cannot be of this place in a tree of this size, and so has no picture. */
export function treePicture(leaf: Uint8Array, { index, size, path }: InclusionProof, root: string): TreePicture | null {
  const sides = index < size ? pathSides(index, size) : [];
  if (index >= size || sides.length !== path.length) return null;
  let node = leaf;
  const steps = path.map((sibling, at) => {
    const side = sides[at] ?? "left";
    node = side === "left" ? nodeHash(sibling, node) : nodeHash(node, sibling);
    return { side, sibling: toHex(sibling), hash: toHex(node) };
  });
  return { leaf: toHex(leaf), index, size, steps, root, isWhole: toHex(node) === root };
}

function witnessFacts(header: LedgerHeader, blob: Uint8Array): Omit<WitnessFacts, "network" | "account"> {
  return {
    transactionHash: toHex(transactionId(blob)).toUpperCase(),
    ledgerIndex: header.index,
    ledgerHash: toHex(ledgerHash(header)).toUpperCase(),
    closeTime: formatRippleTime(header.closeTimeRippleS),
    closeResolutionS: header.closeResolutionS,
    isCloseTimeAgreed: isCloseTimeAgreed(header),
  };
}

function statusOf({ layers }: Verdict, name: string): LayerStatus | undefined {
  return layers.find(({ layer }) => layer === name)?.status;
}

/** Votes of an XPOP that did not convince; null where it never came to counting them. */
function countedVotes(xpop: Xpop, trust: Trust, network?: NetworkName): VoteCount | null {
  const pins = { publishers: trust.publishers, ...(network === undefined ? {} : { network }) };
  const { tally, content } = examineXpop(xpop, pins, verifyEd25519).findings;
  return tally && content ? voteCount(tally.votes.length, content.members.length) : null;
}

function voteCount(votes: number, validators: number): VoteCount {
  return { votes, quorum: quorumOf(validators), validators };
}

/** Counting takes most of the time of a verification, so it is not done again where the verdict says how it ended. */
function bundleVotes({ xpop, receipt }: Bundle, verdict: Verdict, trust: Trust): VoteCount | null {
  if (!xpop || !receipt) return null;
  if (statusOf(verdict, "validators") !== "pass") return countedVotes(xpop, trust, receipt.network);
  const last = xpop.chain.at(-1) ?? xpop.header;
  const { members } = listInForce(xpop.list, last.closeTimeRippleS).content;
  // The XPOP of a bundle holds the validations that count and no others, or its layer would not pass.
  return voteCount(xpop.validations.length, members.length);
}

function signingKeys({ event, signer }: Bundle): BundleFacts["signer"]["keys"] {
  const [id, signature] = [fromHex(event.id), parseSignature(event.signature)];
  return signer.node.maintainers
    .filter(({ publicKey }) => verifyEd25519(publicKey, id, signature))
    .map(({ keyId, name, publicKey }) => ({ name: keyId ?? name, publicKey: toBase64(publicKey) }));
}

/** What a bundle says, for people. Nothing of it is more certain than the layer it belongs to. */
export function bundleFacts(bundle: Bundle, verdict: Verdict, trust: Trust): BundleFacts {
  const { event, signer, inclusion, manifest, evidence, receipt } = bundle;
  const { id, type, timestamp, repo, version, nodeId } = event;
  return {
    event: {
      id,
      type,
      about: [repo ?? nodeId, version].filter((part) => part !== undefined).join(" "),
      timestamp,
      json: JSON.stringify(event.json, null, 2),
    },
    signer: { node: signer.node.id, kind: signer.node.kind, keys: signingKeys(bundle) },
    month: manifest.partitionId,
    origin: evidence.o,
    tree: treePicture(leafHash(fromHex(id)), inclusion, manifest.root),
    witness: receipt
      ? { network: receipt.network, account: receipt.account, ...witnessFacts(receipt.header, receipt.blob) }
      : null,
    votes: bundleVotes(bundle, verdict, trust),
  };
}

/** What came of verifying a bare XPOP. */
interface JudgedXpop {
  readonly verdict: Verdict;
  /** What it proves; null unless it is proven. */
  readonly proven: ProvenXpop | null;
}

export function xpopFacts(xpop: Xpop, { verdict, proven }: JudgedXpop, trust: Trust): XpopFacts {
  const network = proven?.network ?? null;
  return {
    witness: { network, account: verdict.account.address, ...witnessFacts(xpop.header, xpop.blob) },
    votes: proven ? voteCount(proven.votes, proven.validators) : countedVotes(xpop, trust),
  };
}
