import { beforeEach, describe, expect, test } from "vitest";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import { toHex } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { SignedAnchor } from "../../src/ports.ts";
import { forging } from "../support/xrpl-forger.ts";
import { lying, versionOne, withMember } from "../support/xrpl-liar.ts";
import { chainOver, claim, memos, type Network, otherMemos, signed, startNetwork } from "../support/xrpl-network.ts";

let network: Network;
let server: XrplServer;
const close = (ledgers: number): void => network.close(ledgers);

beforeEach(async () => {
  network = await startNetwork();
  ({ server } = network);
});

/** An anchor that is sent, validated and past its last ledger. */
async function validated(): Promise<SignedAnchor> {
  const chain = chainOver([server]);
  const anchor = await signed(chain);
  await chain.submit(anchor);
  close(7);
  return anchor;
}

test("sent, pending, validated; the same bytes again change nothing", async () => {
  const chain = chainOver([server]);
  const anchor = await signed(chain);
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

test("a server that answers in API version 1 is read as well", async () => {
  const chain = chainOver([versionOne(network.localnet)]);
  expect(await chain.status()).toMatchObject({ networkId: 63_456, reserveDrops: 1_000_000n, feeDrops: 10 });
  const anchor = await signed(chain);
  expect(await chain.submit(anchor)).toBe("tesSUCCESS");
  close(1);
  expect(await chain.outcome(anchor)).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  expect((await chain.history(claim)).found?.hash).toBe(anchor.hash);
  const absent = await signed(chain, otherMemos);
  close(6);
  expect(await chain.outcome(absent)).toEqual({ state: "expired" });
});

describe("proof of absence", () => {
  test("not before the last ledger it can be in is validated", async () => {
    const chain = chainOver([server]);
    const anchor = await signed(chain);
    close(5);
    expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
    close(1);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("its Sequence was used by another transaction: every ledger of the window is searched", async () => {
    const chain = chainOver([server]);
    const anchor = await signed(chain);
    await chain.submit(await signed(chain, otherMemos));
    close(6);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
  });

  test("a window longer than is read is proven by the Sequence, or not at all", async () => {
    const chain = chainOver([server], { ledgerWindow: 1100 });
    const anchor = await signed(chain);
    close(1101);
    expect(await chain.outcome(anchor)).toEqual({ state: "expired" });
    await chain.submit(await chain.sign(otherMemos, anchor.sequence));
    close(1);
    await expect(chain.outcome(anchor)).rejects.toMatchObject({ code: "ANCHOR_OUTCOME_UNKNOWN", kind: "uncertain" });
  });

  test("a server with a gap calls it not validated: the ledgers say otherwise", async () => {
    const anchor = await validated();
    const gap = chainOver([lying(server, { tx: (answer) => ({ ...answer, validated: false }) })]);
    expect(await gap.outcome(anchor)).toMatchObject({ state: "validated", result: "tesSUCCESS" });
  });
});

describe("a server alone is caught", () => {
  const hide = (answer: JsonObject): JsonObject =>
    withMember(answer, ["ledger", "transactions"], (answer["ledger"] as JsonObject)["transactions"] && []);
  const txOf = (index: number) => (): JsonObject => ({ validated: true, ledger_index: index, hash: "00" });

  test("that leaves a transaction out of a ledger", async () => {
    const anchor = await validated();
    const liar = lying(server, { ledger: hide, tx: () => ({ error: "txnNotFound", message: "" }) });
    await expect(chainOver([liar]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    await expect(chainOver([liar]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("that puts a ledger of its own among those of the network", async () => {
    const anchor = await validated();
    const index = anchor.signedAtIndex + 1;
    const forger = forging(server, { from: index, through: index, transactions: () => [] });
    const liar = lying(forger, { tx: () => ({ error: "txnNotFound", message: "" }) });
    await expect(chainOver([liar]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    expect(await chainOver([liar, server]).outcome(anchor)).toMatchObject({ state: "validated", ledgerIndex: index });
  });

  test("that calls a transaction validated in a ledger that does not hold it", async () => {
    const chain = chainOver([server]);
    const anchor = await signed(chain);
    close(1);
    const { validatedIndex } = await chain.status();
    const liar = lying(server, {}, { tx: txOf(validatedIndex) });
    await expect(chainOver([liar]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    const ahead = lying(server, {}, { tx: txOf(validatedIndex + 1) });
    expect(await chainOver([ahead]).outcome(anchor)).toEqual({ state: "pending" });
  });

  test("that changes the result of a transaction in the ledger", async () => {
    const anchor = await validated();
    const failed = lying(server, {
      ledger: (answer) => {
        const ledger = answer["ledger"] as JsonObject;
        const transactions = (ledger["transactions"] as readonly JsonObject[] | undefined)?.map((each) => ({
          ...each,
          meta_blob: (each["meta_blob"] as string).replace(/0310(00)/, "031091"),
        }));
        return transactions ? withMember(answer, ["ledger", "transactions"], transactions) : answer;
      },
    });
    await expect(chainOver([failed]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("that gives another ledger than the one asked for", async () => {
    const anchor = await validated();
    const shifted: XrplServer = {
      ...server,
      request: (command, parameters = {}) =>
        server.request(
          command,
          typeof parameters["ledger_index"] === "number" && command === "ledger"
            ? { ...parameters, ledger_index: parameters["ledger_index"] - 1 }
            : parameters,
        ),
    };
    await expect(chainOver([shifted]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    await expect(chainOver([shifted]).capture(anchor.lastLedgerSequence)).rejects.toMatchObject({
      code: "CHAIN_ANSWER_REFUTED",
    });
  });

  test("that has pruned the window is no proof; the Sequence is, while it is unused", async () => {
    const chain = chainOver([server]);
    const anchor = await signed(chain);
    close(6);
    const pruned = lying(server, {
      ledger: (answer) =>
        (answer["ledger_index"] as number) === anchor.lastLedgerSequence - 1
          ? { error: "lgrNotFound", message: "ledgerNotFound" }
          : answer,
    });
    expect(await chainOver([pruned]).outcome(anchor)).toEqual({ state: "expired" });
    await chain.submit(await chain.sign(otherMemos, anchor.sequence));
    close(1);
    await expect(chainOver([pruned]).outcome(anchor)).rejects.toMatchObject({ code: "ANCHOR_OUTCOME_UNKNOWN" });
    const elsewhere = lying(server, { account_info: (answer) => withMember(answer, ["ledger_index"], 7) });
    await expect(chainOver([elsewhere]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
  });
});

describe("malformed answers are the server's fault", () => {
  const big = "AB".repeat(950_000);
  test.for([
    { command: "server_info", answer: null },
    { command: "server_info", answer: [] },
    { command: "server_info", answer: "text" },
    { command: "server_info", answer: {} },
    { command: "server_info", answer: { info: 7 } },
    { command: "server_info", answer: { info: { server_state: "full", network_id: -1 } } },
    { command: "server_info", answer: { info: { network_id: 63_456, validated_ledger: { age: 1 } } } },
    {
      command: "server_info",
      answer: { info: { network_id: 63_456, server_state: "full", validated_ledger: { age: "1" } } },
    },
    { command: "ledger", answer: { validated: true } },
    { command: "ledger", answer: { validated: true, ledger: { ledger_data: "00" } } },
    { command: "ledger", answer: { validated: true, ledger: { ledger_data: "zz".repeat(118) } } },
    { command: "tx", answer: { validated: true } },
    { command: "tx", answer: { validated: true, ledger_index: "12a" } },
    { command: "tx", answer: { validated: true, ledger_index: 2 ** 32 } },
    { command: "tx", answer: { error: "weird", message: { toString: 1 } }, code: "CHAIN_UNREACHABLE" },
  ] as const)("$command says $answer", async ({ command, answer, ...rest }) => {
    const anchor = await validated();
    const broken: XrplServer = {
      ...server,
      request: (asked, parameters) =>
        asked === command ? Promise.resolve(answer as unknown as JsonObject) : server.request(asked, parameters),
    };
    const code = "code" in rest ? rest.code : "CHAIN_ANSWER_MALFORMED";
    await expect(chainOver([broken]).outcome(anchor)).rejects.toMatchObject({ code });
    expect(await chainOver([broken, server]).outcome(anchor)).toMatchObject({ state: "validated" });
  });

  test.for([
    { name: "no list", transactions: {} },
    { name: "no hex", transactions: [{ tx_blob: "AB", meta_blob: "xyz" }] },
    { name: "no metadata", transactions: [{ tx_blob: "AB" }] },
    { name: "one twice", transactions: [1, 2].map(() => ({ tx_blob: "AB", meta_blob: "CD" })) },
    { name: "bytes no field can hold", transactions: [{ tx_blob: big, meta_blob: "CD" }] },
  ])("transactions of a ledger: $name", async ({ transactions }) => {
    const anchor = await validated();
    const broken = lying(server, {
      ledger: (answer) =>
        (answer["ledger"] as JsonObject)["transactions"] === undefined
          ? answer
          : withMember(answer, ["ledger", "transactions"], transactions),
    });
    await expect(chainOver([broken]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
    expect(await chainOver([broken, server]).outcome(anchor)).toMatchObject({ state: "validated" });
  });
});

describe("nothing is signed", () => {
  test("for a server of another network", async () => {
    await expect(chainOver([server], { network: "testnet" }).sign(memos, 1)).rejects.toMatchObject({
      code: "CHAIN_WRONG_NETWORK",
    });
    await expect(chainOver([server], { networkId: 2000 }).sign(memos, 1)).rejects.toMatchObject({
      code: "CHAIN_WRONG_NETWORK",
    });
  });

  test("above the fee cap", async () => {
    await expect(chainOver([server], { feeCapDrops: 9 }).sign(memos, 1)).rejects.toMatchObject({
      code: "FEE_ABOVE_CAP",
      kind: "unavailable",
    });
  });

  test("for an account that does not exist", async () => {
    const signer = seedSigner("sEdTM1uX8pu2do5XvTnutH6HsouMaM2");
    await expect(chainOver([server], { signer }).sign(memos, 1)).rejects.toMatchObject({ code: "ACCOUNT_NOT_FUNDED" });
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

test("a captured ledger is the bytes that make its hash", async () => {
  const anchor = await validated();
  const chain = chainOver([server]);
  const outcome = await chain.outcome(anchor);
  const index = outcome.state === "validated" ? outcome.ledgerIndex : 0;
  const { transactions } = await chain.capture(index);
  expect(transactions.map(({ blob }) => toHex(transactionId(blob)).toUpperCase())).toContain(anchor.hash);
  await expect(chain.capture(index + 1000)).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
});
