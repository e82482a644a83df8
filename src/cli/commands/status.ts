import { openLedger } from "../../compose.ts";
import { lookAtState } from "../../compose-state.ts";
import type { WorkerStatus } from "../../compose-observe.ts";
import { monthOf } from "../../core/month.ts";
import { ledgerOrigin } from "../../core/settlement-info.ts";
import { type LedgerView, readLedgerOutline, readLedgerView } from "../../settle/ledger-view.ts";
import { type MonthStatus, monthStatuses, nextClose, type NextClose } from "../../settle/node-status.ts";
import { type Attention, attentionOf, isSilent } from "../attention.ts";
import type { CommandSpec } from "../command.ts";
import { type Disk, disksOf, diskText } from "../disk.ts";
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

/** A transaction's hash is whole, since people look it up, unless the line would break. */
const wideEnough = 160;

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

function codeIn(reason: string): string {
  return /^[A-Z_\d]+(?=:)/.exec(reason)?.[0] ?? "a reason";
}

/** What there is to know of a month beyond its state. */
function detailOf(io: Io, month: MonthStatus): string {
  const { state, reason, underWay, attempts, ledgerIndex, transactionHash, closeTime } = month;
  if (state === "damaged") return "waits for a human: see below";
  if (reason !== null) return `waits: ${codeIn(reason)}, see below`;
  if (underWay) {
    const { hash, feeDrops, lastLedgerSequence } = underWay;
    const which = attempts > 1 ? `transaction ${attempts}` : "transaction";
    return `${which} under way: ${hash.slice(0, 16)}…, ${feeDrops} drops, in ledger ${lastLedgerSequence} at the latest`;
  }
  if (transactionHash !== null) {
    const isCut = io.isTerminal && (io.width ?? 0) < wideEnough;
    return `ledger ${ledgerIndex ?? 0}, ${closeTime ?? ""}, ${isCut ? `${transactionHash.slice(0, 16)}…` : transactionHash}`;
  }
  return state === "closed" ? "waits for its anchor" : "";
}

function rowText(io: Io, month: MonthStatus): string {
  const root = month.root === null ? "" : `${month.root.slice(0, 12)}…`;
  const state = styled(io, styles[month.state], month.state.padEnd(9));
  return `  ${month.month}  ${state}  ${String(month.events).padStart(6)}  ${root.padEnd(13)}  ${detailOf(io, month)}`.trimEnd();
}

/** So many months are shown of those that are done. */
const doneShown = 12;

function monthRows(io: Io, months: readonly MonthStatus[]): string {
  const isDone = ({ state }: MonthStatus): boolean => state === "anchored" || state === "proven";
  const notDone = months.findIndex((month) => !isDone(month));
  const hidden = Math.max(0, Math.min(notDone < 0 ? months.length : notDone, months.length - doneShown));
  const proven = months.slice(0, hidden).filter(({ state }) => state === "proven").length;
  const earlier =
    hidden === 0
      ? []
      : [styled(io, "dim", `  ${counted(hidden, "earlier month")}: ${proven} proven, ${hidden - proven} anchored`)];
  const head = styled(io, "dim", "  month    state      events  root           XRPL");
  return [head, ...earlier, ...months.slice(hidden).map((month) => rowText(io, month))]
    .map((line) => `${line}\n`)
    .join("");
}

