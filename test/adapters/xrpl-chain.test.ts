import { decode } from "ripple-binary-codec";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type AccountSet, Wallet } from "xrpl";
import { xrplChain } from "../../src/adapters/xrpl-chain.ts";
import { fundLocalAccount } from "../../src/adapters/xrpl-local-funds.ts";
import { type XrplRpc, xrplRpc } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { makeManifest } from "../../src/core/manifest.ts";
import type { Evidence } from "../../src/core/evidence.ts";
import { anchorMemos, type Memo } from "../../src/core/memo.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { startLocalnet, type Localnet } from "../../src/localnet/start-localnet.ts";
import type { Chain, SignedAnchor } from "../../src/ports.ts";
import { testAccountSeed } from "../support/settle.ts";

const hash = "ab".repeat(32);
const manifest = makeManifest({
  partitionId: "2026-08",
  network: "local",
  prev: null,
  range: [hash, hash],
  count: 1,
  root: hash,
});
const evidence: Evidence = { v: 1, p: "2026-08", d: hash, k: hash, o: "test.example/ledger", s: 1, l: hash };
const claim = { manifest, evidence };
const memos = anchorMemos(manifest, evidence);
const otherMemos = [{ type: utf8("note"), format: utf8("text/plain"), data: utf8("something else") }];

let localnet: Localnet;
let rpc: XrplRpc;

beforeEach(async () => {
  localnet = await startLocalnet({ closeMs: 0 });
  rpc = xrplRpc([localnet.wsUrl]);
  const { account } = seedSigner(testAccountSeed);
  const closing = setInterval(() => localnet.accept(), 20);
  await fundLocalAccount(rpc, account);
  clearInterval(closing);
  onTestFinished(async () => {
    await rpc.close();
    await localnet.close();
  });
});

/** A server whose answers to one command are changed before they arrive. */
function lying(command: string, change: (answer: JsonObject) => JsonObject): XrplRpc {
  return {
    ...rpc,
    async request(asked, parameters) {
      const answer = await rpc.request(asked, parameters);
      return asked === command ? change(structuredClone(answer) as JsonObject) : answer;
    },
  };
}

function chainOver(over: XrplRpc, options: { feeCapDrops?: number; network?: string } = {}): Chain {
  return xrplChain({
    network: "local",
    rpc: over,
    signer: seedSigner(testAccountSeed),
    feeCapDrops: 10_000,
    ledgerWindow: 5,
    ...options,
  });
}

/** Signs with the Sequence the account's history leaves. */
async function signed(chain: Chain, memos: readonly Memo[]): Promise<SignedAnchor> {
  return chain.sign(memos, (await chain.history(claim)).nextSequence);
}

function close(ledgers: number): void {
  for (let at = 0; at < ledgers; at++) localnet.accept();
}

test("sent, pending, validated; the same bytes again change nothing", async () => {
  const chain = chainOver(rpc);
  const anchor = await signed(chain, memos);
  expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
  expect(await chain.submit(anchor)).toBe("tesSUCCESS");
  close(1);
  expect(await chain.submit(anchor)).toBe("tefPAST_SEQ");
  const outcome = await chain.outcome(anchor);
  expect(outcome).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  const { found, used } = await chain.history(claim);
  expect(found).toEqual({ hash: anchor.hash, ledgerIndex: outcome.state === "validated" ? outcome.ledgerIndex : 0 });
  expect(used.has(anchor.sequence)).toBe(true);
});

