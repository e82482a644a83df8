import { type AnchoredWindows, rememberedWindows } from "../core/anchored-windows.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { networkAnchorFaults } from "../core/network-anchor.ts";
import { isNodeId, type NodeId } from "../core/node-id.ts";
import { type SaidAnchor, saidAnchors } from "../core/release-anchors.ts";
import { keyWindows } from "../core/release-keys.ts";
import { type Judged, standingOf } from "../core/release-signer.ts";
import type { AnchorDemand } from "../core/release-verdict.ts";
import type { ReleaseView } from "../core/release-view.ts";
import { indexNodes } from "../core/signer.ts";
import type { Trust } from "../core/trust.ts";
import type { NetworkRules } from "./network-files.ts";
import { type EventProofs, type MonthEvidence, monthEvidence } from "./release-month.ts";
import type { ReleaseLedger } from "./release-events.ts";
import { viewOf } from "./release-record.ts";

export interface JudgeReleaseDeps {
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  /** What the verifier pins: by it anchors are judged. */
  readonly trust: Trust;
  readonly proofOf: EventProofs;
}

export interface JudgeReleaseOptions {
  readonly demand?: AnchorDemand | undefined;
  /** Profile to judge by, instead of the one that the release or its node chose. */
  readonly profile?: string | undefined;
  /** Scores as networks publish them. */
  readonly compat?: boolean | undefined;
}

/** Judges the releases of one reading of a ledger. */
export interface ReleaseJudge {
  /** The event of a release. @throws SettlementError `EVENT_NOT_FOUND` */
  find(repo: NodeId, version: string): Promise<LedgerEvent>;
  /** @throws SettlementError `EVENT_NOT_FOUND`; those of the network's files and of published months */
  judge(repo: NodeId, version: string, options?: JudgeReleaseOptions): Promise<ReleaseView>;
  /** Version of the newest release of a node by what it says of its time; undefined where it has none. */
  newest(repo: NodeId): Promise<string | undefined>;
}

/** Everything that the judgement of one release draws from. */
export interface LedgerFacts {
  readonly ledger: ReleaseLedger;
  readonly rules: NetworkRules;
  readonly deps: JudgeReleaseDeps;
  judged(event: LedgerEvent): Promise<Judged>;
  evidence(event: LedgerEvent): Promise<MonthEvidence>;
  witness(node: NodeId): NodeId;
  /** Anchors that a jsonl network says it made. */
  readonly anchors: readonly SaidAnchor[];
  readonly windows: AnchoredWindows;
  /** What the manifests of the network contradict. */
  readonly contradictions: readonly string[];
}

/**
 * A release as people name it, `org/repo@version`.
 *
 * @throws SettlementError `EVENT_NAME_MALFORMED`
 */
export function parseReleaseName(text: string): { readonly repo: NodeId; readonly version: string | undefined } {
  const [repo = "", version, ...rest] = text.split("@");
  const isGood = isNodeId(repo) && rest.length === 0 && (version === undefined || /^[\x21-\x7e]{1,200}$/.test(version));
  if (isGood) return { repo, version };
  throw new SettlementError(
    "EVENT_NAME_MALFORMED",
    `${JSON.stringify(text.slice(0, 60))} is not a release, written org/repo@version`,
  );
}

/** Repositories whose newest release is remembered. */
const keptRepos = 1000;

/** What a ledger says about its releases. Everything that does not hang on one release is looked at once. */
export function releaseJudge(ledger: ReleaseLedger, rules: NetworkRules, deps: JudgeReleaseDeps): ReleaseJudge {
  const find: ReleaseJudge["find"] = async (repo, version) => {
    const [release] = await ledger.releases(repo, version);
    if (release) return release;
    throw new SettlementError("EVENT_NOT_FOUND", `the ledger holds no release ${repo} ${version}`);
  };
  const known = new Map<NodeId, Promise<string | undefined>>();
  let facts: Promise<LedgerFacts> | undefined;
  return {
    find,
    async judge(repo, version, options = {}) {
      const release = await find(repo, version);
      facts ??= factsOf(ledger, rules, deps).catch((error: unknown) => {
        // What could not be read now may be read later.
        facts = undefined;
        throw error;
      });
      return viewOf(release, await facts, options);
    },
    newest(repo) {
      const told = known.get(repo);
      if (told) return told;
      const found = newestOf(ledger, repo);
      if (known.size >= keptRepos) known.clear();
      known.set(repo, found);
      found.catch(() => known.delete(repo));
      return found;
    },
  };
}

/** All releases of a node are read for it. */
async function newestOf(ledger: ReleaseLedger, repo: NodeId): Promise<string | undefined> {
  const [first, ...others] = (await ledger.releases(repo)).filter(({ version }) => version !== undefined);
  return others.reduce((best, event) => (best && best.unixMs > event.unixMs ? best : event), first)?.version;
}

async function factsOf(ledger: ReleaseLedger, rules: NetworkRules, deps: JudgeReleaseDeps): Promise<LedgerFacts> {
  const { verify, sha256 } = deps;
  const index = indexNodes(ledger.nodes, rules.policy);
  const by = { index, keys: keyWindows(await ledger.keyEvents(), index, verify), verify };
  const evidence = once(async (event) => monthEvidence(await deps.proofOf(event), deps.trust, verify));
  return {
    ledger,
    rules,
    deps,
    judged: once(async (event) => {
      const standing = standingOf(event, by);
      const witnessed = standing.counts ? undefined : (await evidence(event)).witnessedUnixMs;
      return { event, standing: witnessed === undefined ? standing : standingOf(event, by, witnessed) };
    }),
    evidence,
    witness: (node) => index.witness(node),
    ...(await networkFacts(ledger, rules, sha256)),
  };
}

/** What a jsonl network says of its own anchors, recomputed over all events where it says anything. */
async function networkFacts(
  ledger: ReleaseLedger,
  { manifests }: NetworkRules,
  sha256: Sha256,
): Promise<Pick<LedgerFacts, "anchors" | "windows" | "contradictions">> {
  const isJsonl = ledger.dialect === "jsonl";
  const anchors = isJsonl ? saidAnchors(await ledger.anchorEvents()) : [];
  const claims = isJsonl ? manifests : [];
  const windows = anchors.length + claims.length > 0 ? await ledger.windows(sha256) : rememberedWindows(sha256);
  const contradictions = claims.flatMap(({ file, claim }) =>
    networkAnchorFaults(claim, windows, windows.size, sha256).map(([, message]) => `${file}: ${message}`),
  );
  return { anchors, windows, contradictions };
}

/** `work` on each event once. */
function once<T>(work: (event: LedgerEvent) => Promise<T>): (event: LedgerEvent) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (event) => {
    const found = known.get(event.id) ?? work(event);
    known.set(event.id, found);
    return found;
  };
}
