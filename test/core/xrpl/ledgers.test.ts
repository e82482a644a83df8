import { describe, expect, it, test } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { readMetadata, readTransaction } from "../../../src/core/xrpl/anchor-transaction.ts";
import { readFields } from "../../../src/core/xrpl/fields.ts";
import { decodeLedgerHeader, encodeLedgerHeader, ledgerHash } from "../../../src/core/xrpl/ledger-header.ts";
import { rootFromTreePath, stateLeaf, transactionLeaf, treePath, treeRoot } from "../../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";
import { hasShared, sharedJson } from "../../support/shared.ts";

interface RecordedTransaction {
  readonly hash?: string;
  readonly tx_blob: string;
  readonly meta_blob?: string;
  readonly meta?: string;
}

interface RecordedLedger {
  readonly ledger_index: number;
  readonly ledger_hash: string;
  readonly header: { readonly transaction_hash: string; readonly parent_hash: string };
  readonly header_blob: string;
  readonly transactions: readonly RecordedTransaction[];
}

const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

function leavesOf(transactions: readonly RecordedTransaction[]) {
  return transactions.map(({ tx_blob, meta_blob, meta }) => {
    const blob = fromHex(tx_blob);
    return { key: transactionId(blob), hash: transactionLeaf(blob, fromHex(meta_blob ?? meta ?? "")) };
  });
}

function expectProofs(transactions: readonly RecordedTransaction[], root: string): void {
  const leaves = leavesOf(transactions);
  expect(hex(treeRoot(leaves))).toBe(root);
  for (const leaf of leaves) expect(hex(rootFromTreePath(treePath(leaves, leaf.key), leaf.key, leaf.hash))).toBe(root);
}

describe.skipIf(!hasShared)("recorded ledgers of xrpld 3.2.0", () => {
  test.for(["net0", "net63456", "queue", "network", "stalled"])(
    "%s: ids, roots, header hashes and the parent chain",
    (folder) => {
      const { ledgers } = sharedJson<{ ledgers: RecordedLedger[] }>(
        `vectors/xrpl/rippled-3.2.0/${folder}/ledgers.json`,
      )!;
      expect(ledgers.length).toBeGreaterThan(9);
      for (const [at, ledger] of ledgers.entries()) {
        const header = decodeLedgerHeader(fromHex(ledger.header_blob));
        expect(hex(encodeLedgerHeader(header))).toBe(ledger.header_blob);
        expect(hex(ledgerHash(header))).toBe(ledger.ledger_hash);
        expect(hex(header.transactionRoot)).toBe(ledger.header.transaction_hash);
        const before = ledgers[at - 1];
        const follows = before?.ledger_index === ledger.ledger_index - 1;
        expect(hex(header.parentHash)).toBe(follows ? before.ledger_hash : ledger.header.parent_hash);
        expectProofs(ledger.transactions, ledger.header.transaction_hash);
        for (const { hash, tx_blob } of ledger.transactions) expect(hex(transactionId(fromHex(tx_blob)))).toBe(hash);
        const places = ledger.transactions.map(({ meta_blob }) => readMetadata(fromHex(meta_blob!)).transactionIndex);
        expect(places.toSorted((a, b) => a - b)).toEqual(ledger.transactions.map((_, place) => place));
      }
    },
  );

  it("net0: every state entry gives the recorded account_hash", () => {
    const recorded = sharedJson<{ account_hash: string; state: { data: string; index: string }[] }>(
      "vectors/xrpl/rippled-3.2.0/net0/state.json",
    )!;
    const leaves = recorded.state.map(({ data, index }) => {
      expect(() => readFields(fromHex(data))).not.toThrow();
      return { key: fromHex(index), hash: stateLeaf(fromHex(data), fromHex(index)) };
    });
    expect(hex(treeRoot(leaves))).toBe(recorded.account_hash);
  });
});

interface HistoricLedger {
  readonly ledger_data: string;
  readonly expect: { readonly transaction_hash: string; readonly ledger_hash: string };
  readonly transactions: readonly Required<RecordedTransaction>[];
}

const historic = (name: string) => sharedJson<HistoricLedger>(`vectors/xpop/ledgers/${name}.json`)!;

describe.skipIf(!hasShared)("published ledgers of public networks", () => {
  test.for(["mainnet-11119015-6tx", "mainnet-15202439", "mainnet-38129"])("%s: every transaction proves", (name) => {
    const ledger = historic(name);
    expectProofs(ledger.transactions, ledger.expect.transaction_hash);
    for (const { tx_blob, meta } of ledger.transactions) {
      expect(readTransaction(fromHex(tx_blob)).account).toMatch(/^r/);
      expect(readMetadata(fromHex(meta)).transactionResult).toBeGreaterThanOrEqual(0);
    }
  });

  test.for(["mainnet-15202439", "mainnet-38129", "mainnet-87704323-header"])("%s: the header hashes", (name) => {
    const ledger = historic(name);
    expect(hex(ledgerHash(fromHex(ledger.ledger_data)))).toBe(ledger.expect.ledger_hash);
  });

  it("testnet-20808565, as the ledger method serves it", () => {
    const { result } = sharedJson<{
      result: { ledger: { ledger_data: string; transactions: RecordedTransaction[] } };
    }>("vectors/xpop/ledgers/testnet-20808565-rpc-binary-api1.json")!;
    const header = decodeLedgerHeader(fromHex(result.ledger.ledger_data));
    expect(hex(treeRoot(leavesOf(result.ledger.transactions)))).toBe(hex(header.transactionRoot));
  });
});

interface Xpop {
  readonly ledger: { readonly txroot: string };
  readonly transaction: { readonly blob: string; readonly meta: string; readonly proof: unknown };
}

describe.skipIf(!hasShared)("list-form proofs of XPOPs", () => {
  const root = (name: string) => {
    const { ledger, transaction } = sharedJson<Xpop>(`vectors/xpop/${name}.json`)!;
    const blob = fromHex(transaction.blob);
    const leaf = transactionLeaf(blob, fromHex(transaction.meta));
    return {
      root: hex(rootFromTreePath(transaction.proof, transactionId(blob), leaf)),
      stated: ledger.txroot.toUpperCase(),
    };
  };

  test.for(["real/mainnet-83576782-list", "syn/anchor-list", "syn/anchor-short-lists", "ok/quorum-28-of-35"])(
    "%s",
    (name) => {
      const found = root(name);
      expect(found.root).toBe(found.stated);
    },
  );

  test.for(["bad/proof-sibling-bit", "bad/proof-siblings-swapped", "bad/txroot-declared-wrong"])(
    "%s: another root",
    (name) => {
      const found = root(name);
      expect(found.root).not.toBe(found.stated);
    },
  );

  test.for(["bad/tx-blob-bit", "bad/meta-bit", "bad/proof-string"])("%s: no way to this leaf", (name) => {
    expect(() => root(name)).toThrow(/tree path/);
  });
});
