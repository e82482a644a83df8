import type { LedgerEvent } from "../core/ledger-event.ts";
import type { NodeId } from "../core/node-id.ts";
import { anchorFaults, isCovered, type SaidAnchor } from "../core/release-anchors.ts";
import { textOf } from "../core/json-members.ts";
import type { AnchorDemand, VerdictInput } from "../core/release-verdict.ts";
import type { NetworkAnchorView } from "../core/release-view.ts";
import type { LedgerFacts } from "./judge-release.ts";
import type { MonthEvidence } from "./release-month.ts";

/** What a network says of its own anchors over a release. */
export interface NetworkAnchors {
  /** Those that recompute, one for each window. */
  readonly views: readonly NetworkAnchorView[];
  /** What those contradict that do not. */
  readonly contradictions: readonly string[];
  /** Who says it and holds no key of the release's node. */
  readonly witnesses: readonly NodeId[];
}

/** Anchor events over a release, each signed by somebody whom the policy lets attest. */
export async function networkAnchorsOf(release: LedgerEvent, facts: LedgerFacts): Promise<NetworkAnchors> {
  const { windows, anchors, deps, witness } = facts;
  const position = windows.position(release.id);
  const over = position === undefined ? [] : anchors.filter(({ claim }) => isCovered(position, claim, windows));
  const judged = await Promise.all(over.map(async (said) => ({ said, ...(await facts.judged(said.event)) })));
  const signed = judged.flatMap(({ said, standing }) => (standing.counts ? [{ said, node: standing.node }] : []));
  const checked = signed.map((each) => ({ ...each, faults: anchorFaults(each.said, windows, deps.sha256) }));
  const good = checked.filter(({ faults }) => faults.length === 0);
  const isOther = (node: NodeId): boolean => witness(node) !== witness(release.repo ?? "");
  const groups = Map.groupBy(good, ({ said }) => said.claim.manifestHash);
  return {
    views: [...groups.values()].flatMap((group) => viewOf(group, isOther)),
    contradictions: checked.flatMap(({ said, faults }) =>
      faults.map((fault) => `anchor event ${said.event.id}: ${fault}`),
    ),
    witnesses: [...new Set(good.map(({ node }) => node).filter(isOther))],
  };
}

function viewOf(
  group: readonly { readonly said: SaidAnchor; readonly node: NodeId }[],
  isOther: (node: NodeId) => boolean,
): NetworkAnchorView[] {
  const [first] = group;
  if (!first) return [];
  const { claim } = first.said;
  const nodes = [...new Set(group.map(({ node }) => node))];
  return [
    {
      root: claim.root,
      count: claim.count,
      network: textOf(claim.hashed["network"]),
      partitionId: textOf(claim.hashed["partitionId"]),
      nodes,
      independent: nodes.some(isOther),
      transactions: group.flatMap(({ said }) => said.transaction ?? []),
    },
  ];
}

/** Is the anchor there that is asked for, why not, and who stands for it beside the chain? */
export function demandMet(
  demand: AnchorDemand | undefined,
  { anchor }: MonthEvidence,
  { views, witnesses }: NetworkAnchors,
): VerdictInput["anchor"] & { readonly witnesses: readonly string[] } {
  const isVerified = anchor?.verdict === "proven" || anchor?.verdict === "anchored";
  if (isVerified) return { isMet: true, witnesses: [`XRPL ${anchor.network ?? ""}`] };
  const isLocal = demand === "anchored-or-local";
  if (isLocal && witnesses.length > 0) return { isMet: true, witnesses };
  const own = views.length > 0 ? (isLocal ? ownWord : networkWord) : "";
  const detail = `${(anchor?.detail ?? "no verified anchor covers it").replace(/\.$/, "")}${own}`;
  const hint = anchor?.state === "anchored" ? "pin who anchored it with --trust" : "close and anchor its month";
  return { isMet: false, detail, hint, witnesses: [] };
}

const ownWord = "; that it was anchored is said by the release's own key alone";
const networkWord = "; the network says that it anchored it, which was not asked of the chain";
