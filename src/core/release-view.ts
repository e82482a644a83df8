import type { NodeId } from "./node-id.ts";
import type { CheckOutcome } from "./release-consensus.ts";
import type { Score } from "./release-score.ts";
import type { AnchorDemand, Failure, ReleaseVerdict } from "./release-verdict.ts";
import type { VerdictWord } from "./verdict.ts";

/** An event that concerns a release, and whether it counts. */
export interface EventView {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  /** Who signed it, as far as that is known. */
  readonly node: NodeId | null;
  readonly counts: boolean;
  /** Why it does not count; null when it does. */
  readonly why: string | null;
}

/** Something a node says of a release. */
export interface SayingView {
  readonly event: string;
  readonly node: NodeId;
  readonly timestamp: string;
  readonly words: string;
}

export interface DisputeView extends SayingView {
  /** Said by the release's own node, or one that shares its key: shown, and without effect. */
  readonly isOwn: boolean;
}

export interface VulnerabilityView extends SayingView {
  readonly dependency: string | null;
  readonly cve: string | null;
  readonly severity: string | null;
  readonly fixedVersion: string | null;
  /** Said of the repository, not of this version alone. */
  readonly ofRepository: boolean;
}

/** Where the event stands in the life of its month, and what the chain of evidence of it comes to by the verifier's pins. */
export interface MonthAnchorView {
  readonly month: string;
  readonly state: "open" | "closed" | "anchored";
  /** Null while the month is open. */
  readonly verdict: VerdictWord | null;
  readonly network: string | null;
  readonly account: string | null;
  readonly ledgerIndex: number | null;
  readonly closedAt: string | null;
  readonly detail: string;
}

/** Anchors that the network itself says it made of one window; recomputed from the events, not asked of the chain. */
export interface NetworkAnchorView {
  readonly root: string;
  readonly count: number;
  readonly network: string;
  readonly partitionId: string;
  readonly nodes: readonly NodeId[];
  /** Is one of those who say it independent of the release's node? */
  readonly independent: boolean;
  readonly transactions: readonly string[];
}

/** What a ledger says about a release, and what that comes to. */
export interface ReleaseView {
  readonly repo: NodeId;
  readonly version: string;
  readonly verdict: ReleaseVerdict;
  readonly failures: readonly Failure[];
  readonly release: {
    readonly event: string;
    readonly timestamp: string;
    readonly commit: string | null;
    readonly node: NodeId | null;
    readonly keyId: string | null;
    readonly artifacts: readonly { readonly name: string; readonly sha256: string; readonly uri: string | null }[];
  };
  readonly profile: {
    readonly name: string;
    /** Who chose it. */
    readonly from: "verifier" | "release" | "node" | "default";
    readonly required: readonly string[];
  };
  /** Who may attest: whom the network's policy names, every node of a fitting kind where there is no policy, or the table of kinds. */
  readonly policy: "network" | "none" | "kinds";
  readonly checks: readonly (CheckOutcome & { readonly required: boolean })[];
  readonly violations: readonly SayingView[];
  readonly disputes: readonly DisputeView[];
  readonly vulnerabilities: readonly VulnerabilityView[];
  /** Who vouches for it and holds no key of its node. */
  readonly witnesses: readonly NodeId[];
  readonly demand: AnchorDemand | null;
  readonly anchors: { readonly month: MonthAnchorView | null; readonly network: readonly NetworkAnchorView[] };
  readonly score: Score;
  readonly events: readonly EventView[];
}
