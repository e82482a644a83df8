import { fast } from "../../compose-judging.ts";
import { keyVerdict } from "../../core/key-window.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import { type Month, monthOf } from "../../core/month.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import type { Policy } from "../../core/policy.ts";
import type { MonthAnchorView } from "../../core/release-view.ts";
import { indexNodes, signersOf } from "../../core/signer.ts";

/** Where an event stands in a ledger, and what its month shows for it by the pins at hand. */
export interface EventPlaceFacts {
  readonly month: Month;
  readonly leafIndex: number;
  readonly anchor: MonthAnchorView;
}

/** What is known of an event, for people. */
export interface EventFacts {
  readonly id: string;
  readonly dialect: string;
  readonly type: string;
  readonly node: string | null;
  readonly repo: string | null;
  readonly version: string | null;
  readonly timestamp: string;
  readonly month: string;
  readonly signature: SignatureFacts;
  /** Null when no ledger at hand holds it. */
  readonly place: EventPlaceFacts | null;
}

/** `unknown`: no manifest at hand has a key for it. */
export interface SignatureFacts {
  readonly verdict: "holds" | "fails" | "unknown";
  readonly signer: string | null;
  readonly key: string | null;
  readonly detail: string;
}

/**
 * @param nodes - whose keys are at hand; the signature of any other node is unknown
 * @param witnessedUnixMs - when the event was there at the latest, as far as that was verified
 */
export function signatureFacts(
  event: LedgerEvent,
  nodes: readonly NodeManifest[],
  policy: Policy,
  witnessedUnixMs: number | undefined,
): SignatureFacts {
  const index = indexNodes(nodes, policy);
  const [signer] = signersOf(event, index, fast.verify);
  if (!signer) {
    const { length } = index.keyRing(event).keys;
    return length === 0
      ? { verdict: "unknown", signer: null, key: null, detail: "no manifest at hand has a key that may sign this" }
      : {
          verdict: "fails",
          signer: null,
          key: null,
          detail: `it verifies under none of ${length} keys that may sign this`,
        };
  }
  const { node, key, named } = signer;
  const who = { signer: node.id, key: key.keyId ?? key.name };
  if (!named) return { verdict: "fails", ...who, detail: `it names the key ${event.keyId}, and another one signed it` };
  const time = { claimed: event.unixMs, ...(witnessedUnixMs === undefined ? {} : { witnessed: witnessedUnixMs }) };
  const verdict = keyVerdict(key.window, time);
  if (verdict.valid) return { verdict: "holds", ...who, detail: "the key was valid at the time of the event" };
  return { verdict: "fails", ...who, detail: verdict.detail };
}

export function eventFacts(event: LedgerEvent, signature: SignatureFacts, place: EventPlaceFacts | null): EventFacts {
  const { id, dialect, type, nodeId, repo, version, timestamp, unixMs } = event;
  return {
    id,
    dialect,
    type,
    node: nodeId ?? signature.signer,
    repo: repo ?? null,
    version: version ?? null,
    timestamp,
    month: monthOf(unixMs),
    signature,
    place,
  };
}
