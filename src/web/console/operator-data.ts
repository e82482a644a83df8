import type { DueMonth, MonthStatus } from "./data.ts";

export interface QueueOverview {
  readonly paused: boolean;
  readonly lanes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly failed: readonly {
    readonly id: string;
    readonly job: string;
    readonly data: { readonly month?: string };
    readonly reason: string;
    readonly failedAt: string;
  }[];
}

export interface AttemptFacts {
  readonly month: string;
  readonly number: number;
  readonly state: "prepared" | "submitted" | "anchored" | "expired" | "failed";
  readonly transactionHash: string;
  readonly network: string;
  readonly account: string;
  readonly sequence: number;
  readonly lastLedgerSequence: number;
  readonly signedAtIndex: number;
  readonly feeDrops: number;
  readonly ledgerIndex: number | null;
  readonly result: string | null;
  /** In the order of their first times; null where they are not told. */
  readonly looks: readonly LookFacts[] | null;
}

/** What was done about a transaction, and what came of it so many times. */
export interface LookFacts {
  readonly act: "look" | "send";
  readonly said: string;
  readonly times: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface AccountFacts {
  readonly account: string;
  readonly isLow: boolean;
  /** Decimal integers. */
  readonly balanceDrops: string;
  readonly spendableDrops: string;
  readonly feeDrops: string;
  readonly anchorsLeft: string;
  readonly anchorsInReserve: string;
}

export interface NodeStatus {
  readonly months: readonly { readonly month: string; readonly state: MonthStatus; readonly reason: string | null }[];
  readonly next: DueMonth | null;
  readonly account: AccountFacts | null;
  readonly validatedIndex: number | null;
  readonly schedule: {
    readonly closeCron?: string;
    readonly checkpointCron?: string;
    readonly reconcileMinutes?: number;
    readonly graceMinutes?: number;
  };
}

export interface AuditEntry {
  readonly at: string;
  readonly actor: string;
  readonly act: string;
  readonly detail: string;
  readonly outcome: string;
}

export type ActName = "close" | "anchor" | "retry" | "reconcile" | "pause" | "resume";

/** What operators see and do, by a token that is known here alone. */
export interface OperatorData {
  queue(): Promise<QueueOverview>;
  attempts(): Promise<readonly AttemptFacts[]>;
  status(): Promise<NodeStatus>;
  findings(): Promise<{ readonly at: string | null; readonly findings: readonly string[] | null }>;
  audit(): Promise<readonly AuditEntry[]>;
  act(name: ActName, body: Readonly<Record<string, string>>): Promise<void>;
}
