import { openLedger } from "../../compose.ts";
import { openState } from "../../compose-state.ts";
import { parseMonth } from "../../core/month.ts";
import { audited, forgetNetwork, type HumanActDeps, retryMonth } from "../../settle/human-acts.ts";
import type { CommandSpec, Context } from "../command.ts";
import { styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

async function withActs<T>({ config, io }: Context, use: (deps: HumanActDeps) => Promise<T>): Promise<T> {
  const { ledger, archive } = await openLedger(config.ledger, warnOfRecovery(io));
  const state = await openState(config);
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
    else for (const line of lifted) io.out(`${styled(io, "green", "✓")} ${line}\n`);
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
    await withActs(context, (deps) =>
      audited(deps, { actor: "cli", act: "forget-network", detail: config.network }, () => forgetNetwork(deps)),
    );
    if (format === "json") io.out(`${JSON.stringify({ forgotten: config.network })}\n`);
    else io.out(`${styled(io, "green", "✓")} the ledgers of ${config.network} are forgotten\n`);
    return 0;
  },
};
