import type { Month } from "../core/month.ts";
import type { Attempt, AuditLog, Look } from "../ports.ts";
import type { Balance } from "../settle/balance.ts";
import type { AdminToken } from "./admin-tokens.ts";

/** Work that was queued by an act. */
export interface QueuedWork {
  readonly job: string;
  readonly month?: Month;
}

/** The queue as an operator sees it. */
interface QueueOverview {
  readonly paused: boolean;
  /** Jobs by state, by lane. */
  readonly lanes: Readonly<Record<string, object>>;
  /** Jobs that failed for good, newest first. */
  readonly failed: readonly {
    readonly id: string;
    readonly job: string;
    readonly data: object;
    readonly reason: string;
    readonly failedUnixMs: number;
  }[];
}

/** What the node can be made to do. All of it only queues work, so an answer comes at once. */
export interface AdminActs {
  /** Closes that month, or every month that is due. */
  close(month?: Month): Promise<readonly QueuedWork[]>;
  /** Anchors that month, or every month that is closed and is not anchored. */
  anchor(month?: Month): Promise<readonly QueuedWork[]>;
  /** Has a failed job run again; false when there is none of this id. */
  retry(id: string): Promise<boolean>;
  /** Compares what should be done with what is. */
  reconcile(): Promise<readonly QueuedWork[]>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  jobs(): Promise<QueueOverview>;
  attempts(): Promise<readonly Attempt[]>;
  /** What was done about transactions, by their hashes. */
  looks(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly Look[]>>;
}

/** What was last seen of the chain. */
export interface ChainSeen {
  readonly balance: Balance;
  readonly validatedIndex: number;
}

/** When work begins by itself; what this process does not know is left out. */
interface WorkSchedule {
  /** As cron(5) writes it, in UTC. */
  readonly closeCron?: string;
  readonly checkpointCron?: string;
  readonly reconcileMinutes?: number;
  readonly graceMinutes?: number;
}

export interface AdminDeps {
  /** At least one. */
  readonly tokens: readonly AdminToken[];
  readonly auditLog: AuditLog;
  readonly acts: AdminActs;
  /** Undefined before the chain was reached, and left out where nobody looks at it. */
  readonly chain?: () => ChainSeen | undefined;
  readonly schedule?: WorkSchedule;
  /** Judges the whole ledger; resolves to its faults, as texts for people. */
  readonly validate?: () => Promise<readonly string[]>;
}
