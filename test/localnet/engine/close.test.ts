import { describe, expect, it } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { readMetadata } from "../../../src/core/xrpl/anchor-transaction.ts";
import { decodeLedgerHeader, ledgerHash, rippleEpochUnixS } from "../../../src/core/xrpl/ledger-header.ts";
import { stateLeaf, transactionLeaf, treeRoot } from "../../../src/core/xrpl/shamap.ts";
import type { ClosedLedger, SubmitOutcome } from "../../../src/localnet/engine.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import { decodeEntry } from "../../../src/localnet/engine/entry.ts";
import { oldHashesKey, recentHashesKey } from "../../../src/localnet/engine/keys.ts";
import { accountSet, config, payment, testNetwork } from "./network.ts";
import { signed, walletNamed } from "./wallets.ts";

const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

function expectTrueTrees(ledger: ClosedLedger): void {
  const header = decodeLedgerHeader(ledger.header);
  const transactions = ledger.transactions.map(({ hash, blob, meta }) => ({
    key: fromHex(hash),
    hash: transactionLeaf(blob, meta),
  }));
  const entries = Array.from(ledger.state.entries(), ([key, data]) => ({
    key: fromHex(key),
    hash: stateLeaf(data, fromHex(key)),
  }));
  expect(hex(header.transactionRoot)).toBe(hex(treeRoot(transactions)));
  expect(hex(header.stateRoot)).toBe(hex(treeRoot(entries)));
  expect(ledger.hash).toBe(hex(ledgerHash(ledger.header)));
}

