import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "./cold-start.ts";
import { writeLongMonth } from "./long-month.ts";
import { runTask } from "./own-process.ts";
import type { ProveTask } from "./prove-run.ts";
import { median, type Row } from "./row.ts";

const month = "2024-01";
const few = 1000;
const proofs = 200;
const rounds = 9;
const mostStartMs = 1500;

/** A ledger with its only month closed. */
interface ClosedLedger {
  readonly folder: string;
  /** Events that can be proven. */
  readonly ids: readonly string[];
}

async function closedLedger(folder: string, events: number): Promise<ClosedLedger> {
  mkdirSync(folder);
  const ids = writeLongMonth(folder, { month, events, provable: proofs });
  const { outcome } = await runTask("prove-run.ts", { kind: "close", folder, month } satisfies ProveTask);
  if (outcome !== String(events)) throw new Error(`${outcome} events were closed, not ${events}`);
  return { folder, ids };
}

/** Proofs by id out of a long month beside those out of a short one. */
async function proving(long: ClosedLedger, short: ClosedLedger, events: number): Promise<Row> {
  const times: [number[], number[]] = [[], []];
  let extraMb = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [at, { folder, ids }] of [long, short].entries()) {
      const { ms, peakMb } = await runTask("prove-run.ts", { kind: "prove", folder, ids } satisfies ProveTask);
      times[at as 0 | 1].push(ms);
      if (at === 0) extraMb = Math.max(extraMb, peakMb);
    }
  }
  const [oursMs, baselineMs] = [median(times[0]), median(times[1])];
  const name = `find an event by its id and prove it, ${events.toLocaleString("en")} in its month`;
  return { name, baseline: `a month of ${few.toLocaleString("en")}`, oursMs, baselineMs, target: 1.3, extraMb };
}

async function coldStart({ folder, ids }: ClosedLedger, data: string, events: number): Promise<Row> {
  const starts: { readonly ms: number; readonly peakMb: number }[] = [];
  for (let round = 0; round < rounds; round++) starts.push(await startServer(folder, data, ids[round] ?? ""));
  return {
    name: `settlement serve from its start to /v1/ready, ${events.toLocaleString("en")} closed events`,
    baseline: "a second and a half",
    oursMs: median(starts.map(({ ms }) => ms)),
    baselineMs: mostStartMs,
    target: 1,
    extraMb: Math.max(...starts.map(({ peakMb }) => peakMb)),
  };
}

/**
 * What the length of a month does to proofs, and to a server that starts.
 *
 * @param events - of the long month
 */
export async function measureProofs(events: number): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  try {
    const [long, short] = [
      await closedLedger(join(home, "long"), events),
      await closedLedger(join(home, "short"), few),
    ];
    return [await proving(long, short, events), await coldStart(long, join(home, "data"), events)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
