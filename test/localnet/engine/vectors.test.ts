import { expect, it } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { readMetadata, readTransaction } from "../../../src/core/xrpl/anchor-transaction.ts";
import { decodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { transactionLeaf, treePath } from "../../../src/core/xrpl/shamap.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import { accountSet, config, payment, testNetwork } from "./network.ts";

const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

/** A ledger with one of each, always the same. */
function goldenVectors(): object {
  const { engine, send, alice, bob, carol } = testNetwork(createEngine(config));
  const memo = { Memo: { MemoType: "612F62", MemoFormat: "746578742F706C61696E", MemoData: "68656C6C6F" } };
  send(accountSet(alice.address, { Memos: [memo], LastLedgerSequence: 9 }));
  send(payment(bob.address, alice.address, 31_337));
  send({ TransactionType: "TicketCreate", Account: carol.address, TicketCount: 2 });
  send(payment(carol.address, bob.address, 2_000_000_000));
  const { hash, header, transactions, state } = engine.accept();
  const fields = decodeLedgerHeader(header);
  const leaves = transactions.map(({ hash, blob, meta }) => ({
    key: fromHex(hash),
    hash: transactionLeaf(blob, meta),
  }));

  return {
    comment:
      "One ledger of a local network (network id 63456), made by test/localnet/engine/vectors.test.ts with throwaway keys. Hex is upper case, drops are decimal text, times are seconds since 2000-01-01. Hashes: SHA-512, first 32 bytes.",
    ledger: {
      header: hex(header),
      hash,
      fields: {
        index: fields.index,
        totalDrops: String(fields.totalDrops),
        parentHash: hex(fields.parentHash),
        transactionRoot: hex(fields.transactionRoot),
        stateRoot: hex(fields.stateRoot),
        parentCloseTimeRippleS: fields.parentCloseTimeRippleS,
        closeTimeRippleS: fields.closeTimeRippleS,
        closeResolutionS: fields.closeResolutionS,
        closeFlags: fields.closeFlags,
      },
    },
    transactions: transactions.map(({ hash, blob, meta }) => {
      const { memos, ...read } = readTransaction(blob);
      const shown = memos.map(({ type, format, data }) => ({
        type: type && hex(type),
        format: format && hex(format),
        data: data && hex(data),
      }));
      return {
        id: hash,
        blob: hex(blob),
        meta: hex(meta),
        leaf: hex(transactionLeaf(blob, meta)),
        path: treePath(leaves, fromHex(hash)),
        transaction: { ...read, memos: shown },
        metadata: readMetadata(meta),
      };
    }),
    state: Array.from(state.entries(), ([key, data]) => ({ key, data: hex(data) })),
    addresses: [
      { address: "rrrrrrrrrrrrrrrrrrrrrhoLvTp", accountId: "0".repeat(40), comment: "account zero" },
      { address: "rrrrrrrrrrrrrrrrrrrrBZbvji", accountId: `${"0".repeat(39)}1`, comment: "account one" },
      {
        address: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        accountId: "B5F762798A53D543A014CAF8B297CFF8F2F937E8",
        publicKey: "0330E7FC9D56BB25D6893BA3F317AE5BCF33B3291BD63DB32654A313222F7FD020",
        comment: "the account of masterpassphrase",
      },
    ],
  };
}

it("makes the ledger of test/vectors/xrpl.json again, byte for byte", async () => {
  const text = `${JSON.stringify(goldenVectors(), null, 1)}\n`;
  await expect(text).toMatchFileSnapshot("../../vectors/xrpl.json");
});
