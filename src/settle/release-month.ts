import type { Bundle } from "../core/bundle.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { closeTimeUnixMs } from "../core/receipt.ts";
import type { MonthAnchorView } from "../core/release-view.ts";
import { formatTimestamp } from "../core/time.ts";
import type { Trust } from "../core/trust.ts";
import { verifyBundle } from "../core/verify-bundle.ts";
import { isCloseTimeAgreed } from "../core/xrpl/close-time.ts";
import type { Archive } from "../ports.ts";
import type { LedgerView } from "./ledger-view.ts";
import { type EventLeaf, findEvent } from "./prove-inclusion.ts";

/** The month that holds an event, and the proof of the event where the month is closed. */
export interface EventProof {
  readonly month: Month;
  readonly state: "open" | "closed" | "anchored";
  /** @throws SettlementError as `monthProver` */
  readonly prove: () => Promise<Bundle>;
}

export type EventProofs = (event: LedgerEvent) => Promise<EventProof | undefined>;

/** Proofs of the events of a ledger, each made when it is asked for; none where no month was closed. */
export function eventProofs(
  { months }: Pick<Archive, "months">,
  readView: () => Promise<LedgerView>,
  prove: (view: LedgerView, leaf: EventLeaf) => Promise<Bundle>,
): EventProofs {
  let closed: Promise<readonly Month[]> | undefined;
  return async ({ id }) => {
    if ((await (closed ??= months())).length === 0) return undefined;
    const view = await readView();
    const leaf = await findEvent(view, id);
    const { month, state } = leaf.partition;
    return { month, state, prove: () => prove(view, leaf) };
  };
}

/** What the month of an event shows for it, by the pins of the verifier. */
export interface MonthEvidence {
  readonly anchor: MonthAnchorView | null;
  /** Why the month contradicts the event. */
  readonly contradiction?: string;
  /** Close time of the ledger that witnessed the event, where that was verified. */
  readonly witnessedUnixMs?: number;
}

const nothing = { verdict: null, network: null, account: null, ledgerIndex: null, closedAt: null } as const;

/** The one definition of anchored: the proof of the event, made now and verified as an outsider would. */
export async function monthEvidence(
  proof: EventProof | undefined,
  trust: Trust,
  verify: VerifySignature,
): Promise<MonthEvidence> {
  if (!proof) return { anchor: null };
  const { month, state } = proof;
  if (state === "open") return { anchor: { ...nothing, month, state, detail: `${month} is not closed yet` } };
  try {
    return evidenceIn(await proof.prove(), { month, state }, trust, verify);
  } catch (error) {
    if (!(error instanceof SettlementError) || error.kind !== "refuted") throw error;
    const { message: detail } = error;
    return { anchor: { ...nothing, month, state, verdict: "failed", detail }, contradiction: detail };
  }
}

function evidenceIn(
  bundle: Bundle,
  place: Pick<EventProof, "month" | "state">,
  trust: Trust,
  verify: VerifySignature,
): MonthEvidence {
  const { verdict, summary } = verifyBundle(bundle, trust, verify);
  const { receipt, manifest } = bundle;
  const isVerified = verdict === "proven" || verdict === "anchored";
  const isTimed = receipt !== undefined && isVerified && isCloseTimeAgreed(receipt.header);
  return {
    anchor: {
      month: place.month,
      state: place.state,
      verdict,
      network: manifest.network,
      account: receipt?.account ?? null,
      ledgerIndex: receipt?.header.index ?? null,
      closedAt: receipt ? formatTimestamp(closeTimeUnixMs(receipt.header)) : null,
      detail: summary,
    },
    ...(verdict === "failed" ? { contradiction: summary } : {}),
    ...(isTimed ? { witnessedUnixMs: closeTimeUnixMs(receipt.header) } : {}),
  };
}
