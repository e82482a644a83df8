import { equalBytes, fromHex } from "./bytes.ts";
import { pinOf } from "./account-pin.ts";
import { anchoredBy, networkCaveat } from "./anchored-by.ts";
import type { Bundle } from "./bundle.ts";
import { type Checkpoint, openCheckpoint, originText, parseCheckpoint, parseOrigin } from "./checkpoint.ts";
import { parseSignature } from "./event.ts";
import { type VerifySignature, verifyEd25519 } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { keyVerdict } from "./key-window.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import { leafHash, nodeHash } from "./merkle.ts";
import { verifyInclusion } from "./merkle-proof.ts";
import { isMonth, monthOf } from "./month.ts";
import { nodeEntry } from "./node-manifest.ts";
import { parseNote } from "./note.ts";
import { defaultPolicy, mayEmit } from "./policy.ts";
import { closeTimeUnixMs, type Receipt } from "./receipt.ts";
import { monthOrigin } from "./settlement-info.ts";
import type { Trust } from "./trust.ts";
import { type Check, type Layer, layer, type LayerName, type Verdict, type VerdictWord } from "./verdict.ts";
import { receiptLayers } from "./verify-receipt.ts";
import { closeTimeText, isCloseTimeAgreed } from "./xrpl/close-time.ts";
import { verifyXpopFor } from "./xrpl/verify-xpop-for.ts";

function refuse(message: string): never {
  throw new SettlementError("BUNDLE_REFUTED", message);
}

/**
 * @param witnessedUnixMs - close time of the ledger, where the layers that lead to it hold
 */
function checkSignature(
  { event, signer, evidence }: Bundle,
  witnessedUnixMs: number | undefined,
  verify: VerifySignature,
): Check {
  const { node, path } = signer;
  const root = path.reduce(
    (below, { side, hash }) => (side === "left" ? nodeHash(hash, below) : nodeHash(below, hash)),
    leafHash(nodeEntry(node.json)),
  );
  if (!equalBytes(root, fromHex(evidence.k)))
    refuse(`the node.json of ${node.id} is not under the nodes root ${evidence.k}`);
  if (!mayEmit(event, node, defaultPolicy))
    refuse(`a node of kind ${node.kind} (${node.id}) may not emit this ${event.type}`);
  const id = fromHex(event.id);
  const signature = parseSignature(event.signature);
  const keys = node.maintainers.filter(({ publicKey }) => verify(publicKey, id, signature));
  if (keys.length === 0) refuse(`no key of ${node.id} made the signature of event ${event.id}`);
  const witnessed = witnessedUnixMs === undefined ? {} : { witnessed: witnessedUnixMs };
  const verdicts = keys.map(({ window }) => keyVerdict(window, { claimed: event.unixMs, ...witnessed }));
  const bad = verdicts.find((verdict) => !verdict.valid);
  if (bad && verdicts.every((verdict) => !verdict.valid)) refuse(`event ${event.id}: ${bad.valid ? "" : bad.detail}`);
  return {
    pass: `signed by ${keys[0]?.keyId ?? keys[0]?.name} of ${node.id} (${node.kind}), whose node.json is under the anchored nodes root; the event is anchored, this signature of it beside it`,
  };
}

function checkInclusion({ event, inclusion, manifest }: Bundle): Check {
  if (inclusion.size !== manifest.count)
    refuse(`the inclusion proof is for a tree of ${inclusion.size}, the manifest counts ${manifest.count}`);
  verifyInclusion(leafHash(fromHex(event.id)), inclusion, fromHex(manifest.root));
  return {
    pass: `leaf ${inclusion.index} of ${inclusion.size}, ${inclusion.path.length} sibling hashes up to root ${manifest.root}`,
  };
}

function checkManifest({ event, inclusion, manifest, evidence, receipt }: Bundle): Check {
  if (!isMonth(manifest.partitionId))
    refuse(`the manifest is of ${JSON.stringify(manifest.partitionId)}, which is not a month`);
  if (manifest.algo !== "sha256-merkle-v2")
    refuse(`the manifest's root is made by ${manifest.algo}, which has no inclusion proofs`);
  const month = monthOf(event.unixMs);
  const fits = event.dialect === "monthly" ? month === manifest.partitionId : month <= manifest.partitionId;
  if (!fits) refuse(`the event is of ${month}, the manifest of ${manifest.partitionId}`);
  if (evidence.p !== manifest.partitionId)
    refuse(`the evidence is of ${evidence.p}, the manifest of ${manifest.partitionId}`);
  const [first, last] = manifest.range ?? [];
  if (inclusion.index === 0 && first !== event.id) refuse("the manifest names another first event");
  if (inclusion.index === manifest.count - 1 && last !== event.id) refuse("the manifest names another last event");
  if (receipt && receipt.month !== manifest.partitionId)
    refuse(`the receipt is of ${receipt.month}, the manifest of ${manifest.partitionId}`);
  if (receipt && receipt.network !== manifest.network)
    refuse(`the receipt is of ${receipt.network}, the manifest is for ${manifest.network}`);
  return {
    pass: `${manifest.partitionId}, ${manifest.count} events, hash ${manifest.manifestHash}, for ${manifest.network}`,
  };
}

function requireHead(found: Checkpoint, origin: string, size: number, root: string): void {
  if (found.origin !== origin || found.size !== size || !equalBytes(found.root, fromHex(root))) {
    refuse(
      `the checkpoint of ${originText(found.origin)} at size ${found.size} is not of ${origin} at size ${size} with root ${root}`,
    );
  }
}

