import { openLedger } from "../../compose.ts";
import { lookAtState, openState, type OpenState, stateUrl } from "../../compose-state.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { parseMonth } from "../../core/month.ts";
import { audited, forgetNetwork, type HumanActDeps, retryMonth } from "../../settle/human-acts.ts";
import type { CommandSpec, Context } from "../command.ts";
import { styled } from "../io.ts";
import { noteTo, warnOfRecovery } from "../notes.ts";

/** The state, or who has it open: a running node keeps the one in its data folder to itself. */
async function openOwn(config: Config): Promise<OpenState> {
  try {
    return await openState(config);
  } catch (cause) {
    const isTaken = cause instanceof SettlementError && stateUrl(config) === undefined;
    const { worker } = isTaken ? await lookAtState(config, undefined) : {};
    if (!worker) throw cause;
    const message = `the node that runs as process ${worker.pid} has the state open: stop it, run this again, and start it; retry may also be asked of it, see docs/runbook.md`;
    throw new SettlementError("STATE_UNAVAILABLE", message, { cause });
  }
}

async function withActs<T>({ config, io }: Context, use: (deps: HumanActDeps) => Promise<T>): Promise<T> {
  const { ledger, archive } = await openLedger(config.ledger, warnOfRecovery(io));
  const state = await openOwn(config);
  try {
    return await use({ ledger, archive, network: config.network, clock: Date.now, ...state });
  } finally {
    await state.close();
  }
}

export const retry: CommandSpec = {
  name: "retry",
  usage: "<MONTH>",
  about:
    "Let a month go on that waits for a human: one that was rejected, after the ledger was repaired, or one whose transaction was validated without success.",
  settings: ["ledger", "data", "network", "stateUrlFile", "format"],
  examples: ["retry 2026-08"],
  async run(context, args) {
    const month = parseMonth(args[0] ?? "");
    const lifted = await withActs(context, (deps) =>
      audited(deps, { actor: "cli", act: "retry", detail: month }, () => retryMonth(month, deps)),
    );
    const { io, format } = context;
    if (format === "json") io.out(`${JSON.stringify({ month, lifted })}\n`);
    else {
      for (const line of lifted) io.out(`${styled(io, "green", "✓")} ${line}\n`);
      io.out("A node goes on with it when it starts; one that runs, within --reconcile-minutes.\n");
    }
    return 0;
  },
};

export const forget: CommandSpec = {
  name: "forget-network",
  about:
    "Forget the XRPL ledgers this node has seen of --network, after a test network was reset. Until then a server that shows other ledgers is not believed.",
  settings: ["ledger", "data", "network", "stateUrlFile", "format"],
  examples: ["forget-network --network testnet"],
  async run(context) {
    const { config, io, format } = context;
    const left = await withActs(context, (deps) =>
      audited(deps, { actor: "cli", act: "forget-network", detail: config.network }, () => forgetNetwork(deps)),
    );
    if (format === "json") io.out(`${JSON.stringify({ forgotten: config.network, left })}\n`);
    else io.out(`${styled(io, "green", "✓")} the ledgers of ${config.network} are forgotten\n`);
    if (format === "text") for (const line of left) noteTo(io)(line);
    return 0;
  },
};
