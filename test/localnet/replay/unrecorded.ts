import { decode } from "ripple-binary-codec";

import { fromHex } from "../../../src/core/bytes.ts";
import { type Engine } from "../../../src/localnet/engine.ts";
import { type Entry, type RecordedLedger } from "./transcript.ts";

interface Missing {
  readonly blob: string;
  readonly account: string;
  readonly sequence: number;
}

/**
 * Some transactions of the recorded ledgers were sent by nobody in the transcript: the recorder tried sizes beside it.
 * They are brought to the engine where they must have been sent: before the account's next one, or before the close.
 */
export function unrecordedOf(
  entries: readonly Entry[],
  ledgers: readonly RecordedLedger[],
): (entry: Entry, engine: Engine) => void {
  const recorded = new Set(entries.flatMap((entry) => [blobIn(entry.request), blobIn(entry.response)]));
  const missing = new Map<number, Missing[]>();
  for (const ledger of ledgers) {
    const blobs = ledger.transactions.map(({ tx_blob: blob }) => blob).filter((blob) => !recorded.has(blob));
    missing.set(
      ledger.ledger_index,
      blobs.map(missingOf).toSorted((a, b) => a.sequence - b.sequence),
    );
  }
  return (entry, engine) => {
    const due = missing.get(engine.open().index) ?? [];
    const next = blobIn(entry.request);
    const before = next === undefined ? undefined : missingOf(next);
    const closes = entry.request?.["method"] === "ledger_accept";
    for (const each of [...due]) {
      if (!closes && !(before?.account === each.account && each.sequence < before.sequence)) continue;
      engine.submit(fromHex(each.blob));
      due.splice(due.indexOf(each), 1);
    }
  };
}

function missingOf(blob: string): Missing {
  try {
    const { Account: account, Sequence: sequence } = decode(blob) as { Account: string; Sequence: number };
    return { blob, account, sequence };
  } catch {
    return { blob, account: "", sequence: 0 };
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
