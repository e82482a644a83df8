import { expect, test } from "vitest";
import { memoryLooks } from "../../src/adapters/memory-looks.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { Chain, Looks, Outcome, SignedAnchor } from "../../src/ports.ts";
import { watchedChain } from "../../src/settle/watched-chain.ts";
import { outcome as outcomeOf } from "../support/temporary-folder.ts";

const hash = "AB".repeat(32);
const anchor: SignedAnchor = {
  network: "local",
  networkId: 63_456,
  account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
  hash,
  blob: "1200",
  sequence: 7,
  lastLedgerSequence: 4300,
  signedAtIndex: 4200,
  feeDrops: 12,
};

/** A chain that gives these outcomes one after the other, and then fails. */
function chainOf(outcomes: readonly Outcome[]): Chain {
  const left = [...outcomes];
  const nothing = (): never => {
    throw new SettlementError("CHAIN_UNREACHABLE", "nobody answers");
  };
  return {
    network: "local",
    status: async () => nothing(),
    history: async () => nothing(),
    sign: async () => nothing(),
    capture: async () => nothing(),
    submit: async () => "terQUEUED",
    outcome: async () => left.shift() ?? nothing(),
  };
}

test("what is done about a transaction is written down, and passed on as it is", async () => {
  const looks = memoryLooks();
  let now = 0;
  const outcomes: readonly Outcome[] = [
    { state: "pending" },
    { state: "pending" },
    { state: "validated", ledgerIndex: 4242, result: "tesSUCCESS" },
  ];
  const chain = watchedChain(chainOf(outcomes), looks, () => (now += 1000));
  for (const expected of outcomes) {
    expect(await chain.submit(anchor)).toBe("terQUEUED");
    expect(await chain.outcome(anchor)).toEqual(expected);
  }
  expect(await outcomeOf(chain.outcome(anchor))).toBe("CHAIN_UNREACHABLE");
  const told = ((await looks.list([hash])).get(hash) ?? []).map(({ act, said, times }) => `${act} ${said} ${times}`);
  expect(told).toEqual(["send terQUEUED 3", "look pending 2", "look validated 4242 1", "look CHAIN_UNREACHABLE 1"]);
  expect((await looks.list([hash])).get(hash)?.[0]).toMatchObject({ firstUnixMs: 1000, lastUnixMs: 5000 });
});

test("a state that takes nothing fails nothing", async () => {
  const down: Looks = {
    record: async () => {
      throw new SettlementError("STATE_UNAVAILABLE", "the database is down");
    },
    list: async () => new Map(),
  };
  const chain = watchedChain(chainOf([{ state: "expired" }]), down, () => 0);
  expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  expect(await outcomeOf(chain.outcome(anchor))).toBe("CHAIN_UNREACHABLE");
  expect(await chain.submit(anchor)).toBe("terQUEUED");
});
