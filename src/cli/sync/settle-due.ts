import { join } from "node:path";
import type { GitClone } from "../../adapters/git-clone.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { closeDeps, type OpenLedger, openLedger, requireOrigin } from "../../compose.ts";
import { settlementKey } from "../../compose-keys.ts";
import { headsOnDemand } from "../../compose-state.ts";
import type { Month } from "../../core/month.ts";
import type { Receipt } from "../../core/receipt.ts";
import { anchorPartition } from "../../settle/anchor-partition.ts";
import { type ClosedPartition, closePartition } from "../../settle/close-partition.ts";
import { readLedgerOutline } from "../../settle/ledger-view.ts";
import { untilProven } from "../../settle/prove-month.ts";
import type { Context } from "../command.ts";
import { pinOwn, withAnchorDeps } from "../commands/anchor.ts";
import { monthsToClose } from "../commands/close.ts";
import { warnOfRecovery } from "../notes.ts";

/** Closes every month of the clone that is over. @throws SettlementError those of `closePartition` */
export async function closeDue({ config, io }: Context, clone: GitClone): Promise<readonly ClosedPartition[]> {
  const open = await openLedger(clone.dir, warnOfRecovery(io));
  await requireOrigin(open, config);
  const months = await monthsToClose(open, config.grace * 60_000);
  if (months.length === 0) return [];
  const key = settlementKey(config);
  const heads = headsOnDemand(config);
  const closed: ClosedPartition[] = [];
  try {
    for (const month of months) {
      io.stop.throwIfAborted();
      closed.push(await closePartition(month, config.network, closeDeps(open, key, heads, config)));
    }
  } finally {
    await heads.close();
  }
  return closed;
}

/**
 * Anchors every closed month of the clone that has no receipt, and looks for the validators' signatures of those that have
 * none yet: they may come later than a round ends.
 *
 * @throws SettlementError those of `anchorPartition`
 */
export async function anchorDue(context: Context, clone: GitClone): Promise<readonly Receipt[]> {
  const open = await openLedger(clone.dir, warnOfRecovery(context.io));
  const { partitions } = await readLedgerOutline(open);
  const months = partitions.filter(({ state }) => state === "closed").map(({ month }) => month);
  const unproven = partitions.filter(({ receipt, xpop }) => receipt && !xpop).map(({ month }) => month);
  if (months.length + unproven.length === 0) return [];
  return withAnchorDeps(context, open, async (deps, { proving, publishers }) => {
    const receipts: Receipt[] = [];
    for (const month of unproven) if (proving) await untilProven(month, proving.deps, deps.pause);
    for (const month of months) {
      receipts.push(await anchorPartition(month, deps));
      if (proving) await untilProven(month, proving.deps, deps.pause);
    }
    if (receipts.length > 0) await pinOwn({ ...context, format: "json" }, open, deps, publishers);
    return receipts;
  });
}

/** What this node has written of closed months and has not committed yet. A month that was not closed to the end is left out. */
export async function keepPublished(clone: GitClone): Promise<void> {
  const open = await openOrNone(clone);
  if (!open) return;
  const tree = folderTree(open.folder);
  const months: readonly Month[] = await open.archive.months();
  const names = await Promise.all(months.map((month) => tree.entries(`anchors/${month}`)));
  const files = names.flat().flatMap(({ path, kind }) => (kind === "file" || kind === "executable" ? [path] : []));
  const top = (await tree.children("")).flatMap(({ path }) => (path === "settlement.json" ? [path] : []));
  const paths = [...top, ...files].map((path) => join(open.prefix, path));
  await clone.keep(paths, `Settle ${months.at(-1) ?? "the ledger"}\n`);
}

async function openOrNone({ dir, commit }: GitClone): Promise<OpenLedger | undefined> {
  return (await commit("HEAD")) === undefined ? undefined : openLedger(dir);
}