function checkCheckpoints(
  { checkpoint, ledgerCheckpoint, manifest, evidence }: Bundle,
  trust: Trust,
  verify: VerifySignature,
): Check {
  const origin = monthOrigin(parseOrigin(evidence.o).host, manifest.partitionId);
  requireHead(parseCheckpoint(parseNote(checkpoint).text), origin, manifest.count, manifest.root);
  requireHead(parseCheckpoint(parseNote(ledgerCheckpoint).text), evidence.o, evidence.s, evidence.l);
  if (!trust.logs.some(({ name }) => name === evidence.o)) {
    return { unproven: `the checkpoints say the same, and no key of ${evidence.o} is pinned to check who signed them` };
  }
  openCheckpoint(checkpoint, trust.logs, verify);
  openCheckpoint(ledgerCheckpoint, trust.logs, verify);
  return {
    pass: `${origin} at size ${manifest.count} and ${evidence.o} at size ${evidence.s}, signed by the pinned settlement key`,
  };
}

/** The validators' own word, where the bundle holds it. */
function validatorsLayer({ xpop }: Bundle, receipt: Receipt, trust: Trust, verify: VerifySignature): Layer {
  return layer("validators", () =>
    xpop
      ? verifyXpopFor(receipt, xpop, trust.publishers, verify)
      : { unproven: "the bundle holds no validator's signature" },
  );
}

const missing = "the bundle holds no receipt: the month is closed and not anchored";

function missingLayers(): Layer[] {
  const names: LayerName[] = ["memo", "transaction", "account", "ledger", "statement", "validators"];
  return names.map((name) => ({ layer: name, status: "unproven", detail: missing }));
}

function wordOf(layers: readonly Layer[]): VerdictWord {
  const passed = (...names: LayerName[]): boolean =>
    names.every((name) => layers.some((each) => each.layer === name && each.status === "pass"));
  if (layers.some(({ status }) => status === "fail")) return "failed";
  const core = passed("event", "signature", "inclusion", "manifest", "memo", "transaction", "ledger");
  if (core && passed("validators")) return "proven";
  return core && passed("checkpoint", "statement") ? "anchored" : "unproven";
}

/** What an event is about, for people. */
function subjectOf({ type, repo, version, nodeId }: LedgerEvent): string {
  const about = repo ?? nodeId;
  return [type, about, version].flatMap((part) => part?.slice(0, 201).toWellFormed() ?? []).join(" ");
}

/** Does somebody believed say that the ledger of the receipt closed when its header says, and agreed on the time? */
function isWitnessed(layers: readonly Layer[], { header }: Receipt): boolean {
  const passes = (name: LayerName): boolean => layers.some((each) => each.layer === name && each.status === "pass");
  return (
    isCloseTimeAgreed(header) &&
    passes("memo") &&
    passes("transaction") &&
    passes("ledger") &&
    (passes("statement") || passes("validators"))
  );
}

/**
 * Follows the whole chain of evidence of one event. Pure: no network, no clock, and no belief in anything the bundle
 * merely states.
 *
 * @param trust - what the verifier brings; see {@link Trust}
 */
export function verifyBundle(bundle: Bundle, trust: Trust, verify: VerifySignature = verifyEd25519): Verdict {
  const { event, manifest, evidence, receipt } = bundle;
  const anchored = receipt
    ? [
        ...receiptLayers(receipt, { manifest, evidence }, trust, verify),
        validatorsLayer(bundle, receipt, trust, verify),
      ]
    : missingLayers();
  const witnessedUnixMs = receipt && isWitnessed(anchored, receipt) ? closeTimeUnixMs(receipt.header) : undefined;
  const layers: Layer[] = [
    {
      layer: "event",
      status: "pass",
      detail: `${subjectOf(event)} of ${event.timestamp.slice(0, 40)}, id ${event.id} recomputed`,
    },
    layer("signature", () => checkSignature(bundle, witnessedUnixMs, verify)),
    layer("inclusion", () => checkInclusion(bundle)),
    layer("manifest", () => checkManifest(bundle)),
    layer("checkpoint", () => checkCheckpoints(bundle, trust, verify)),
    ...anchored,
  ];
  const verdict = wordOf(layers);
  const address = receipt?.account ?? null;
  const pinned = address !== null && pinOf(manifest.network, address, trust.accounts) === "equal";
  return { verdict, summary: summaryOf(bundle, verdict, pinned, layers), account: { address, pinned }, layers };
}

function summaryOf(
  { event, manifest, receipt }: Bundle,
  verdict: VerdictWord,
  pinned: boolean,
  layers: readonly Layer[],
): string {
  const what = subjectOf(event);
  const failing = layers.find(({ status }) => status === "fail");
  if (failing) return `${what}: the ${failing.layer} does not hold: ${failing.detail}`;
  if (!receipt) return `${what}: the month is closed and not anchored yet; ask for a new proof later.`;
  const by = anchoredBy(receipt.account, manifest.network, pinned);
  const when = `XRPL ledger ${receipt.header.index}, ${closeTimeText(receipt.header)}`;
  const caveat = networkCaveat(manifest.network);
  if (verdict === "proven") return `${what} is in ${when}; anchored ${by}.${caveat}`;
  if (verdict === "anchored") {
    return `${what}: the pinned settlement key says it was anchored ${by} in ${when}. No validator's signature is at hand.${caveat}`;
  }
  return `${what}: nothing contradicts the proof, and nothing pinned vouches for it; anchored ${by}.${caveat}`;
}
