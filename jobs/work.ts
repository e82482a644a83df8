import type { Log } from "../src/ports.ts";
import type { ProveMonthDeps } from "../src/settle/prove-month.ts";
import type { PublishDeps } from "../src/settle/publish-month.ts";
import type { SettleAnchorDeps } from "../src/settle/settle-months.ts";

/** Work that is queued: what it is called and what it is about. */
export interface Work {
  readonly job: JobName;
  readonly data: { readonly month?: string };
  readonly delayMs?: number;
}

export type JobName = "close" | "anchor" | "prove" | "publish" | "deliver" | "reconcile" | "checkpoint";

/** What a run of a job came to: it is over, or it is to be looked at again. */
export type JobResult = { readonly done: unknown } | { readonly againInMs: number };

export interface WorkDeps extends SettleAnchorDeps {
  /** Queues work; what waits already is not queued twice. */
  readonly enqueue: (work: Work) => Promise<void>;
  readonly log: Log;
  /** Time between two looks at a transaction under way, milliseconds. */
  readonly lookMs: number;
  readonly publish: PublishDeps;
  /** Undefined while the chain was never reached, and where nobody publishes who its validators are. */
  readonly prove: () => ProveMonthDeps | undefined;
  /** Time between two looks for validators' signatures, milliseconds. */
  readonly proveMs: number;
  /** Tells webhooks what they have not been told. Resolves to the time until the next try, where one failed. */
  readonly deliver: () => Promise<number | undefined>;
  /** Signs interim checkpoints of the open months; resolves to their sizes by origin. */
  readonly signCheckpoints: () => Promise<ReadonlyMap<string, number>>;
  /** Looks at the chain: balance, fee and lag. Resolves to what a human should know. */
  readonly lookAtChain: () => Promise<readonly string[]>;
}
