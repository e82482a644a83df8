import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloseTask } from "./close-run.ts";
import { writeLongMonth } from "./long-month.ts";
import { makeLedger } from "./made-ledger.ts";
import { type Run, runTask } from "./own-process.ts";
import { median, type Row } from "./row.ts";

const month = "2024-01";
const baseline = "each line read, parsed and hashed once, on one thread";

const rounds = 3;

/** With fewer, starting threads is most of it. */
const leastTimed = 1_000_000;

/** Signing a million events takes minutes, and closing does not look at signatures: judging does. */
const mostSigned = 100_000;

async function write(folder: string, events: number): Promise<void> {
  mkdirSync(folder);
  if (events > mostSigned) writeLongMonth(folder, { month, events, provable: 1 });
  else await makeLedger(folder, { dialect: "monthly", events, months: 1, closed: 0 });
}

function expectOutcome({ outcome }: Run, expected: string): void {
  if (outcome !== expected) throw new Error(`closing came to ${outcome}, not to ${expected}`);
}

/** Closes an open month. What an earlier close has left is moved away: file systems are slow for a while after removing it. */
function close(folder: string, root?: string): Promise<Run> {
  const anchors = join(folder, "anchors");
  if (existsSync(anchors)) renameSync(anchors, `${folder}-${randomUUID()}`);
  return runTask("close-run.ts", { kind: "close", folder, month, ...(root ? { root } : {}) } satisfies CloseTask);
}

interface Runs {
  readonly floor: Run;
  readonly once: Run;
  readonly twice: Run;
}

function middle(runs: readonly Run[]): Run {
  const [ms, peakMb] = [median(runs.map((run) => run.ms)), Math.max(...runs.map((run) => run.peakMb))];
  return { ms, peakMb, outcome: "" };
}

/** The floor, a close, and a close with its second root, in turn. */
async function inTurn(folder: string, events: number): Promise<Runs> {
  const { outcome } = await close(folder);
  const [root = "", count] = outcome.split(" ");
  if (count !== String(events)) throw new Error(`${count} events were closed, not ${events}`);
  const runs: Record<keyof Runs, Run[]> = { floor: [], once: [], twice: [] };
  for (let round = 0; round < rounds; round++) {
    const floor = await runTask("close-run.ts", { kind: "floor", folder, month } satisfies CloseTask);
    expectOutcome(floor, String(events));
    const [once, twice] = [await close(folder, root), await close(folder)];
    for (const run of [once, twice]) expectOutcome(run, outcome);
    runs.floor.push(floor);
    runs.once.push(once);
    runs.twice.push(twice);
  }
  return { floor: middle(runs.floor), once: middle(runs.once), twice: middle(runs.twice) };
}

/**
 * Closing a month: trees, tiles, index, digest and heads, beside the least that can be done with its events.
 *
 * @param events - of the month
 */
export async function measureClosing(events: number): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  try {
    const folder = join(home, "ledger");
    await write(folder, events);
    const { floor, once, twice } = await inTurn(folder, events);
    const named = `close ${events.toLocaleString("en")} events`;
    const row = ({ ms, peakMb }: Run): Pick<Row, "oursMs" | "extraMb"> => ({ oursMs: ms, extraMb: peakMb });
    const grows = { what: "close", size: events };
    const target = events < leastTimed ? {} : { target: 1.5 };
    const rows: Row[] = [
      { name: named, baseline, ...row(once), baselineMs: floor.ms, ...target, grows },
      { name: `${named}, the root computed twice`, baseline, ...row(twice), baselineMs: floor.ms },
    ];
    if (events > mostSigned) return rows;
    rmSync(join(folder, "anchors"), { recursive: true, force: true });
    const judged = await runTask("close-run.ts", { kind: "judge", folder, month } satisfies CloseTask);
    expectOutcome(judged, "valid");
    return [...rows, { name: `judge ${named.slice(6)} before that`, baseline, ...row(judged), baselineMs: floor.ms }];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
