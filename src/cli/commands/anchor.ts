import {
  anchorDeps,
  type OpenLedger,
  openLedger,
  requireConsent,
  trustFile,
  trustIn,
  writeTrust,
} from "../../compose.ts";
import { openState } from "../../compose-state.ts";
import { checkChainConfig, openChain } from "../../compose-chain.ts";
import { settlementKey } from "../../compose-keys.ts";
import { type Month, parseMonth } from "../../core/month.ts";
import { localNotice, type Receipt, receiptFacts, receiptJson } from "../../core/receipt.ts";
import { type AnchorDeps, type AnchorPlan, anchorPartition, planAnchor } from "../../settle/anchor-partition.ts";
import { openProving, pinnedPublishers, type Proving } from "../../compose-proof.ts";
import type { Trust } from "../../core/trust.ts";
import { untilProven } from "../../settle/prove-month.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { readClosed } from "../../settle/read-closed.ts";
import type { SettingName } from "../../settings.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { columns, type Io, styled } from "../io.ts";
import { noteTo, warnOfRecovery } from "../notes.ts";

const dropsPerXrp = 1_000_000n;

/** Drops as XRP, exactly. */
function xrp(drops: bigint): string {
  const fraction = String(drops % dropsPerXrp)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${drops / dropsPerXrp}${fraction === "" ? "" : `.${fraction}`} XRP`;
}

function planText(io: Io, { manifest, status, memos, found }: AnchorPlan): string {
  const spendable = status.balanceDrops - status.reserveDrops;
  return (
    `${styled(io, "bold", manifest.partitionId)} would be anchored; nothing was signed or sent\n` +
    columns([
      ["network", `${manifest.network} (network id ${status.networkId}), ledger ${status.validatedIndex} validated`],
      ["server", status.server],
      ["account", status.account],
      ["balance", `${xrp(status.balanceDrops)}, ${xrp(status.reserveDrops)} of it reserve`],
      [
        "fee",
        `${status.feeDrops} drops now; ${spendable > 0n ? `enough for ${spendable / BigInt(Math.max(1, status.feeDrops))} anchors` : "fees come out of the reserve"}`,
      ],
      ["transaction", "AccountSet without changes, two memos"],
      ["memo 1", `${memos[0]?.length ?? 0} bytes ${memos[0] ?? ""}`],
      ["memo 2", `${memos[1]?.length ?? 0} bytes ${memos[1] ?? ""}`],
      ["already there", found ?? "no"],
    ])
  );
}

function planJson({ manifest, evidence, status, memos, found }: AnchorPlan): object {
  const { balanceDrops, reserveDrops, ...rest } = status;
  return {
    manifest,
    evidence,
    memos,
    found: found ?? null,
    status: { ...rest, balanceDrops: String(balanceDrops), reserveDrops: String(reserveDrops) },
  };
}

function receiptText(io: Io, receipt: Receipt, isKnown: boolean): string {
  const { transactionHash, ledgerIndex, ledgerHash, closeTime } = receiptFacts(receipt);
  return (
    `${styled(io, "green", "✓")} ${styled(io, "bold", receipt.month)} ${isKnown ? "was anchored before" : "anchored"}\n` +
    columns([
      ["transaction", transactionHash],
      ["account", receipt.account],
      ["ledger", `${ledgerIndex} ${ledgerHash}`],
      ["closed", closeTime],
      ...(receipt.network === "local" ? [["note", localNotice] as const] : []),
    ])
  );
}

function proofText(signed: string | undefined): string {
  const detail =
    signed?.split(";")[0] ?? "not yet; a running node (settlement run) goes on looking for their signatures";
  return columns([["validators ", detail]]);
}

/** The months that are named, each of them closed; or all that are closed and not anchored. */
async function monthsToAnchor(open: OpenLedger, named: readonly Month[]): Promise<readonly Month[]> {
  for (const month of named) await readClosed(open.archive, month);
  if (named.length > 0) return named;
  const view = await readLedgerView(open);
  return view.partitions.filter(({ state }) => state === "closed").map(({ month }) => month);
}

/** Who signs for the ledgers of the network, and how that is looked for. */
interface Witnessing {
  readonly proving: Proving | undefined;
  readonly publishers: Trust["publishers"];
}

/** Opens state and chain, and closes both whatever happens. */
export async function withAnchorDeps<T>(
  { config, io }: Context,
  open: OpenLedger,
  use: (deps: AnchorDeps, witnesses: Witnessing) => Promise<T>,
): Promise<T> {
  const key = settlementKey(config);
  checkChainConfig(config);
  const state = await openState(config);
  try {
    const chain = await openChain(config, noteTo(io), state.seenLedgers);
    try {
      const parts = { archive: open.archive, chain: chain.chain, evidence: state.evidence };
      const proving = config.dryRun ? undefined : await openProving(config, chain.witnesses, parts);
      const deps = anchorDeps(open, key, { chain, attempts: state.attempts }, config, io.stop);
      const publishers = pinnedPublishers(config, chain.witnesses);
      try {
        return await use(deps, { proving, publishers });
      } finally {
        await proving?.close();
      }
    } finally {
      await chain.close();
    }
  } finally {
    await state.close();
  }
}

async function plan(context: Context, deps: AnchorDeps, months: readonly Month[]): Promise<number> {
  const { io, format } = context;
  for (const month of months) {
    const found = await planAnchor(month, deps);
    io.out(format === "json" ? `${JSON.stringify(planJson(found))}\n` : planText(io, found));
  }
  return 0;
}

/** Leaves a trust file beside the state, for those who believe this node: its operator first. */
export async function pinOwn(
  { config, io, format }: Context,
  { ledger }: OpenLedger,
  { chain, key }: AnchorDeps,
  publishers: Trust["publishers"],
): Promise<void> {
  const { settlement } = await ledger.snapshot();
  if (!settlement) return;
  const { account } = await chain.status();
  writeTrust(config, trustIn(settlement.host, key, { network: chain.network, account }, publishers));
  if (format === "text")
    io.out(styled(io, "dim", `${trustFile(config)} pins this node's key and account, for settlement verify --trust\n`));
}

