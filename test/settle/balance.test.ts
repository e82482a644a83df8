import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChainStatus } from "../../src/ports.ts";
import { balanceOf, balanceText, xrpText } from "../../src/settle/balance.ts";

const account = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";

function status(balanceDrops: bigint, reserveDrops: bigint, feeDrops: number): ChainStatus {
  const rest = { networkId: 0, isLocal: false, server: "wss://x", validatedIndex: 1, ledgerAgeS: 3, account };
  return { ...rest, balanceDrops, reserveDrops, feeDrops };
}

test.for<
  readonly [
    what: string,
    drops: readonly [balance: bigint, reserve: bigint, fee: number],
    expected: readonly [spendable: bigint, left: bigint, inReserve: bigint, isLow: boolean],
  ]
>([
  ["well above the reserve", [10_000_000n, 1_000_000n, 12], [9_000_000n, 750_000n, 83_333n, false]],
  ["just enough", [1_000_288n, 1_000_000n, 12], [288n, 24n, 83_333n, false]],
  ["one drop too few", [1_000_287n, 1_000_000n, 12], [287n, 23n, 83_333n, true]],
  ["at the reserve", [1_000_000n, 1_000_000n, 12], [0n, 0n, 83_333n, true]],
  ["below the reserve, which still pays", [500_000n, 1_000_000n, 12], [0n, 0n, 41_666n, true]],
  ["nothing", [0n, 1_000_000n, 12], [0n, 0n, 0n, true]],
  ["a fee that rose", [2_000_000n, 1_000_000n, 100_000], [1_000_000n, 10n, 10n, true]],
  ["no fee at all", [2_000_000n, 1_000_000n, 0], [1_000_000n, 1_000_000n, 1_000_000n, false]],
  [
    "all XRP there is",
    [100_000_000_000_000_000n, 1n, 1],
    [99_999_999_999_999_999n, 99_999_999_999_999_999n, 1n, false],
  ],
])("%s", ([, drops, expected]) => {
  const { spendableDrops, anchorsLeft, anchorsInReserve, isLow } = balanceOf(status(...drops), 24);
  expect([spendableDrops, anchorsLeft, anchorsInReserve, isLow]).toEqual(expected);
});

test("what is left never costs more than there is, and one anchor more would", () => {
  const amount = fc.bigInt({ min: 0n, max: 100_000_000_000_000_000n });
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 1, max: 1_000_000 }), (has, reserve, fee) => {
      const { anchorsLeft, anchorsInReserve, spendableDrops, feeDrops } = balanceOf(status(has, reserve, fee), 0);
      const cost = (count: bigint): bigint => count * feeDrops;
      expect(cost(anchorsLeft) <= spendableDrops && cost(anchorsLeft + 1n) > spendableDrops).toBe(true);
      expect(cost(anchorsLeft + anchorsInReserve) <= has).toBe(true);
    }),
  );
});

test("a threshold of none warns of nothing", () => {
  expect(balanceOf(status(0n, 1_000_000n, 12), 0).isLow).toBe(false);
});

describe("for people", () => {
  test.for<readonly [drops: bigint, text: string]>([
    [0n, "0 XRP"],
    [1n, "0.000001 XRP"],
    [1_000_000n, "1 XRP"],
    [1_250_000n, "1.25 XRP"],
    [99_999_999_999_999_999n, "99999999999.999999 XRP"],
  ])("%s drops are %s", ([drops, text]) => expect(xrpText(drops)).toBe(text));

  test.for<readonly [drops: readonly [bigint, bigint, number], text: string]>([
    [
      [1_250_000n, 1_000_000n, 10],
      `account ${account} has 1.25 XRP, 0.25 XRP of it above the reserve: 25000 anchors at 10 drops`,
    ],
    [
      [1_000_001n, 1_000_000n, 1],
      `account ${account} has 1.000001 XRP, 0.000001 XRP of it above the reserve: 1 anchor at 1 drop; the reserve pays for 1000000 more. Send it XRP`,
    ],
    [
      [9n, 1_000_000n, 10],
      `account ${account} has 0.000009 XRP, 0 XRP of it above the reserve: 0 anchors at 10 drops; it can pay for none any more. Send it XRP`,
    ],
  ])("%s", ([drops, text]) => expect(balanceText(balanceOf(status(...drops), 24))).toBe(text));
});
