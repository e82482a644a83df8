import { blockTree } from "../src/adapters/file-blocks.ts";
import { gitTree } from "../src/adapters/git-tree.ts";
import { fast } from "../src/compose-judging.ts";
import { knownFrom } from "../src/validate-judge.ts";
import { threadPool } from "../src/validate-pool.ts";
import type { Report } from "../src/validate/finding.ts";
import { validateLedger, validateWhole } from "../src/validate/validate-ledger.ts";
import { type VerifiedBy, verifiedOnAllCores } from "./bare-signatures.ts";
import { peakMb } from "./own-process.ts";

/** What one process measures. */
export type ValidationTask =
  | {
      readonly kind: "validate";
      readonly ledger: string;
      /** The clock to judge by, milliseconds since 1970. */
      readonly nowUnixMs: number;
      /** Commit of the ledger's repository that the change is for. */
      readonly base?: string;
      readonly cache: string;
      readonly isFull?: boolean;
    }
  | { readonly kind: "plain"; readonly ledger: string; readonly nowUnixMs: number }
  | { readonly kind: "signatures"; readonly count: number; readonly by?: VerifiedBy };

export interface ValidationRun {
  readonly ms: number;
  readonly peakMb: number;
}

async function validated({
  ledger,
  nowUnixMs,
  base,
  cache,
  isFull = false,
}: ValidationTask & { kind: "validate" }): Promise<void> {
  await using pool = threadPool({ cache });
  const report = await validateLedger(blockTree(ledger), {
    nowUnixMs,
    // The made events are of whatever age.
    windows: { behindMs: nowUnixMs },
    ...fast,
    pool,
    ...knownFrom(cache),
    isFull,
    ...(base === undefined ? {} : { base: await gitTree(ledger, base) }),
  });
  requireValid(report);
}

/** Everything read into memory, then one event after the other on one thread. */
async function plainlyValidated(ledger: string, nowUnixMs: number): Promise<void> {
  requireValid(await validateWhole(blockTree(ledger), { nowUnixMs, windows: { behindMs: nowUnixMs }, ...fast }));
}

function requireValid({ valid, findings }: Report): void {
  if (!valid) throw new Error(`the ledger is not valid: ${JSON.stringify(findings[0])}`);
}

function work(task: ValidationTask): Promise<void> {
  if (task.kind === "validate") return validated(task);
  return task.kind === "plain"
    ? plainlyValidated(task.ledger, task.nowUnixMs)
    : verifiedOnAllCores(task.count, task.by);
}

if (process.argv[2] !== undefined) {
  const task = JSON.parse(process.argv[2]) as ValidationTask;
  const beganMs = performance.now();
  await work(task);
  const run: ValidationRun = { ms: performance.now() - beganMs, peakMb: peakMb() };
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
