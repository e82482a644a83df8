import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { type LedgerSource, type LedgerView, readLedgerView } from "../../src/settle/ledger-view.ts";
import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { monthProver, type MonthProver } from "../../src/settle/prove-inclusion.ts";

/** Proves events of a month as the settlement node does. */
export async function proverOf(source: LedgerSource, month: string): Promise<MonthProver> {
  const view = await readLedgerView(source);
  const partition = view.byMonth.get(month);
  if (!partition) throw new RangeError(`the ledger has no ${month}`);
  return monthProver(view, partition, { ...source, verify: nodeVerify, sha256: nodeSha256 });
}

/** Ids of all events, months ascending and in leaf order. */
export async function allIds(view: LedgerView, { ledger }: Pick<LedgerSource, "ledger">): Promise<readonly string[]> {
  const ids = await Promise.all(view.partitions.map(({ month }) => idsOfMonth(view, month, ledger)));
  return ids.flat();
}
