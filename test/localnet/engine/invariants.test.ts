import * as fc from "fast-check";
import { expect, it } from "vitest";

import { decodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import type { ClosedLedger } from "../../../src/localnet/engine.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import { type AccountRoot, decodeEntry, type DirectoryNode, type Entry } from "../../../src/localnet/engine/entry.ts";
import { ownerDirectoryKey } from "../../../src/localnet/engine/keys.ts";
import { accountSet, config, payment, testNetwork, type TestNetwork } from "./network.ts";
import { type Fields, walletNamed } from "./wallets.ts";

type Act = (network: TestNetwork, from: number, number: number) => Fields;

const walletsOf = ({ alice, bob, carol }: TestNetwork) => [alice, bob, carol];
const addressOf = (network: TestNetwork, at: number): string => walletsOf(network)[at % 3]?.address ?? "";

const acts: readonly Act[] = [
  (network, from) => accountSet(addressOf(network, from)),
  (network, from, number) => payment(addressOf(network, from), addressOf(network, from + 1), number * 9_000_000),
  (network, from, number) =>
    payment(addressOf(network, from), walletNamed(`new ${number % 4}`).address, number * 100_000),
  (network, from, number) => ({
    TransactionType: "TicketCreate",
    Account: addressOf(network, from),
    TicketCount: 1 + (number % 70),
  }),
  (network, from, number) => {
    const { Sequence = 0 } = network.account(walletsOf(network)[from % 3]!) ?? {};
    return accountSet(addressOf(network, from), { Sequence: 0, TicketSequence: Math.max(1, Sequence - 1 - number) });
  },
  (network, from, number) => {
    const SignerEntries = [{ SignerEntry: { Account: walletNamed(`signer ${number}`).address, SignerWeight: 1 } }];
    return { TransactionType: "SignerListSet", Account: addressOf(network, from), SignerQuorum: 1, SignerEntries };
  },
  (network, from) => ({ TransactionType: "SignerListSet", Account: addressOf(network, from), SignerQuorum: 0 }),
  (network, from, number) => accountSet(addressOf(network, from), { Sequence: 1000 + number }),
];

function entriesOf({ state }: ClosedLedger): readonly Entry[] {
  return Array.from(state.entries(), ([, data]) => decodeEntry(data));
}

function ofType<E extends Entry>(entries: readonly Entry[], type: E["LedgerEntryType"]): readonly E[] {
  return entries.filter((entry): entry is E => entry.LedgerEntryType === type);
}

it("keeps count of every drop and everything owned, whatever is sent", () => {
  const step = fc.record({ act: fc.nat(acts.length - 1), from: fc.nat(2), number: fc.nat(99), closes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
      const network = testNetwork(createEngine(config));
      for (const { act, from, number, closes } of steps) {
        network.result(acts[act]!(network, from, number));
        if (closes) network.engine.accept();
      }
      const closed = network.engine.accept();
      const entries = entriesOf(closed);
      const accounts = ofType<AccountRoot>(entries, "AccountRoot");
      const sum = accounts.reduce((total, { Balance }) => total + BigInt(Balance), 0n);
      expect(sum).toBe(decodeLedgerHeader(closed.header).totalDrops);
      const pages = ofType<DirectoryNode>(entries, "DirectoryNode");
      for (const { Account, OwnerCount, TicketCount = 0 } of accounts) {
        const own = pages
          .filter(({ RootIndex }) => RootIndex === ownerDirectoryKey(Account))
          .flatMap(({ Indexes }) => Indexes);
        const owned = own.map((key) => closed.state.entry(key)).filter((data) => data !== undefined);
        expect(own).toHaveLength(OwnerCount);
        expect(owned).toHaveLength(OwnerCount);
        expect(owned.map(decodeEntry).filter(({ LedgerEntryType }) => LedgerEntryType === "Ticket")).toHaveLength(
          TicketCount,
        );
      }
    }),
    { numRuns: 30 },
  );
});
