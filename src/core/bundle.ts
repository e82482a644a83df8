import { fromHex, toHex } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { type Evidence, parseEvidence } from "./evidence.ts";
import { fieldsOf, type FieldReader } from "./fields.ts";
import type { Hash } from "./hash.ts";
import { defaultMaxDepth, type JsonObject, type JsonValue, parseJson } from "./json.ts";
import { type Dialect, type LedgerEvent, parseLedgerEvent } from "./ledger-event.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import type { InclusionProof, Side } from "./merkle-proof.ts";
import { type NodeManifest, parseNodeManifest } from "./node-manifest.ts";
import { parseReceipt, type Receipt, receiptJson } from "./receipt.ts";
import { parseXpop, type Xpop, xpopJson } from "./xrpl/xpop.ts";

export const bundleMediaType = "application/vnd.repomesh.proof-bundle+json";

/**
 * Sibling hashes up to the nodes root, leaf side first, each with the side it stands on. The root alone is witnessed and
 * not the number of nodes, so a place and a size would say more than can be checked.
 */
export type SidedPath = readonly { readonly side: Side; readonly hash: Hash }[];

/** Everything that proves one event, in one file. */
export interface Bundle {
  readonly event: LedgerEvent;
  readonly signer: { readonly node: NodeManifest; readonly path: SidedPath };
  readonly inclusion: InclusionProof;
  readonly manifest: Manifest;
  readonly evidence: Evidence;
  /** Signed notes (C2SP tlog-checkpoint) of the month's log and of the ledger log at the close. */
  readonly checkpoint: string;
  readonly ledgerCheckpoint: string;
  /** Absent while the month is closed and not anchored yet. */
  readonly receipt?: Receipt;
  /** What the validators signed of the receipt's transaction; absent where no quorum of theirs is at hand. */
  readonly xpop?: Xpop;
}

function treeJson({ index, size, path }: InclusionProof): JsonObject {
  return { index, size, path: path.map((hash) => toHex(hash)) };
}

export function bundleJson(bundle: Bundle): JsonObject {
  return {
    v: 1,
    type: "repomesh-proof-bundle",
    dialect: bundle.event.dialect,
    event: bundle.event.json,
    signer: {
      node: bundle.signer.node.json,
      path: bundle.signer.path.map(({ side, hash }) => ({ [side]: toHex(hash) })),
    },
    inclusion: treeJson(bundle.inclusion),
    manifest: bundle.manifest as unknown as JsonObject,
    evidence: bundle.evidence as unknown as JsonObject,
    checkpoint: bundle.checkpoint,
    ledgerCheckpoint: bundle.ledgerCheckpoint,
    ...(bundle.receipt ? { receipt: receiptJson(bundle.receipt) } : {}),
    ...(bundle.xpop ? { xpop: xpopJson(bundle.xpop) } : {}),
  };
}

function parseTree(fields: FieldReader): InclusionProof {
  const path = fields
    .list("path", 64)
    .map((hash) =>
      typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)
        ? fromHex(hash)
        : fields.fail("path holds something other than 32-byte hashes"),
    );
  return { index: fields.count("index"), size: fields.count("size"), path };
}

function parseSibling(value: JsonValue, at: number): SidedPath[number] {
  const fields = fieldsOf("BUNDLE_MALFORMED", `bundle.signer.path[${at}]`, value);
  const side = fields.has("left") ? "left" : "right";
  fields.only(side);
  return { side, hash: fromHex(fields.hash(side)) };
}

/** An event may be as deep as JSON goes here, and lies one level down. */
const bundleDepth = defaultMaxDepth + 2;

/**
 * A proof bundle, each part well formed. Whether the parts belong together is for `verifyBundle` to say.
 *
 * @throws SettlementError `BUNDLE_MALFORMED`, `FORMAT_VERSION_UNKNOWN` and the codes of each part
 */
export function parseBundle(value: JsonValue): Bundle {
  const fields = fieldsOf("BUNDLE_MALFORMED", "bundle", value);
  fields.oneOf("type", ["repomesh-proof-bundle"]);
  fields.version(1);
  const parts = [
    "event",
    "signer",
    "inclusion",
    "manifest",
    "evidence",
    "checkpoint",
    "ledgerCheckpoint",
    "receipt",
    "xpop",
  ];
  fields.only("v", "type", "dialect", ...parts);
  if (fields.has("xpop") && !fields.has("receipt")) fields.fail("it holds an XPOP and no receipt that goes with it");
  const dialect: Dialect = fields.oneOf("dialect", ["monthly", "jsonl"]);
  const signer = fields.reader("signer");
  signer.only("node", "path");
  const inclusion = fields.reader("inclusion");
  inclusion.only("index", "size", "path");
  const bundle: Bundle = {
    event: parseLedgerEvent(dialect, fields.member("event")),
    signer: { node: parseNodeManifest(signer.member("node")), path: signer.list("path", 64).map(parseSibling) },
    inclusion: parseTree(inclusion),
    manifest: parseManifest(fields.member("manifest")),
    evidence: parseEvidence(fields.member("evidence")),
    checkpoint: fields.text("checkpoint", 20_000),
    ledgerCheckpoint: fields.text("ledgerCheckpoint", 20_000),
    ...(fields.has("receipt") ? { receipt: parseReceipt(fields.member("receipt")) } : {}),
    ...(fields.has("xpop") ? { xpop: parseXpop(fields.member("xpop")) } : {}),
  };
  if (canonicalJson(bundleJson(bundle), bundleDepth) !== canonicalJson(fields.object, bundleDepth)) {
    throw new SettlementError("BUNDLE_MALFORMED", "bundle: a member is not written the one way it is published in");
  }
  return bundle;
}

/** Largest bundle that is read, bytes. */
const bundleLimitBytes = 4_000_000;

/**
 * A proof bundle from the bytes of its file.
 *
 * @throws SettlementError those of `parseJson` and {@link parseBundle}
 */
export function readBundle(bytes: string | Uint8Array): Bundle {
  return parseBundle(parseJson(bytes, { maxDepth: bundleDepth, maxBytes: bundleLimitBytes }));
}
