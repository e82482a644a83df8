import { closeDeps, type OpenLedger, openLedger, requireOrigin } from "../../compose.ts";
import { headsOnDemand } from "../../compose-state.ts";
import { settlementKey } from "../../compose-keys.ts";
import { type Month, monthOf, parseMonth } from "../../core/month.ts";
import { closable, type ClosedPartition, closePartition } from "../../settle/close-partition.ts";
import { readLedgerOutline } from "../../settle/ledger-view.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { columns, styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

/** Months that are over and open, ascending. */
export async function monthsToClose(open: OpenLedger, graceMs: number): Promise<Month[]> {
  return closable(await readLedgerOutline(open, monthOf(Date.now())), Date.now(), graceMs);
}

function text({ io }: Context, { manifest, evidence, fresh }: ClosedPartition): string {
  const head = `${styled(io, "green", "✓")} ${styled(io, "bold", manifest.partitionId)} ${fresh ? "closed" : "was closed before"}\n`;
  return (
    head +
    columns([
      ["events", String(manifest.count)],
      ["root", `${manifest.root} (the same by merkletreejs)`],
      ["manifest", manifest.manifestHash],
      ["ledger log", `${evidence.o} at size ${evidence.s}`],
    ])
  );
}

export const close: CommandSpec = {
  name: "close",
  usage: "[MONTH]",
  about:
    "Close a month for ever: judge the ledger, build the tree, write manifest, evidence, checkpoints and tiles. Without MONTH, every month that is over.",
  settings: [
    "ledger",
    "data",
    "network",
    "origin",
    "account",
    "seedFile",
    "keyFile",
    "policy",
    "grace",
    "stateUrlFile",
    "format",
  ],
  examples: ["close 2026-08 --ledger my-ledger", "close --grace 20"],
  async run(context, args) {
    const { config, io, format } = context;
    const named = args.map(parseMonth);
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    await requireOrigin(open, config);
    const key = settlementKey(config);
    const months = named.length > 0 ? named : await monthsToClose(open, config.grace * 60_000);
    const closed: ClosedPartition[] = [];
    const heads = headsOnDemand(config);
    try {
      for (const month of months) {
        const result = await closePartition(month, config.network, closeDeps(open, key, heads, config));
        closed.push(result);
        if (format === "text") io.out(text(context, result));
      }
    } finally {
      await heads.close();
    }
    if (format === "json") io.out(`${JSON.stringify({ closed })}\n`);
    else if (closed.length === 0) io.out("No month is over and open.\n");
    return 0;
  },
};
