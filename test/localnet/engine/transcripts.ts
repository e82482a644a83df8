import { readdirSync } from "node:fs";

import { sharedJson, sharedPath } from "../../support/shared.ts";

const folder = "vectors/xrpl/rippled-3.2.0";

export interface RecordedLedger {
  readonly ledger_index: number;
  readonly ledger_hash: string;
  readonly header: { readonly close_time: number; readonly account_hash: string; readonly transaction_hash: string };
  readonly header_blob: string;
  readonly transactions: readonly { readonly hash: string; readonly tx_blob: string; readonly meta_blob: string }[];
}

export interface RecordedEntry {
  readonly n: number;
  readonly name: string;
  readonly request: { readonly method?: string; readonly params?: readonly Record<string, unknown>[] };
  readonly response: { readonly result?: Record<string, unknown> };
}

export function recordedLedgers(network: string): readonly RecordedLedger[] {
  return sharedJson<{ ledgers: RecordedLedger[] }>(`${folder}/${network}/ledgers.json`)?.ledgers ?? [];
}

/** Every request of a folder that may change the server, in the order they were sent. */
export function recordedActs(network: string): readonly RecordedEntry[] {
  const files = readdirSync(sharedPath(`${folder}/${network}`)).filter((name) => name.endsWith(".json"));
  const entries = files.flatMap(
    (name) => sharedJson<{ entries?: RecordedEntry[] }>(`${folder}/${network}/${name}`)?.entries ?? [],
  );
  const acts = ["submit", "submit_multisigned", "ledger_accept"];
  return entries.filter(({ request }) => acts.includes(request?.method ?? "")).toSorted((a, b) => a.n - b.n);
}

/** Blobs that are in recorded ledgers and in no recorded request, by ledger index. */
export function unrecordedBlobs(network: string): ReadonlyMap<number, readonly string[]> {
  const known = JSON.stringify(recordedActs(network));
  return new Map(
    recordedLedgers(network).map(({ ledger_index, transactions }) => {
      const blobs = transactions.filter(({ hash, tx_blob }) => !known.includes(hash) && !known.includes(tx_blob));
      return [ledger_index, blobs.map(({ tx_blob }) => tx_blob)];
    }),
  );
}
