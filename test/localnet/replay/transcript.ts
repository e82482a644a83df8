import { readdirSync } from "node:fs";

import { sharedJson, sharedPath } from "../../support/shared.ts";

/** One request and what the real server answered. */
export interface Entry {
  readonly n: number;
  readonly file: string;
  readonly name: string;
  readonly transport: "http" | "http-raw" | "ws";
  readonly port?: "public" | "adminWs" | "second";
  readonly request?: Record<string, unknown>;
  readonly request_text?: string;
  readonly request_http?: { method: string; path: string; body?: string; headers?: Record<string, string> };
  readonly http_status?: number;
  readonly response?: unknown;
  readonly response_text?: string;
}

const root = "vectors/xrpl/rippled-3.2.0/";

/** The entries of all files of a folder in the order they were sent. */
export function transcriptOf(folder: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const file of readdirSync(sharedPath(root + folder))) {
    const content = sharedJson<{ entries?: Entry[] }>(`${root}${folder}/${file}`);
    entries.push(...(content?.entries ?? []).map((entry) => ({ ...entry, file })));
  }
  return entries.toSorted((a, b) => a.n - b.n);
}

export interface RecordedLedger {
  readonly ledger_index: number;
  readonly ledger_hash: string;
  readonly header: { readonly close_time: number };
  readonly transactions: readonly { readonly tx_blob: string }[];
}

export function ledgersOf(folder: string): readonly RecordedLedger[] {
  return sharedJson<{ ledgers: RecordedLedger[] }>(`${root}${folder}/ledgers.json`)?.ledgers ?? [];
}

export interface StreamItem {
  readonly dir: "send" | "recv" | "mark" | "close";
  readonly frame?: Record<string, unknown>;
}

export function streamsOf(folder: string): Readonly<Record<string, readonly StreamItem[]>> {
  return sharedJson<{ connections: Record<string, StreamItem[]> }>(`${root}${folder}/streams.json`)?.connections ?? {};
}

/** A text the recording cut short ("… (1000038 characters)"), filled up again. */
export function whole(text: string, end: string): string {
  const cut = /^(.*)… \((\d+) characters\)$/s.exec(text);
  if (cut === null) return text;
  return cut[1]?.padEnd(Number(cut[2]) - end.length, "a") + end;
}
