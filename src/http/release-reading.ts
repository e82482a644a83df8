import type { NodeManifest } from "../core/node-manifest.ts";
import { type ReleaseJudge, releaseJudge } from "../settle/judge-release.ts";
import { bareRules, readNetworkRules } from "../settle/network-files.ts";
import { indexedReleases } from "../settle/release-events.ts";
import { eventProofs } from "../settle/release-month.ts";
import type { Context, HttpDeps } from "./context.ts";

/** A reading of the ledger by which releases are judged. */
export interface ReleaseReading {
  readonly judge: ReleaseJudge;
  readonly nodes: readonly NodeManifest[];
}

/** @throws SettlementError as reading the ledger and its network's files does */
export async function readReleases(
  { ledger, archive, place, policy, trust, verify, sha256 }: HttpDeps,
  { view, proof }: Pick<Context, "view" | "proof">,
): Promise<ReleaseReading> {
  const [now, rules] = await Promise.all([
    view(),
    place ? readNetworkRules(place, policy) : Promise.resolve(bareRules),
  ]);
  const proofOf = eventProofs(archive, view, proof);
  return {
    judge: releaseJudge(indexedReleases(now, { ledger, archive }), rules, { verify, sha256, trust, proofOf }),
    nodes: now.nodes,
  };
}
