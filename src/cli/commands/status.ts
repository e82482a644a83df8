import { openLedger } from "../../compose.ts";
import { monthEndUnixMs, monthOf } from "../../core/month.ts";
import { receiptFacts } from "../../core/receipt.ts";
import { formatTimestamp } from "../../core/time.ts";
import { closable, nextToClose } from "../../settle/close-partition.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "../../settle/ledger-view.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

/** Events the manifest of a closed month counts and the ledger does not hold any more, or the other way. */
function isDamaged({ events, manifest }: PartitionView): boolean {
  return manifest !== undefined && manifest.count !== events.length;
}

function monthJson(partition: PartitionView): object {
  const { month, state, events, manifest, receipt } = partition;
  const facts = receipt ? receiptFacts(receipt) : undefined;
  return {
    month,
    state,
    events: events.length,
    damaged: isDamaged(partition),
    root: manifest?.root ?? null,
    manifestHash: manifest?.manifestHash ?? null,
    transactionHash: facts?.transactionHash ?? null,
    ledgerIndex: facts?.ledgerIndex ?? null,
    closeTime: facts?.closeTime ?? null,
  };
}

function nextJson(view: LedgerView, graceMs: number): object | null {
  const open = nextToClose(view);
  return open ? { month: open.month, closableAt: formatTimestamp(monthEndUnixMs(open.month) + graceMs) } : null;
}

function rowText({ io }: Context, partition: PartitionView): string {
  const style = { open: "dim", closed: "yellow", anchored: "green" } as const;
  const { month, state, events, manifest, receipt } = partition;
  const counted = `${String(events.length).padStart(7)} events`;
  if (isDamaged(partition)) {
    const published = `${manifest?.count ?? 0} were published; see settlement validate`;
    return `  ${month}  ${styled(io, "red", "DAMAGED ")}  ${counted}, ${published}`;
  }
  const root = manifest ? `root ${manifest.root.slice(0, 16)}…` : "";
  const ledger = receipt ? `XRPL ledger ${receipt.header.index}, ${receiptFacts(receipt).transactionHash}` : "";
  return `  ${month}  ${styled(io, style[state], state.padEnd(8))}  ${counted}  ${root.padEnd(22)}  ${ledger}`.trimEnd();
}

function nextText({ config }: Context, view: LedgerView): string {
  const open = nextToClose(view);
  if (!open) return "";
  const graceMs = config.grace * 60_000;
  const due = closable(view, Date.now(), graceMs).length;
  if (due > 0) return `${due} ${due === 1 ? "month is" : "months are"} over and open: settlement close\n`;
  return `Next: ${open.month} can be closed from ${formatTimestamp(monthEndUnixMs(open.month) + graceMs)} on.\n`;
}

function text(context: Context, view: LedgerView, due: LedgerView): string {
  const { io } = context;
  const name = view.settlement ? `${view.settlement.host}, ${view.settlement.network}` : "not named yet";
  const events = view.partitions.reduce((sum, partition) => sum + partition.events.length, 0);
  const head = `${styled(io, "bold", `Ledger (${name})`)}: ${events} events of ${view.nodes.length} nodes, ${view.dialect} dialect\n`;
  return `${head}${view.partitions.map((partition) => `${rowText(context, partition)}\n`).join("")}${nextText(context, due)}`;
}

export const status: CommandSpec = {
  name: "status",
  about: "Show each month of the ledger: open, closed or anchored, with its root and transaction.",
  settings: ["ledger", "data", "grace", "format"],
  examples: ["status --ledger my-ledger", "status --format json"],
  async run(context) {
    const { config, format, io } = context;
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const view = await readLedgerView(open);
    // Quiet months since the last event are due like any other, though there is nothing to show of them yet.
    const due = await readLedgerView(open, monthOf(Date.now()));
    if (format === "text") {
      io.out(text(context, view, due));
      return 0;
    }
    const { dialect, settlement, nodes, partitions } = view;
    const json = {
      dialect,
      host: settlement?.host ?? null,
      network: settlement?.network ?? null,
      nodes: nodes.length,
      months: partitions.map(monthJson),
      next: nextJson(due, config.grace * 60_000),
    };
    io.out(`${JSON.stringify(json)}\n`);
    return 0;
  },
};
