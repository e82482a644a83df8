import type { ChainStatus } from "../ports.ts";

/** What the anchoring account can still pay for. */
export interface Balance {
  readonly account: string;
  readonly balanceDrops: bigint;
  /** What is above the reserve, 0 or more. */
  readonly spendableDrops: bigint;
  readonly feeDrops: bigint;
  /**
   * Anchors that {@link spendableDrops} pay for at the present fee. The XRP Ledger takes fees out of the reserve too; that
   * is left out here, so that whoever is warned by this number has the whole reserve as time to act.
   */
  readonly anchorsLeft: bigint;
  /** Anchors that the reserve pays for when nothing else is left. */
  readonly anchorsInReserve: bigint;
  /** Fewer anchors are left than the operator wants. */
  readonly isLow: boolean;
}

const dropsPerXrp = 1_000_000n;

/** @param lowAnchors - the account is low when it has fewer anchors left than this */
export function balanceOf(status: ChainStatus, lowAnchors: number): Balance {
  const { account, balanceDrops, reserveDrops } = status;
  // A network in a process may ask for nothing; the least that a real one takes is a drop.
  const feeDrops = status.feeDrops > 0 ? BigInt(status.feeDrops) : 1n;
  const spendableDrops = balanceDrops > reserveDrops ? balanceDrops - reserveDrops : 0n;
  const anchorsLeft = spendableDrops / feeDrops;
  const anchorsInReserve = (balanceDrops - spendableDrops) / feeDrops;
  const isLow = anchorsLeft < BigInt(lowAnchors);
  return { account, balanceDrops, spendableDrops, feeDrops, anchorsLeft, anchorsInReserve, isLow };
}

/** Drops as XRP, exact: `1.25 XRP`. @param drops - 0 or more */
export function xrpText(drops: bigint): string {
  const fraction = String(drops % dropsPerXrp)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${drops / dropsPerXrp}${fraction === "" ? "" : `.${fraction}`} XRP`;
}

function anchors(count: bigint): string {
  return `${count} ${count === 1n ? "anchor" : "anchors"}`;
}

/** One sentence for people; of an account that is low, with what to do. */
export function balanceText(balance: Balance): string {
  const { account, balanceDrops, spendableDrops, feeDrops, anchorsLeft, anchorsInReserve, isLow } = balance;
  const fee = `${feeDrops} ${feeDrops === 1n ? "drop" : "drops"}`;
  const has = `account ${account} has ${xrpText(balanceDrops)}, ${xrpText(spendableDrops)} of it above the reserve: ${anchors(anchorsLeft)} at ${fee}`;
  if (!isLow) return has;
  const after =
    anchorsInReserve > 0n ? `the reserve pays for ${anchorsInReserve} more` : "it can pay for none any more";
  return `${has}; ${after}. Send it XRP`;
}