/** Settings that say who anchors, and on which network. */
export const accountSettings = [
  "network",
  "networkId",
  "endpoint",
  "account",
  "seedFile",
  "keyFile",
  "signerCommand",
  "signerKey",
] as const satisfies readonly SettingName[];

/** Settings of how an anchor is made. */
export const anchoringSettings = [
  "feeCap",
  "ledgerWindow",
  "patience",
  "listUrl",
  "trust",
  "closeMs",
  "stateUrlFile",
  "yesMainnet",
] as const satisfies readonly SettingName[];

export const anchor: CommandSpec = {
  name: "anchor",
  usage: "[MONTH]",
  about:
    "Anchor a closed month on the XRP Ledger and write its receipt. Without MONTH, every closed month that has none. Safe to repeat.",
  settings: ["ledger", "data", ...accountSettings, ...anchoringSettings, "dryRun", "format"],
  examples: [
    "anchor 2026-08",
    "anchor 2026-08 --dry-run --network testnet --seed-file account.seed --key-file settlement.pem",
  ],
  async run(context, args) {
    const { config, io, format } = context;
    const named = args.map(parseMonth);
    if (!config.dryRun) requireConsent(config);
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const months = await monthsToAnchor(open, named);
    return withAnchorDeps(context, open, async (deps, { proving, publishers }) => {
      if (config.dryRun) return plan(context, deps, months);
      const receipts: Receipt[] = [];
      for (const month of months) {
        const isKnown = (await readClosed(deps.archive, month)).receipt !== undefined;
        const receipt = await anchorPartition(month, deps);
        receipts.push(receipt);
        if (format === "text") io.out(receiptText(io, receipt, isKnown));
        const signed = proving && (await untilProven(month, proving.deps, deps.pause));
        if (proving && format === "text") io.out(proofText(signed));
      }
      await pinOwn(context, open, deps, publishers);
      if (format === "json") io.out(`${JSON.stringify({ receipts: receipts.map(receiptJson) })}\n`);
      else if (receipts.length === 0) io.out("No closed month is without a receipt.\n");
      return 0;
    });
  },
};
