import type { ErrorCode } from "../core/error.ts";

/** Sections of docs/runbook.md, each with the failures it is about. */
const sections = {
  "A month was rejected": ["PARTITION_REJECTED", "PARTITION_MALFORMED"],
  "The ledger does not fit what was published": [
    "ANCHOR_CONFLICT",
    "ARCHIVE_CONFLICT",
    "HEAD_CONFLICT",
    "LEDGER_REFUTED",
    "PARTITION_ALTERED",
    "RECEIPT_REFUTED",
  ],
  "A transaction failed": ["ANCHOR_FAILED"],
  "The account is empty": ["ACCOUNT_NOT_FUNDED"],
  "The fee is above the cap": ["FEE_ABOVE_CAP"],
  "XRPL servers do not answer, or not alike": [
    "ANCHOR_HISTORY_INCOMPLETE",
    "ANCHOR_OUTCOME_UNKNOWN",
    "CHAIN_ANSWER_MALFORMED",
    "CHAIN_DISAGREEMENT",
    "CHAIN_STALE",
    "CHAIN_UNREACHABLE",
  ],
  "A server shows another chain": ["CHAIN_ANSWER_REFUTED", "CHAIN_FORKED", "CHAIN_WRONG_NETWORK"],
  "The settlement key": ["SETTLEMENT_KEY_MISMATCH"],
  "The key of the account": ["SIGNER_FAILED"],
  "The state or the queue is away": ["QUEUE_UNAVAILABLE", "STATE_UNAVAILABLE"],
  "The worker is down, paused or stuck": [],
  "The disk is full": ["LEDGER_WRITE_FAILED", "LOCALNET_DATA_UNWRITABLE"],
} as const satisfies Readonly<Record<string, readonly ErrorCode[]>>;

export type Section = keyof typeof sections;

/** Heading of the section of docs/runbook.md on a failure; undefined where its message says all there is. */
export function runbookSection(code: string | undefined): string | undefined {
  const found = Object.entries<readonly string[]>(sections).find(([, codes]) => codes.includes(code ?? ""));
  return found?.[0];
}

/** Every heading that {@link runbookSection} may name. */
export const runbookSections: readonly string[] = Object.keys(sections);
