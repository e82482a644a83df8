import { blockTree } from "../src/adapters/file-blocks.ts";
import { gitTree } from "../src/adapters/git-tree.ts";
import { fast } from "../src/compose-judging.ts";
import { knownFrom } from "../src/validate-judge.ts";
import { threadPool } from "../src/validate-pool.ts";
import { validateLedger } from "../src/validate/validate-ledger.ts";
import { verifiedOnAllCores } from "./bare-signatures.ts";
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
  | { readonly kind: "signatures"; readonly count: number };

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
  if (!report.valid) throw new Error(`the ledger is not valid: ${JSON.stringify(report.findings[0])}`);
}

if (process.argv[2] !== undefined) {
  const task = JSON.parse(process.argv[2]) as ValidationTask;
  const beganMs = performance.now();
  await (task.kind === "validate" ? validated(task) : verifiedOnAllCores(task.count));
  const run: ValidationRun = { ms: performance.now() - beganMs, peakMb: peakMb() };
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