describe("closing", () => {
  it("starts at ledger 2 and chains headers", () => {
    const engine = createEngine(config);
    expect(engine.last().index).toBe(2);
    for (let count = 0; count < 3; count++) {
      const before = engine.last();
      const closed = engine.accept();
      expect(hex(decodeLedgerHeader(closed.header).parentHash)).toBe(before.hash);
      expect(closed.index).toBe(before.index + 1);
    }
    expect(engine.closedByHash(engine.last().hash)?.index).toBe(5);
    expect(engine.closedByHash("AB".repeat(32))).toBeUndefined();
    expect(engine.closedByIndex(6)).toBeUndefined();
    expect(engine.closedByIndex(0)).toBeUndefined();
  });

  it("rounds the close time to ten seconds and never goes back", () => {
    let now = 1_800_000_004;
    const engine = createEngine({ ...config, nowUnixS: () => now });
    const timeOf = (ledger: ClosedLedger) => decodeLedgerHeader(ledger.header).closeTimeRippleS + rippleEpochUnixS;
    expect(timeOf(engine.last())).toBe(1_800_000_000);
    expect(timeOf(engine.accept())).toBe(1_800_000_001);
    now = 1_800_000_016;
    expect(timeOf(engine.accept())).toBe(1_800_000_020);
    now = 1_700_000_000;
    expect(timeOf(engine.accept())).toBe(1_800_000_021);
    expect(timeOf(engine.accept(1_800_000_123 - rippleEpochUnixS))).toBe(1_800_000_123);
  });

  it("holds what was applied, in trees that anybody can recompute", () => {
    const { engine, send, alice, bob } = testNetwork();
    for (const from of [alice, bob]) for (let count = 0; count < 5; count++) send(accountSet(from.address));
    const closed = engine.accept();
    expect(closed.transactions).toHaveLength(10);
    expect(closed.transactions.map(({ meta }) => readMetadata(meta).transactionIndex)).toEqual(
      closed.transactions.map(({ index }) => index),
    );
    expectTrueTrees(closed);
    expect(engine.open().transactions).toHaveLength(0);
  });

  it("keeps a result of the open ledger provisional: order decides again at the close", () => {
    const { engine, send, alice, bob, carol } = testNetwork();
    const tooMuch = send(payment(alice.address, bob.address, 999_500_000));
    send(payment(carol.address, alice.address, 600_000));
    expect(tooMuch.engineResult).toBe("tecUNFUNDED_PAYMENT");
    const closed = engine.accept();
    const inLedger = closed.transactions.find(({ hash }) => hash === tooMuch.hash);
    expect(readMetadata(inLedger!.meta).transactionResult).toBe(0);
  });

  it("applies a held transaction once the gap before it is filled", () => {
    const { engine, send, account, alice } = testNetwork();
    const { Sequence = 0 } = account(alice) ?? {};
    const early = [2, 1].map((ahead) => send(accountSet(alice.address, { Sequence: Sequence + ahead })));
    expect(early.map(({ engineResult, kept }) => [engineResult, kept])).toEqual([
      ["terPRE_SEQ", true],
      ["terPRE_SEQ", true],
    ]);
    expect(engine.transaction(early[0]!.hash)).toMatchObject({ hash: early[0]!.hash });
    expect(engine.transaction(early[0]!.hash)?.ledgerIndex).toBeUndefined();
    send(accountSet(alice.address));
    expect(engine.accept().transactions).toHaveLength(3);
    expect(engine.transaction(early[0]!.hash)?.ledgerIndex).toBe(4);
  });

  it("does not hold what was sent with failHard", () => {
    const { engine, fill, send, account, alice } = testNetwork();
    const { Sequence = 0 } = account(alice) ?? {};
    const blob = signed(fill(accountSet(alice.address, { Sequence: Sequence + 1 })), alice);
    expect(engine.submit(blob, { failHard: true })).toMatchObject({ accepted: false, kept: false });
    send(accountSet(alice.address));
    expect(engine.accept().transactions).toHaveLength(1);
    expect(engine.accept().transactions).toHaveLength(0);
  });

  it("tries what it keeps for five ledgers and no longer", () => {
    const { engine, send, account, alice } = testNetwork();
    const { Sequence = 0 } = account(alice) ?? {};
    const late = (ahead: number): SubmitOutcome => send(accountSet(alice.address, { Sequence: Sequence + ahead }));
    const kept = late(1);
    for (let count = 0; count < 4; count++) engine.accept();
    send(accountSet(alice.address));
    engine.accept();
    engine.accept();
    expect(engine.transaction(kept.hash)?.ledgerIndex).toBeDefined();
    const lost = late(3);
    for (let count = 0; count < 7; count++) engine.accept();
    send(accountSet(alice.address));
    for (let count = 0; count < 7; count++) engine.accept();
    expect(engine.transaction(lost.hash)?.ledgerIndex).toBeUndefined();
  });

  it("tells of each transaction applied and each ledger closed", () => {
    const { engine, send, result, alice } = testNetwork();
    const heard: string[] = [];
    const stop = engine.subscribe({
      proposed: ({ hash }, { engineResult }) => void heard.push(`${engineResult} ${hash}`),
      closed: ({ index }) => void heard.push(`closed ${index}`),
    });
    const { hash } = send(accountSet(alice.address));
    result(accountSet(alice.address, { Fee: "1" }));
    engine.accept();
    stop();
    engine.accept();
    expect(heard).toEqual([`tesSUCCESS ${hash}`, "closed 4"]);
  });

  it("lists an account's transactions, also those it only received or is named in", () => {
    const { engine, done, alice, bob } = testNetwork();
    const key = walletNamed("key").address;
    done(payment(alice.address, bob.address, 5));
    done({ TransactionType: "SetRegularKey", Account: alice.address, RegularKey: key });
    const ledgersOf = (address: string) => engine.accountTransactions(address).map(({ ledgerIndex }) => ledgerIndex);
    expect(ledgersOf(bob.address)).toEqual([3, 4]);
    expect(ledgersOf(alice.address)).toEqual([3, 4, 5]);
    expect(ledgersOf(key)).toEqual([5]);
    expect(ledgersOf("rrrrrrrrrrrrrrrrrrrrrhoLvTp")).toEqual([]);
  });
});

describe("a long chain", () => {
  it("writes down the hashes of its ledgers and can give every state again", () => {
    const { engine, done, send, alice } = testNetwork();
    while (engine.last().index < 100) engine.accept();
    done(accountSet(alice.address, { Domain: "61" }));
    while (engine.last().index < 700) engine.accept();
    send(accountSet(alice.address, { Domain: "62" }));
    engine.accept();
    const hashesIn = (key: string) =>
      (decodeEntry(engine.last().state.entry(key)!) as unknown as { Hashes: string[] }).Hashes;
    expect(hashesIn(recentHashesKey)).toHaveLength(256);
    expect(hashesIn(recentHashesKey).at(-1)).toBe(engine.closedByIndex(700)?.hash);
    expect(hashesIn(oldHashesKey(512))).toEqual([256, 512].map((index) => engine.closedByIndex(index)?.hash));
    for (const index of [1, 2, 100, 101, 256, 257, 300, 444, 445, 701]) expectTrueTrees(engine.closedByIndex(index)!);
  });
});
