import { type Engine } from "../engine.ts";

/** The fee level of a transaction that pays its base fee once. */
export const referenceLevel = 256n;

/** Drops a transaction of one signature pays at a fee level, rounded down. */
export function dropsAt(engine: Engine, level: bigint): bigint {
  return (level * BigInt(engine.config.baseFeeDrops)) / referenceLevel;
}

/** Drops that just suffice to get into the open ledger now. */
export function openLedgerFeeDrops(engine: Engine): bigint {
  return dropsAt(engine, engine.fees().openLedgerLevel - 1n) + 1n;
}