describe("proof of absence", () => {
  test("not before the last ledger it can be in is validated", async () => {
    const chain = chainOver(rpc);
    const anchor = await signed(chain, memos);
    close(5);
    expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
    close(1);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("its Sequence was used by another transaction: every ledger of the window is searched", async () => {
    const chain = chainOver(rpc);
    const anchor = await signed(chain, memos);
    await chain.submit(await signed(chain, otherMemos));
    close(6);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("a server with a gap calls it not validated: the ledgers say otherwise", async () => {
    const chain = chainOver(rpc);
    const anchor = await signed(chain, memos);
    await chain.submit(anchor);
    close(7);
    const gap = chainOver(lying("tx", (answer) => ({ ...answer, validated: false })));
    expect(await gap.outcome(anchor)).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  });

  test("a server that leaves a transaction out of a ledger is caught", async () => {
    const chain = chainOver(rpc);
    const anchor = await signed(chain, memos);
    await chain.submit(anchor);
    close(7);
    const withoutTransactions = (answer: JsonObject): JsonObject => ({
      ...answer,
      ledger: { ...(answer["ledger"] as JsonObject), transactions: [] },
    });
    const unknown: XrplRpc = {
      ...lying("ledger", (answer) => (answer["ledger_index"] === undefined ? answer : withoutTransactions(answer))),
    };
    const liar: XrplRpc = {
      ...unknown,
      request: (command, parameters) =>
        command === "tx"
          ? Promise.resolve({ error: "txnNotFound", message: "" })
          : unknown.request(command, parameters),
    };
    await expect(chainOver(liar).outcome(anchor)).rejects.toMatchObject({ code: "XRPL_LEDGER_REFUTED" });
  });
});

describe("the history of the account", () => {
  const beginning = { ...claim, manifest: { ...manifest, manifestHash: "cd".repeat(32), partitionId: "2026-09" } };

  async function lived(): Promise<Chain> {
    const chain = chainOver(rpc);
    for (const each of [memos, otherMemos, otherMemos]) {
      await chain.submit(await signed(chain, each));
      close(1);
    }
    return chain;
  }

  type Change = (transactions: readonly JsonObject[]) => readonly JsonObject[];
  const told = (change: Change): Chain =>
    chainOver(
      lying("account_tx", (answer) => ({
        ...answer,
        transactions: change(answer["transactions"] as readonly JsonObject[]),
      })),
    );

  test("is whole, or nothing is said of it", async () => {
    const chain = await lived();
    expect(await chain.history(claim)).toMatchObject({ found: { hash: expect.any(String) as string } });
    expect((await chain.history(beginning)).found).toBeUndefined();
    await expect(told((all) => all.toSpliced(2, 1)).history(claim)).rejects.toMatchObject({
      code: "ANCHOR_HISTORY_INCOMPLETE",
    });
    await expect(told(() => []).history(claim)).rejects.toMatchObject({ code: "ANCHOR_HISTORY_INCOMPLETE" });
  });

  test("holds no transaction that the account did not sign", async () => {
    await lived();
    const forged = (blob: string): string => {
      const transaction = decode(blob);
      const other = Wallet.generate();
      return other.sign({
        ...(transaction as unknown as AccountSet),
        SigningPubKey: "",
        TxnSignature: undefined,
      } as unknown as AccountSet).tx_blob;
    };
    const invented = told((all) => [{ ...all[0], tx_blob: forged(all[0]?.["tx_blob"] as string) }, ...all]);
    await expect(invented.history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("with another Sequence than its transactions leave is refused", async () => {
    await lived();
    const raised = lying("account_info", (answer) => {
      const data = answer["account_data"] as JsonObject;
      return { ...answer, account_data: { ...data, Sequence: Number(data["Sequence"]) + 1 } };
    });
    await expect(chainOver(raised).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("that anchors the same month of the same ledger otherwise is for a human", async () => {
    const chain = await lived();
    const rival = makeManifest({ ...manifest, root: "cd".repeat(32) });
    await expect(chain.history({ manifest: rival, evidence })).rejects.toMatchObject({ code: "ANCHOR_CONFLICT" });
  });

  test("that never ends is not followed for ever", async () => {
    await lived();
    const endless = lying("account_tx", (answer) => ({ ...answer, marker: { ledger: 1, seq: 1 } }));
    await expect(chainOver(endless).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
  });

  test("goes on over a change of the regular key", async () => {
    const chain = chainOver(rpc);
    const regular = seedSigner(Wallet.generate().seed ?? "", seedSigner(testAccountSeed).account);
    const byRegular = xrplChain({ network: "local", rpc, signer: regular, feeCapDrops: 10_000, ledgerWindow: 5 });
    const client = Wallet.fromSeed(testAccountSeed);
    const { nextSequence } = await chain.history(claim);
    const set = client.sign({
      TransactionType: "SetRegularKey",
      Account: client.classicAddress,
      RegularKey: regular.ownKey,
      Fee: "10",
      Sequence: nextSequence,
      NetworkID: 63_456,
    });
    await rpc.request("submit", { tx_blob: set.tx_blob });
    close(1);
    const anchor = await signed(byRegular, memos);
    expect(await byRegular.submit(anchor)).toBe("tesSUCCESS");
    close(1);
    expect((await chain.history(claim)).found?.hash).toBe(anchor.hash);
  });
});

describe("nothing is signed", () => {
  test("for a server of another network", async () => {
    await expect(chainOver(rpc, { network: "testnet" }).sign(memos, 1)).rejects.toMatchObject({
      code: "CHAIN_WRONG_NETWORK",
    });
  });

  test("above the fee cap", async () => {
    await expect(chainOver(rpc, { feeCapDrops: 9 }).sign(memos, 1)).rejects.toMatchObject({
      code: "FEE_ABOVE_CAP",
      kind: "unavailable",
    });
  });

  test("for an account that does not exist", async () => {
    const signer = seedSigner("sEdTM1uX8pu2do5XvTnutH6HsouMaM2");
    const chain = xrplChain({ network: "local", rpc, signer, feeCapDrops: 10_000, ledgerWindow: 5 });
    await expect(chain.sign(memos, 1)).rejects.toMatchObject({ code: "ACCOUNT_NOT_FUNDED" });
  });

  test("by a seed that is none, which no message repeats", () => {
    const seed = "sEdTM1uX8pu2do5XvTnutH6HsouMaM3";
    expect(() => seedSigner(seed)).toThrowError(
      expect.objectContaining({
        code: "SEED_MALFORMED",
        message: expect.not.stringContaining(seed.slice(3, 12)) as string,
      }),
    );
  });
});

test("a server that does not answer is unavailable, and the next endpoint is asked", async () => {
  const dead = xrplRpc(["ws://127.0.0.1:9"]);
  await expect(chainOver(dead).status()).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE", kind: "unavailable" });
  const both = xrplRpc(["ws://127.0.0.1:9", localnet.wsUrl]);
  expect(await chainOver(both).status()).toMatchObject({ networkId: 63_456, isLocal: true });
  await both.close();
});
