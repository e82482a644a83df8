import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AcceptTask } from "./accept-run.ts";
import { furtherEvents, type LedgerPlan, makeLedger, monthsOf } from "./made-ledger.ts";
import { type Run, runTask } from "./own-process.ts";
import { median, type Row } from "./row.ts";

const rounds = 3;
/** Events that were handed in again, and got their first promise again. */
const again = 600;

const plan: LedgerPlan = { dialect: "monthly", events: 300, months: 1, closed: 0 };

/** @throws Error unless every event was added once */
function requireAll({ outcome }: Run, count: number): void {
  const expected = JSON.stringify({ first: { accepted: count }, again: { known: again }, added: count });
  if (outcome !== expected) throw new Error(`handing in events came to ${outcome}, not to ${expected}`);
}

/**
 * Events that come through the door in one process, durable and promised, beside the signatures alone.
 *
 * @param count - events handed in
 */
export async function measureAcceptance(count: number): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  try {
    const [made, events] = [join(home, "made"), join(home, "events.jsonl")];
    await makeLedger(made, plan);
    writeFileSync(events, furtherEvents(plan, count).join("\n"));
    const runs: [Run[], Run[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const [ledger, data] = [join(home, `ledger-${round}`), join(home, `data-${round}`)];
      cpSync(made, ledger, { recursive: true });
      const month = monthsOf(plan)[0] ?? "";
      const task = { kind: "accept", ledger, data, month, events } satisfies AcceptTask;
      const ours = await runTask("accept-run.ts", task);
      requireAll(ours, count);
      runs[0].push(ours);
      runs[1].push(await runTask("accept-run.ts", { kind: "signatures", count } satisfies AcceptTask));
    }
    const [ours, floor] = runs.map((each) => median(each.map(({ ms }) => ms))) as [number, number];
    const perSecond = Math.round((1000 * count) / ours).toLocaleString("en");
    return [
      {
        name: `accept ${count.toLocaleString("en")} events (${perSecond} a second)`,
        baseline: "crypto.verify alone on all cores",
        oursMs: ours,
        baselineMs: floor,
        target: 1.25,
        extraMb: Math.max(...runs[0].map(({ peakMb }) => peakMb)),
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
