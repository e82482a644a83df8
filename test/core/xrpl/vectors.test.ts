import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { accountIdOfKey, addressOf, parseAddress } from "../../../src/core/xrpl/address.ts";
import { readMetadata, readTransaction } from "../../../src/core/xrpl/anchor-transaction.ts";
import { decodeLedgerHeader, encodeLedgerHeader, ledgerHash } from "../../../src/core/xrpl/ledger-header.ts";
import { rootFromTreePath, stateLeaf, transactionLeaf, treePath, treeRoot } from "../../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";

interface Vectors {
  readonly ledger: {
    readonly header: string;
    readonly hash: string;
    readonly fields: Readonly<Record<string, unknown>>;
  };
  readonly transactions: readonly {
    readonly id: string;
    readonly blob: string;
    readonly meta: string;
    readonly leaf: string;
    readonly path: unknown;
    readonly transaction: { readonly memos: readonly Readonly<Record<string, string>>[] };
    readonly metadata: unknown;
  }[];
  readonly state: readonly { readonly key: string; readonly data: string }[];
  readonly addresses: readonly { readonly address: string; readonly accountId: string; readonly publicKey?: string }[];
}

const vectors = JSON.parse(readFileSync(new URL("../../vectors/xrpl.json", import.meta.url), "utf8")) as Vectors;
const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

describe("the ledger of test/vectors/xrpl.json", () => {
  const { ledger, transactions, state } = vectors;
  const header = decodeLedgerHeader(fromHex(ledger.header));

  it("has the header its fields give, and hashes to its hash", () => {
    const shown = Object.entries(header).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, hex(value)];
      return [name, typeof value === "bigint" ? String(value) : value];
    });
    expect(Object.fromEntries(shown)).toEqual(ledger.fields);
    expect(hex(encodeLedgerHeader(header))).toBe(ledger.header);
    expect(hex(ledgerHash(header))).toBe(ledger.hash);
  });

  it("has the roots of its transactions and its state", () => {
    const leaves = transactions.map(({ id, leaf }) => ({ key: fromHex(id), hash: fromHex(leaf) }));
    expect(hex(treeRoot(leaves))).toBe(hex(header.transactionRoot));
    for (const { id, path } of transactions) expect(treePath(leaves, fromHex(id))).toEqual(path);
    const entries = state.map(({ key, data }) => ({ key: fromHex(key), hash: stateLeaf(fromHex(data), fromHex(key)) }));
    expect(hex(treeRoot(entries))).toBe(hex(header.stateRoot));
  });

  test.for(transactions)("transaction $id", ({ id, blob, meta, leaf, path, transaction, metadata }) => {
    expect(hex(transactionId(fromHex(blob)))).toBe(id);
    expect(hex(transactionLeaf(fromHex(blob), fromHex(meta)))).toBe(leaf);
    expect(hex(rootFromTreePath(path, fromHex(id), fromHex(leaf)))).toBe(hex(header.transactionRoot));
    const { memos, ...read } = readTransaction(fromHex(blob));
    const shown = memos.map((memo) =>
      Object.fromEntries(Object.entries(memo).map(([name, bytes]) => [name, hex(bytes)])),
    );
    expect({ ...read, memos: shown }).toEqual(transaction);
    expect(readMetadata(fromHex(meta))).toEqual(metadata);
  });
});

describe("addresses", () => {
  test.for(vectors.addresses)("$address", ({ address, accountId }) => {
    expect(addressOf(fromHex(accountId))).toBe(address);
    expect(hex(parseAddress(address))).toBe(accountId);
  });

  it("follow from public keys", () => {
    const { publicKey = "", accountId = "" } = vectors.addresses.find((entry) => entry.publicKey) ?? {};
    expect(hex(accountIdOfKey(fromHex(publicKey)))).toBe(accountId);
  });
});
