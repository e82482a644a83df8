import type { AnchoredWindows } from "./anchored-windows.ts";
import { SettlementError } from "./error.ts";
import type { Sha256 } from "./hash.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import { isAnchorEvent, type NetworkAnchor, networkAnchorFaults, parseAnchorNote } from "./network-anchor.ts";
import { objectsIn, textOf } from "./json-members.ts";

/** An anchor event of a network, its note read. */
export interface SaidAnchor {
  readonly event: LedgerEvent;
  readonly claim: NetworkAnchor;
  /** Upper-case hex of the XRPL transaction that it names; nobody asked a server about it. */
  readonly transaction: string | undefined;
}

const transactionUri = /^xrpl:tx:([0-9A-Fa-f]{64})$/;

/** Every anchor event of a jsonl ledger whose note can be read, in file order. */
export function saidAnchors(events: Iterable<LedgerEvent>): SaidAnchor[] {
  const found: SaidAnchor[] = [];
  for (const event of events) {
    if (event.dialect !== "jsonl" || !isAnchorEvent(event)) continue;
    const claim = noteOf(event);
    const uris = objectsIn(event.json, "attestations").map(({ uri }) => transactionUri.exec(textOf(uri))?.[1]);
    const transaction = uris.find((hash) => hash !== undefined)?.toUpperCase();
    if (claim) found.push({ event, claim, transaction });
  }
  return found;
}

function noteOf(event: LedgerEvent): NetworkAnchor | undefined {
  try {
    return parseAnchorNote(event);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** Does an anchor speak of a window that holds the event at this position? */
export function isCovered(
  position: number,
  { range: [first], count }: NetworkAnchor,
  windows: AnchoredWindows,
): boolean {
  const start = windows.position(first);
  return start !== undefined && start <= position && position < start + count;
}

/** What is wrong with an anchor event, whose window ends before it; nothing where it recomputes. */
export function anchorFaults({ event, claim }: SaidAnchor, windows: AnchoredWindows, sha256: Sha256): string[] {
  const limit = windows.position(event.id) ?? windows.size;
  return networkAnchorFaults(claim, windows, limit, sha256).map(([, message]) => message);
}
