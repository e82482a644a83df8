import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, encode, hashes, type Memo, type Transaction, verifySignature } from "xrpl";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { readAnchorMemos } from "../../src/core/memo.ts";
import { type Receipt, receiptFacts } from "../../src/core/receipt.ts";
import { readTransaction } from "../../src/core/xrpl/anchor-transaction.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { sampleLedger } from "../support/sample.ts";
import { settle, type Settled } from "./settled.ts";

const months = ["2026-08", "2026-09"] as const;
type Month = (typeof months)[number];

type Anchored = Awaited<ReturnType<typeof readClosed>> & { readonly receipt: Receipt };

let settled: Settled;
const closed = new Map<string, Anchored>();

beforeAll(async () => {
  const ledger = memoryLedger(sampleLedger());
  settled = await settle({
    ledger,
    months,
    host: "test.example",
    validators: { count: 1, seed: "interop" },
    proven: 0,
  });
  for (const month of months) {
    const { receipt, ...rest } = await readClosed(settled.source.archive, month);
    if (!receipt) throw new Error(`${month} is not anchored`);
    closed.set(month, { ...rest, receipt });
  }
});

afterAll(() => settled.close());

function closedOf(month: Month): Anchored {
  const found = closed.get(month);
  if (!found) throw new Error(`${month} is not closed`);
  return found;
}

/** The texts of the two memos as the format says, written without our code. */
function memoTexts(month: Month): string[] {
  const { manifest, evidence } = closedOf(month);
  const { partitionId: p, network: n, root: r, manifestHash: h, count: c, prev, range, algo } = manifest;
  const rg = `${range?.[0]}..${range?.[1]}`;
  const { d, k, o, s, l } = evidence;
  return [
    { v: 1, p, n, r, h, c, pv: prev ?? "0", rg, algo },
    { v: 1, p, d, k, o, s, l },
  ].map((memo) => JSON.stringify(memo));
}

const textOf = (hex: string | undefined): string => Buffer.from(hex ?? "", "hex").toString("utf8");

/** What a tool shows of a transaction's memos. */
function shown(memos: readonly Memo[] | undefined): { type: string; format: string; data: string }[] {
  return (memos ?? []).map(({ Memo: { MemoType, MemoFormat, MemoData } }) => ({
    type: textOf(MemoType),
    format: textOf(MemoFormat),
    data: textOf(MemoData),
  }));
}

type Answer = Readonly<Record<string, unknown>>;

/** Members that version 1 puts among the fields of the transaction. */
const besideV1 = [
  "hash",
  "meta",
  "metaData",
  "validated",
  "date",
  "inLedger",
  "ledger_index",
  "ctid",
  "close_time_iso",
  "ledger_hash",
];

/** The signed fields of an answer to `tx`, out of the shape of either version. */
function signedFields(answer: Answer, version: 1 | 2): Transaction {
  if (version === 2) {
    const fields = Object.entries(answer["tx_json"] as Answer);
    return Object.fromEntries(fields.filter(([name]) => !besideV1.includes(name))) as unknown as Transaction;
  }
  return Object.fromEntries(
    Object.entries(answer).filter(([name]) => !besideV1.includes(name)),
  ) as unknown as Transaction;
}

describe.each([1, 2] as const)("xrpl.js in API version %i", (version) => {
  let client: Client;

  beforeAll(async () => {
    client = new Client(settled.network.localnet.wsUrl);
    client.apiVersion = version;
    await client.connect();
  });
  afterAll(() => client.disconnect());

  const ask = async (request: object): Promise<Answer> =>
    (await client.request(request as Parameters<Client["request"]>[0])).result as unknown as Answer;
  const anchorOf = (month: Month): Promise<Answer> =>
    ask({ command: "tx", transaction: receiptFacts(closedOf(month).receipt).transactionHash });

  test.for(months)("reads the anchor of %s, its memos as text", async (month) => {
    const answer = await anchorOf(month);
    const { receipt } = closedOf(month);
    const facts = receiptFacts(receipt);
    expect(answer).toMatchObject({
      hash: facts.transactionHash,
      validated: true,
      ledger_index: facts.ledgerIndex,
      meta: { TransactionResult: "tesSUCCESS" },
    });
    expect("tx_json" in answer).toBe(version === 2);
    expect("Memos" in answer).toBe(version === 1);
    const { Memos, Account, TransactionType } = signedFields(answer, version);
    expect({ Account, TransactionType }).toEqual({ Account: receipt.account, TransactionType: "AccountSet" });
    const format = "application/json";
    const [anchor, evidence] = memoTexts(month);
    expect(shown(Memos)).toEqual([
      { type: "repomesh-anchor-v1", format, data: anchor },
      { type: "repomesh-evidence-v1", format, data: evidence },
    ]);
  });

  test.for(months)("what it reads of %s is, byte for byte, what our verifier looks at", async (month) => {
    const { receipt, manifest, evidence } = closedOf(month);
    const blob = encode(signedFields(await anchorOf(month), version));
    expect(blob).toBe(toHex(receipt.blob).toUpperCase());
    expect(hashes.hashSignedTx(blob)).toBe(receiptFacts(receipt).transactionHash);
    expect(verifySignature(blob)).toBe(true);
    expect(readAnchorMemos(readTransaction(fromHex(blob)).memos)).toEqual({ manifest, evidence });
  });

  test.for(months)("gives the bytes of the receipt of %s", async (month) => {
    const { receipt } = closedOf(month);
    const { transactionHash: transaction } = receiptFacts(receipt);
    const answer = await ask({ command: "tx", transaction, binary: true });
    const names = version === 1 ? ["tx", "meta"] : ["tx_blob", "meta_blob"];
    expect(names.map((name) => answer[name])).toEqual(
      [receipt.blob, receipt.meta].map((bytes) => toHex(bytes).toUpperCase()),
    );
  });

  test("finds every anchor in the account's history", async () => {
    const { account } = closedOf("2026-08").receipt;
    const { transactions } = (await ask({ command: "account_tx", account, forward: true })) as unknown as {
      transactions: Readonly<Record<string, Transaction & Answer>>[];
    };
    const member = version === 1 ? "tx" : "tx_json";
    const anchors = transactions.flatMap((entry) => (entry[member]?.Memos ? [entry[member]] : []));
    expect(anchors.map(({ Memos }) => shown(Memos).map(({ data }) => data))).toEqual(months.map(memoTexts));
  });

  test.for(months)("computes the hash of the ledger that holds the anchor of %s", async (month) => {
    const facts = receiptFacts(closedOf(month).receipt);
    const { ledger } = (await ask({ command: "ledger", ledger_index: facts.ledgerIndex })) as { ledger: never };
    expect(hashes.hashLedgerHeader(ledger)).toBe(facts.ledgerHash);
  });
});
