import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { closeTimeUnixMs, type Receipt } from "../core/receipt.ts";
import { formatTimestamp } from "../core/time.ts";
import { ledgerHash } from "../core/xrpl/ledger-header.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { parseId } from "../core/parameters.ts";
import type { Attempt, AttemptState } from "../ports.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Route } from "./route.ts";

/** A transaction that anchors a month, or was meant to. */
interface Anchor {
  readonly transactionHash: string;
  readonly month: Month;
  readonly manifestHash: string;
  readonly state: AttemptState;
  readonly network: NetworkName;
  readonly networkId: number;
  readonly account: string;
  readonly ledgerIndex: number | null;
  readonly ledgerHash: string | null;
  readonly closeTime: string | null;
  /** Where its receipt is. */
  readonly receipt: string | null;
  /** What this server did for it; null when it adopted or only reads the anchor. */
  readonly attempt: Readonly<Record<string, unknown>> | null;
  /** The signed transaction: nothing secret is in it. */
  readonly blob: string;
}

function ofReceipt({ month, manifestHash, network, networkId, account, blob, header }: Receipt): Anchor {
  return {
    transactionHash: toHex(transactionId(blob)).toUpperCase(),
    month,
    manifestHash,
    state: "anchored",
    network,
    networkId,
    account,
    ledgerIndex: header.index,
    ledgerHash: toHex(ledgerHash(header)).toUpperCase(),
    closeTime: formatTimestamp(closeTimeUnixMs(header)),
    receipt: `/v1/partitions/${month}/receipt`,
    attempt: null,
    blob: toHex(blob).toUpperCase(),
  };
}

function ofAttempt({ month, manifestHash, state, anchor, ledgerIndex }: Attempt): Anchor {
  const { hash, network, networkId, account, blob } = anchor;
  const unknown = { ledgerHash: null, closeTime: null, receipt: null, attempt: null };
  const known = { transactionHash: hash, month, manifestHash, state, network, networkId, account, blob };
  return { ...known, ledgerIndex: ledgerIndex ?? null, ...unknown };
}

function attemptFacts({ number, state, result, anchor }: Attempt): Anchor["attempt"] {
  const { sequence, lastLedgerSequence, feeDrops } = anchor;
  return { number, state, result: result ?? null, sequence, lastLedgerSequence, feeDrops };
}

/** Every anchor once, months ascending; a receipt says more than the attempt it came from. */
function anchorsOf(view: LedgerView, attempts: readonly Attempt[]): Anchor[] {
  const witnessed = view.partitions.flatMap(({ receipt }) => (receipt ? [ofReceipt(receipt)] : []));
  const found = new Map(witnessed.map((anchor) => [anchor.transactionHash, anchor]));
  for (const attempt of attempts) {
    const anchor = found.get(attempt.anchor.hash) ?? ofAttempt(attempt);
    found.set(attempt.anchor.hash, { ...anchor, attempt: attemptFacts(attempt) });
  }
  return [...found.values()].toSorted((a, b) => (a.month < b.month ? -1 : a.month > b.month ? 1 : 0));
}

export function anchorRoutes(context: Context): readonly Route[] {
  const all = async (): Promise<Anchor[]> => {
    const [view, attempts] = await Promise.all([context.view(), context.attempts()]);
    return anchorsOf(view, attempts);
  };
  return [
    {
      path: "/v1/anchors",
      answer: async () => jsonAnswer({ anchors: (await all()).map(({ blob: _blob, ...anchor }) => anchor) }),
    },
    {
      path: "/v1/anchors/:hash",
      answer: async (input) => {
        const hash = parseId("hash", input.path("hash")).toUpperCase();
        const found = (await all()).find(({ transactionHash }) => transactionHash === hash);
        if (!found) {
          throw new SettlementError("ANCHOR_NOT_FOUND", `no month of this ledger is anchored by transaction ${hash}`);
        }
        return jsonAnswer(found);
      },
    },
  ];
}
