import { type QueueConfig } from "../engine.ts";
import { baseLevel, mulDiv } from "./fee-level.ts";

/** The escalation starts at 500 times the base fee. */
const minimumMultiplier = baseLevel * 500n;
const growthPercent = 20;

/**
 * What it takes to get into an open ledger directly: the base fee up to the expected number of transactions, and then
 * more with the square of their number (rippled `TxQ::FeeMetrics`).
 */
export interface FeeEscalation {
  expectedTransactions(): number;
  multiplier(): bigint;
  /** The level for the next transaction when the open ledger holds `count`. */
  requiredLevel(count: number): bigint;
  /** The levels of `size` transactions in a row, added up. */
  seriesLevel(count: number, size: number): bigint;
  /** Learns from a closed ledger; `levels` are what its transactions paid. */
  learn(levels: readonly bigint[]): void;
}

export function feeEscalation(config: QueueConfig): FeeEscalation {
  const minimum = config.minimumLedgerTransactions;
  const target = Math.max(config.targetLedgerTransactions, minimum);
  let expected = minimum;
  let multiplier = minimumMultiplier;
  let recent: readonly number[] = [];

  const grow = (size: number): void => {
    recent = [...recent, Math.floor((size * (100 + growthPercent)) / 100)].slice(-config.ledgersInQueue);
    const largest = Math.max(...recent);
    // Up at once, down slowly.
    expected = largest >= expected ? largest : Math.floor((expected * 9 + largest) / 10);
  };
  return {
    expectedTransactions: () => expected,
    multiplier: () => multiplier,
    requiredLevel(count) {
      if (count <= expected) return baseLevel;
      return mulDiv(multiplier, BigInt(count) ** 2n, BigInt(expected) ** 2n);
    },
    seriesLevel(count, size) {
      const squares = sumOfSquares(count + size - 1) - sumOfSquares(count - 1);
      return mulDiv(multiplier, squares, BigInt(expected) ** 2n);
    },
    learn(levels) {
      const size = levels.length;
      if (size > expected || size > target) grow(size);
      const sorted = levels.toSorted((a, b) => Number(a > b) - Number(a < b));
      const median = ((sorted[size >> 1] ?? 0n) + (sorted[(size - 1) >> 1] ?? 0n) + 1n) / 2n;
      multiplier = median > minimumMultiplier ? median : minimumMultiplier;
    },
  };
}

function sumOfSquares(count: number): bigint {
  const n = BigInt(count);
  return (n * (n + 1n) * (2n * n + 1n)) / 6n;
}
