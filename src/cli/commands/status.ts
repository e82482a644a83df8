import { openLedger } from "../../compose.ts";
import { lookAtState } from "../../compose-state.ts";
import type { WorkerStatus } from "../../adapters/worker-file.ts";
import { monthOf } from "../../core/month.ts";
import { ledgerOrigin } from "../../core/settlement-info.ts";
import { type LedgerView, readLedgerView } from "../../settle/ledger-view.ts";
import { type MonthStatus, monthStatuses, nextClose, type NextClose } from "../../settle/node-status.ts";
import type { CommandSpec } from "../command.ts";
import { columns, harmless, type Io, styled, wrapped } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

const styles = {
  open: "dim",
  closing: "yellow",
  closed: "yellow",
  anchoring: "yellow",
  anchored: "green",
  proven: "green",
  rejected: "red",
  damaged: "red",
} as const;

/** What there is to know of a month beyond its state. */
function detailOf({
  state,
  published,
  reason,
  underWay,
  attempts,
  ledgerIndex,
  transactionHash,
  closeTime,
}: MonthStatus): string {
  if (state === "damaged") return `${published ?? 0} events were published; see settlement validate`;
  if (reason !== null) return harmless(reason);
  if (underWay)
    return `transaction ${underWay.hash.slice(0, 16)}…${attempts > 1 ? ` (the ${attempts}th)` : ""}, in ledger ${underWay.lastLedgerSequence} at the latest`;
  if (transactionHash !== null) return `XRPL ledger ${ledgerIndex ?? 0} at ${closeTime ?? ""}, ${transactionHash}`;
  return "";
}

function rowText(io: Io, month: MonthStatus): string {
  const root = month.root === null ? "" : `root ${month.root.slice(0, 12)}…`;
  const state = styled(io, styles[month.state], month.state.padEnd(9));
  const start = `  ${month.month}  ${state} ${String(month.events).padStart(7)} events  ${root.padEnd(18)}  `;
  return `${start}${detailOf(month)}`.trimEnd();
}

function age(sinceUnixMs: number, nowUnixMs: number): string {
  const s = Math.max(0, Math.round((nowUnixMs - sinceUnixMs) / 1000));
  if (s < 120) return `${s} s ago`;
  if (s < 7200) return `${Math.round(s / 60)} min ago`;
  return s < 172_800 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86_400)} days ago`;
}

/** A worker that was not heard of for so long is not running any more, or does not get on. */
const silenceMs = 60_000;

function workerRows(io: Io, worker: WorkerStatus | undefined, nowUnixMs: number): [string, string][] {
  if (!worker) return [["Worker", styled(io, "dim", "none runs on this data folder")]];
  const isSilent = nowUnixMs - worker.heardUnixMs > silenceMs;
  const heard = `process ${worker.pid}, heard ${age(worker.heardUnixMs, nowUnixMs)}`;
  const state = isSilent
    ? styled(io, "red", "silent")
    : worker.paused
      ? styled(io, "yellow", "paused")
      : styled(io, "green", "running");
  const jobs = Object.entries(worker.jobs)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const rows: [string, string][] = [
    ["Worker", `${state}, ${heard}`],
    ["Queue", `${worker.queue}: ${jobs.length === 0 ? "nothing to do" : jobs.join(", ")}`],
  ];
  const account = worker.chain["text"];
  return typeof account === "string" ? [...rows, ["Account", harmless(account)]] : rows;
}

function nextText(next: NextClose | undefined): string {
  if (!next) return "nothing: the ledger holds no event";
  if (next.overdue > 0)
    return `${next.overdue} ${next.overdue === 1 ? "month is" : "months are"} over and open: settlement close, or a worker`;
  return `${next.month} closes from ${next.closableAt} on`;
}

interface Shown {
  readonly view: LedgerView;
  readonly months: readonly MonthStatus[];
  readonly next: NextClose | undefined;
  readonly worker: WorkerStatus | undefined;
  readonly nowUnixMs: number;
}

function text(io: Io, { view, months, next, worker, nowUnixMs }: Shown): string {
  const name = view.settlement ? `${view.settlement.host}, ${view.settlement.network}` : "not named yet";
  const events = months.reduce((sum, month) => sum + month.events, 0);
  const head = `${styled(io, "bold", `Ledger (${name})`)}: ${events} events of ${view.nodes.length} nodes, ${view.dialect} dialect\n`;
  const rows = months.map((month) => `${rowText(io, month)}\n`).join("");
  const attention = (worker?.attention ?? []).map(
    (line) => `  ${styled(io, "yellow", "!")} ${wrapped(io, harmless(line), 4)}\n`,
  );
  const warned = attention.length === 0 ? "" : `${styled(io, "bold", "Attention")}\n${attention.join("")}`;
  return `${head}${rows}${columns([...workerRows(io, worker, nowUnixMs), ["Next", nextText(next)]], "")}${warned}`;
}

export const status: CommandSpec = {
  name: "status",
  about:
    "Show each month of the ledger with its root and transaction, what the worker does, what comes next, and what needs a human.",
  settings: ["ledger", "data", "grace", "stateUrlFile", "format"],
  examples: ["status --ledger my-ledger", "status --format json"],
  async run({ config, format, io }) {
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const nowUnixMs = Date.now();
    const graceMs = config.grace * 60_000;
    const view = await readLedgerView(open);
    const origin = view.settlement && ledgerOrigin(view.settlement.host);
    const { known, worker } = await lookAtState(config, origin);
    // Quiet months since the last event are due like any other, though there is nothing to show of them yet.
    const next = nextClose(await readLedgerView(open, monthOf(nowUnixMs)), nowUnixMs, graceMs);
    const months = monthStatuses(view, known);
    if (format === "text") io.out(text(io, { view, months, next, worker, nowUnixMs }));
    else {
      const { dialect, settlement, nodes } = view;
      const { attempts: _attempts, records: _records, ...heard } = worker ?? { attempts: [], records: [] };
      const facts = {
        dialect,
        host: settlement?.host ?? null,
        network: settlement?.network ?? null,
        nodes: nodes.length,
      };
      io.out(`${JSON.stringify({ ...facts, months, next: next ?? null, worker: worker ? heard : null })}\n`);
    }
    return 0;
  },
};
