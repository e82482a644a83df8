import { toBase64, toHex } from "../../src/core/bytes.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import { jsonlEventHash } from "../../src/core/event-jsonl.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { type LedgerEvent, parseLedgerEvent } from "../../src/core/ledger-event.ts";

const signature = toBase64(new Uint8Array(64).fill(7));

/** A well-formed event of the monthly dialect; its signature belongs to nobody. `mark` makes its id its own. */
export function monthlyEvent(mark: string, timestamp = "2026-03-05T12:00:00Z"): LedgerEvent {
  const content = {
    type: "ReleasePublished",
    nodeId: "org/repo",
    timestamp,
    payload: { repo: "org/repo", version: "1.0.0", mark },
  } as const;
  const json: JsonObject = { id: toHex(eventIdBytes(content)), ...content, signature };
  return parseLedgerEvent("monthly", json);
}

/** A well-formed event of the jsonl dialect; its signature belongs to nobody. */
export function jsonlEvent(mark: string, timestamp = "2026-03-05T12:00:00Z"): LedgerEvent {
  const content = { type: "ReleasePublished", repo: "org/repo", version: "1.0.0", timestamp, notes: mark };
  const signed = { alg: "ed25519", keyId: "ci-2026", value: signature };
  const canonicalHash = toHex(jsonlEventHash(content));
  return parseLedgerEvent("jsonl", { ...content, signature: { ...signed, canonicalHash } });
}

export function jsonOf(event: LedgerEvent): string {
  return JSON.stringify(event.json);
}