function age(sinceUnixMs: number, nowUnixMs: number): string {
  const s = Math.max(0, Math.round((nowUnixMs - sinceUnixMs) / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}

/** What operators call the states of jobs; `later` are schedules, and what is put off or tried again. */
const jobWords = { active: "running", waiting: "waiting", delayed: "for later", failed: "failed" } as const;

function jobsText(io: Io, { jobs }: WorkerStatus): string {
  const shown = Object.entries(jobWords).flatMap(([name, word]) => {
    const count = jobs[name] ?? 0;
    return count === 0 ? [] : [name === "failed" ? styled(io, "red", `${count} ${word}`) : `${count} ${word}`];
  });
  return shown.length === 0 ? "no jobs" : shown.join(", ");
}

function workerRows(io: Io, worker: WorkerStatus | undefined, nowUnixMs: number): [string, string][] {
  if (!worker) return [["Worker", styled(io, "yellow", "none runs on this data folder")]];
  const state = isSilent(worker, nowUnixMs)
    ? styled(io, "red", "silent")
    : worker.paused
      ? styled(io, "yellow", "paused")
      : styled(io, "green", "running");
  const up = `process ${worker.pid}, started ${age(worker.startedUnixMs, nowUnixMs)} ago, heard ${age(worker.heardUnixMs, nowUnixMs)} ago`;
  const rows: [string, string][] = [
    ["Worker", `${state}, ${up}`],
    ["Queue", `${worker.queue}, ${jobsText(io, worker)}`],
  ];
  const account = worker.chain["text"];
  return typeof account === "string" ? [...rows, ["Account", harmless(account.replace(/^account /, ""))]] : rows;
}

function nextText(io: Io, next: NextClose | undefined, worker: WorkerStatus | undefined): string {
  if (!next) return "nothing: the ledger holds no event";
  if (next.overdue === 0) return `${next.month} closes from ${next.closableAt} on`;
  const over = `${counted(next.overdue, "month is", "months are")} over and open, the first is ${next.month}`;
  return worker ? over : styled(io, "yellow", `${over}: start a node, or settlement close`);
}

function attentionText(io: Io, { months, text, section }: Attention): string {
  const about = months.length === 0 ? "" : `${months.join(", ")}  `;
  const where = section === null ? "" : `    ${styled(io, "cyan", "→")} docs/runbook.md, “${section}”\n`;
  return `  ${styled(io, "red", "!")} ${wrapped(io, harmless(`${about}${text}`), 4)}\n${where}`;
}

/** What `settlement status` shows. */
export interface Shown {
  readonly view: LedgerView;
  readonly months: readonly MonthStatus[];
  readonly next: NextClose | undefined;
  readonly worker: WorkerStatus | undefined;
  readonly disks: readonly Disk[];
  readonly attention: readonly Attention[];
  readonly nowUnixMs: number;
}

/** The text of `settlement status`. */
export function statusText(io: Io, { view, months, next, worker, disks, attention, nowUnixMs }: Shown): string {
  const name = view.settlement ? `${view.settlement.host} on ${view.settlement.network}` : "not named yet";
  const events = months.reduce((sum, month) => sum + month.events, 0);
  const head = `${styled(io, "bold", `Ledger ${name}`)}: ${counted(events, "event")} of ${counted(view.nodes.length, "node")}, ${view.dialect} dialect\n`;
  const disk = disks.map((each) => (each.isLow ? styled(io, "red", diskText(each)) : diskText(each))).join("; ");
  const rows: [string, string][] = [
    ...workerRows(io, worker, nowUnixMs),
    ["Disk", disk],
    ["Next", nextText(io, next, worker)],
  ];
  const warned = attention.map((each) => attentionText(io, each)).join("");
  const below = warned === "" ? "Nothing needs a human.\n" : `${styled(io, "bold", "Attention")}\n${warned}`;
  return `${head}${monthRows(io, months)}${columns(rows, "")}${below}`;
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
    const next = nextClose(await readLedgerOutline(open, monthOf(nowUnixMs)), nowUnixMs, graceMs);
    const months = monthStatuses(view, known);
    const disks = disksOf([
      { what: "the ledger", path: open.folder },
      { what: "the data", path: config.data },
    ]);
    const attention = attentionOf({ months, next, worker, disks }, nowUnixMs);
    if (format === "text") io.out(statusText(io, { view, months, next, worker, disks, attention, nowUnixMs }));
    else {
      const { dialect, settlement, nodes } = view;
      const { attempts: _attempts, records: _records, ...heard } = worker ?? { attempts: [], records: [] };
      const facts = {
        dialect,
        host: settlement?.host ?? null,
        network: settlement?.network ?? null,
        nodes: nodes.length,
      };
      const node = { next: next ?? null, worker: worker ? heard : null, disks, attention };
      io.out(`${JSON.stringify({ ...facts, months, ...node })}\n`);
    }
    return 0;
  },
};
