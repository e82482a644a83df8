import { openLedger } from "../../compose.ts";
import { monthEndUnixMs } from "../../core/month.ts";
import { receiptFacts } from "../../core/receipt.ts";
import { formatTimestamp } from "../../core/time.ts";
import { nextToClose } from "../../settle/close-partition.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "../../settle/ledger-view.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

function monthJson({ month, state, events, manifest, receipt }: PartitionView): object {
  const facts = receipt ? receiptFacts(receipt) : undefined;
  return {
    month,
    state,
    events: events.length,
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

function text({ io, config }: Context, view: LedgerView): string {
  const style = { open: "dim", closed: "yellow", anchored: "green" } as const;
  const name = view.settlement ? `${view.settlement.host}, ${view.settlement.network}` : "not named yet";
  const events = view.partitions.reduce((sum, partition) => sum + partition.events.length, 0);
  const head = `${styled(io, "bold", `Ledger (${name})`)}: ${events} events of ${view.nodes.length} nodes, ${view.dialect} dialect\n`;
  const rows = view.partitions.map((partition) => {
    const { month, state, manifest, receipt } = partition;
    const root = manifest ? `root ${manifest.root.slice(0, 16)}…` : "";
    const ledger = receipt
      ? `XRPL ledger ${receipt.header.index} ${receiptFacts(receipt).transactionHash.slice(0, 16)}…`
      : "";
    return `  ${month}  ${styled(io, style[state], state.padEnd(8))}  ${String(partition.events.length).padStart(7)} events  ${root.padEnd(22)}  ${ledger}`.trimEnd();
  });
  const open = nextToClose(view);
  const next = open
    ? `Next: ${open.month} can be closed from ${formatTimestamp(monthEndUnixMs(open.month) + config.grace * 60_000)} on.\n`
    : "";
  return `${head}${rows.map((row) => `${row}\n`).join("")}${next}`;
}

export const status: CommandSpec = {
  name: "status",
  about: "Show each month of the ledger: open, closed or anchored, with its root and transaction.",
  settings: ["ledger", "data", "grace", "format"],
  examples: ["status --ledger my-ledger", "status --format json"],
  async run(context) {
    const { config, format, io } = context;
    const view = await readLedgerView(await openLedger(config.ledger, warnOfRecovery(io)));
    if (format === "text") {
      io.out(text(context, view));
      return 0;
    }
    const { dialect, settlement, nodes, partitions } = view;
    const json = {
      dialect,
      host: settlement?.host ?? null,
      network: settlement?.network ?? null,
      nodes: nodes.length,
      months: partitions.map(monthJson),
      next: nextJson(view, config.grace * 60_000),
    };
    io.out(`${JSON.stringify(json)}\n`);
    return 0;
  },
};
