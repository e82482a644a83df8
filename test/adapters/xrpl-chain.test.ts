import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { xrplChain } from "../../src/adapters/xrpl-chain.ts";
import { fundLocalAccount } from "../../src/adapters/xrpl-local-funds.ts";
import { type XrplRpc, xrplRpc } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { makeManifest } from "../../src/core/manifest.ts";
import { anchorMemos } from "../../src/core/memo.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { startLocalnet, type Localnet } from "../../src/localnet/start-localnet.ts";
import type { Chain } from "../../src/ports.ts";
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
const memos = anchorMemos(manifest, { v: 1, p: "2026-08", d: hash, k: hash, o: "test.example/ledger", s: 1, l: hash });
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

function close(ledgers: number): void {
  for (let at = 0; at < ledgers; at++) localnet.accept();
}

test("sent, pending, validated; the same bytes again change nothing", async () => {
  const chain = chainOver(rpc);
  const anchor = await chain.sign(memos);
  expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
  expect(await chain.submit(anchor)).toBe("tesSUCCESS");
  close(1);
  expect(await chain.submit(anchor)).toBe("tefPAST_SEQ");
  const outcome = await chain.outcome(anchor);
  expect(outcome).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  expect(await chain.findAnchor(manifest.manifestHash)).toEqual({
    hash: anchor.hash,
    ledgerIndex: outcome.state === "validated" ? outcome.ledgerIndex : 0,
  });
  expect(await chain.findAnchor(hash)).toBeUndefined();
});

describe("proof of absence", () => {
  test("not before the last ledger it can be in is validated", async () => {
    const chain = chainOver(rpc);
    const anchor = await chain.sign(memos);
    close(5);
    expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
    close(1);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("its Sequence was used by another transaction: every ledger of the window is searched", async () => {
    const chain = chainOver(rpc);
    const anchor = await chain.sign(memos);
    await chain.submit(await chain.sign(otherMemos));
    close(6);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("a server with a gap calls it not validated: the ledgers say otherwise", async () => {
    const chain = chainOver(rpc);
    const anchor = await chain.sign(memos);
    await chain.submit(anchor);
    close(7);
    const gap = chainOver(lying("tx", (answer) => ({ ...answer, validated: false })));
    expect(await gap.outcome(anchor)).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  });

  test("a server that leaves a transaction out of a ledger is caught", async () => {
    const chain = chainOver(rpc);
    const anchor = await chain.sign(memos);
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
  test("is whole, or nothing is said of it", async () => {
    const chain = chainOver(rpc);
    for (const each of [memos, otherMemos, otherMemos]) {
      await chain.submit(await chain.sign(each));
      close(1);
    }
    expect(await chain.findAnchor(manifest.manifestHash)).toBeDefined();
    const forgetful = lying("account_tx", (answer) => ({
      ...answer,
      transactions: (answer["transactions"] as readonly JsonObject[]).toSpliced(2, 1),
    }));
    await expect(chainOver(forgetful).findAnchor(manifest.manifestHash)).rejects.toMatchObject({
      code: "ANCHOR_HISTORY_INCOMPLETE",
    });
    const empty = lying("account_tx", (answer) => ({ ...answer, transactions: [] }));
    await expect(chainOver(empty).findAnchor(manifest.manifestHash)).rejects.toMatchObject({
      code: "ANCHOR_HISTORY_INCOMPLETE",
    });
  });
});

describe("nothing is signed", () => {
  test("for a server of another network", async () => {
    await expect(chainOver(rpc, { network: "testnet" }).sign(memos)).rejects.toMatchObject({
      code: "CHAIN_WRONG_NETWORK",
    });
  });

  test("above the fee cap", async () => {
    await expect(chainOver(rpc, { feeCapDrops: 9 }).sign(memos)).rejects.toMatchObject({
      code: "FEE_ABOVE_CAP",
      kind: "unavailable",
    });
  });

  test("for an account that does not exist", async () => {
    const signer = seedSigner("sEdTM1uX8pu2do5XvTnutH6HsouMaM2");
    const chain = xrplChain({ network: "local", rpc, signer, feeCapDrops: 10_000, ledgerWindow: 5 });
    await expect(chain.sign(memos)).rejects.toMatchObject({ code: "ACCOUNT_NOT_FUNDED" });
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
