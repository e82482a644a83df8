import { decode } from "ripple-binary-codec";

import { fromHex } from "../../../src/core/bytes.ts";
import { type Engine } from "../../../src/localnet/engine.ts";
import { type Entry, type RecordedLedger } from "./transcript.ts";

interface Sender {
  readonly account: string;
  readonly sequence: number;
}

interface Missing extends Sender {
  readonly blob: string;
  readonly ledger: number;
}

/** The recorder's words for the moment when it had filled the queue. */
const queueFilled = "the queue is full: a base fee";

/**
 * Some transactions of the recorded ledgers were sent by nobody in the transcript: the recorder tried sizes beside it.
 * They are brought to the engine where they must have been sent: before the account's next one, or before the close;
 * and where the recorder says that it had filled the queue, all that were ever in it.
 */
export function unrecordedOf(
  entries: readonly Entry[],
  ledgers: readonly RecordedLedger[],
): (entry: Entry, engine: Engine) => void {
  const recorded = new Set(entries.flatMap((entry) => [blobIn(entry.request), blobIn(entry.response)]));
  let due: readonly Missing[] = ledgers
    .flatMap(({ ledger_index: ledger, transactions }) =>
      transactions
        .filter(({ tx_blob: blob }) => !recorded.has(blob))
        .map(({ tx_blob: blob }) => ({ ...senderOf(blob), blob, ledger })),
    )
    .toSorted((a, b) => a.sequence - b.sequence);
  return (entry, engine) => {
    const next = blobIn(entry.request);
    const sender = next === undefined ? undefined : senderOf(next);
    const closing = entry.request?.["method"] === "ledger_accept" ? engine.open().index : 0;
    const isDue = ({ account, sequence, ledger }: Missing): boolean =>
      (sender?.account === account && sequence < sender.sequence) || ledger === closing || entry.name === queueFilled;
    for (const { blob } of due.filter(isDue)) engine.submit(fromHex(blob));
    due = due.filter((each) => !isDue(each));
  };
}

function senderOf(blob: string): Sender {
  try {
    const { Account: account, Sequence: sequence } = decode(blob) as { Account: string; Sequence: number };
    return { account, sequence };
  } catch {
    return { account: "", sequence: 0 };
  }
}

/** The `tx_blob` of a request or an answer, wherever the transport puts it. */
function blobIn(message: unknown): string | undefined {
  const {
    params,
    result,
    tx_blob: own,
  } = (message ?? {}) as {
    params?: readonly { tx_blob?: unknown }[];
    result?: { tx_blob?: unknown };
    tx_blob?: unknown;
  };
  const blob = params?.[0]?.tx_blob ?? result?.tx_blob ?? own;
  return typeof blob === "string" ? blob.toUpperCase() : undefined;
}
