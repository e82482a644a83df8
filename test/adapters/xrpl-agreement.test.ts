import { encode, decode } from "ripple-binary-codec";
import { beforeEach, describe, expect, test } from "vitest";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { decodeLedgerHeader, rippleEpochUnixS } from "../../src/core/xrpl/ledger-header.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import { wholeLedger } from "../../src/core/xrpl/whole-ledger.ts";
import type { Chain, SignedAnchor } from "../../src/ports.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { testAccountSeed } from "../support/settle.ts";
import { forging } from "../support/xrpl-forger.ts";
import { lying, named, withMember } from "../support/xrpl-liar.ts";
import { chainOver, claim, memos, type Network, otherMemos, signed, startNetwork } from "../support/xrpl-network.ts";
import { seenLedgers } from "../support/xrpl-seen-ledgers.ts";

let network: Network;
let server: XrplServer;
let second: XrplServer;

beforeEach(async () => {
  network = await startNetwork();
  ({ server } = network);
  second = named(server, "second");
});

const disagreement = { code: "CHAIN_DISAGREEMENT", kind: "unavailable" };

/** Metadata as good as any, of a transaction that is in no ledger. */
const meta = fromHex(encode({ TransactionResult: "tesSUCCESS", TransactionIndex: 0, AffectedNodes: [] }));

async function tip(over: XrplServer = server): Promise<number> {
  return (await chainOver([over]).status()).validatedIndex;
}

/** Both orders of two servers: whom one prefers must make no difference. */
function eitherWay(one: XrplServer, other: XrplServer): readonly Chain[] {
  return [chainOver([one, other]), chainOver([other, one])];
}

async function sent(): Promise<{ anchor: SignedAnchor; ledgerIndex: number }> {
  const chain = chainOver([server]);
  const anchor = await signed(chain);
  await chain.submit(anchor);
  network.close(1);
  return { anchor, ledgerIndex: await tip() };
}

describe("a ledger that was invented, with every hash of it right, is contradicted", () => {
  /** A liar that shows an anchor in a ledger it made up, and says so when asked for it. */
  function inventing({ blob, hash }: SignedAnchor, ledgerIndex: number, last?: number): XrplServer {
    const forger = forging(server, {
      from: ledgerIndex,
      ...(last === undefined ? {} : { tip: last }),
      transactions: (honest, index) => (index === ledgerIndex ? [...honest, { blob: fromHex(blob), meta }] : honest),
    });
    const tx = (): JsonObject => ({ validated: true, ledger_index: ledgerIndex, hash });
    return lying(forger, { tx }, { tx });
  }

  test("that holds a transaction the network does not", async () => {
    const anchor = await signed(chainOver([server]));
    network.close(2);
    const liar = inventing(anchor, await tip());
    expect(await chainOver([liar]).outcome(anchor)).toMatchObject({ state: "validated" });
    for (const chain of eitherWay(liar, second)) {
      await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
      await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
      await expect(chain.capture(await tip())).rejects.toMatchObject(disagreement);
    }
  });

  test("that is not there yet: the others are waited for", async () => {
    const anchor = await signed(chainOver([server]));
    const index = await tip();
    const liar = inventing(anchor, index + 2, index + 3);
    for (const chain of eitherWay(liar, second)) {
      expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
      await expect(chain.capture(index + 2)).rejects.toMatchObject({ code: "CHAIN_STALE", kind: "unavailable" });
    }
    network.close(3);
    for (const chain of eitherWay(liar, second))
      await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
  });

  test("that holds a transaction with another result", async () => {
    const { anchor, ledgerIndex } = await sent();
    const failed = forging(server, {
      from: ledgerIndex,
      transactions: (honest) =>
        honest.map(({ blob, meta: bytes }) => {
          const json = decode(toHex(bytes).toUpperCase());
          return { blob, meta: fromHex(encode({ ...json, TransactionResult: "tecNO_ALTERNATIVE_KEY" })) };
        }),
    });
    expect(await chainOver([failed]).outcome(anchor)).toMatchObject({ state: "validated", result: "result code 130" });
    for (const chain of eitherWay(failed, second))
      await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
  });

  test("that does not hold a transaction the network does", async () => {
    const { anchor, ledgerIndex } = await sent();
    network.close(7);
    const forger = forging(server, { from: ledgerIndex, transactions: () => [] });
    const hiding = lying(forger, { tx: () => ({ error: "txnNotFound", message: "" }) });
    expect(await chainOver([hiding]).outcome(anchor)).toEqual({ state: "expired" });
    await expect(chainOver([hiding, second]).outcome(anchor)).rejects.toMatchObject(disagreement);
    await expect(chainOver([second, hiding]).outcome(anchor)).rejects.toMatchObject(disagreement);
  });

  test("whoever prefers it: nothing expires by a window of invented ledgers of the future", async () => {
    const anchor = await signed(chainOver([server]));
    const ahead = lying(forging(server, { from: (await tip()) + 1, tip: anchor.lastLedgerSequence + 1 }), {
      tx: () => ({ error: "txnNotFound", message: "" }),
    });
    expect(await chainOver([ahead]).outcome(anchor)).toEqual({ state: "expired" });
    for (const chain of eitherWay(ahead, second)) expect(await chain.outcome(anchor)).toEqual({ state: "pending" });
    await chainOver([server]).submit(anchor);
    network.close(7);
    for (const chain of eitherWay(ahead, second))
      await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
  });
});

describe("a validated index that is inflated", () => {
  test("makes no LastLedgerSequence and no first ledger of a window", async () => {
    const index = await tip();
    const ahead = forging(server, { from: index + 1, tip: index + 300 });
    for (const chain of eitherWay(ahead, second)) {
      expect(await chain.status()).toMatchObject({ validatedIndex: index });
      expect(await chain.sign(memos, 2)).toMatchObject({ signedAtIndex: index, lastLedgerSequence: index + 5 });
    }
  });

  test("is not taken from a chain that the others do not show", async () => {
    const index = await tip();
    const fork = forging(server, { from: index });
    for (const chain of eitherWay(fork, second)) await expect(chain.sign(memos, 2)).rejects.toMatchObject(disagreement);
  });

  test("is not needed: one that lags makes it wait, not expire before it is sent", async () => {
    const late = await tip();
    network.close(100);
    const behind = forging(server, { from: late + 1, tip: late });
    // Both headers are of the same minute: the lower one counts.
    for (const chain of eitherWay(behind, second)) {
      expect(await chain.sign(memos, 2)).toMatchObject({ signedAtIndex: late, lastLedgerSequence: late + 5 });
    }
    // Ledgers closed by hand are a second apart, so the last one is 100 s ahead: by this clock one of the two is late.
    const { header } = network.localnet.engine.last();
    const closedUnixS = decodeLedgerHeader(header).closeTimeRippleS + rippleEpochUnixS;
    for (const servers of [
      [behind, second],
      [second, behind],
    ]) {
      const chain = chainOver(servers, { clock: () => closedUnixS * 1000 });
      expect(await chain.sign(memos, 2)).toMatchObject({ signedAtIndex: late, lastLedgerSequence: late + 105 });
    }
    network.close(500);
    const later = network.localnet.engine.last();
    const laterUnixS = decodeLedgerHeader(later.header).closeTimeRippleS + rippleEpochUnixS;
    const apart = chainOver([behind, second], { clock: () => laterUnixS * 1000 });
    await expect(apart.sign(memos, 2)).rejects.toMatchObject(disagreement);
  });
});

describe("what was seen", () => {
  test("is remembered of every conclusion", async () => {
    const seen = seenLedgers();
    const chain = chainOver([server], { seen });
    const [{ ledgerIndex: created } = { ledgerIndex: 0 }] = network.localnet.engine.accountTransactions(
      seedSigner(testAccountSeed).account,
    );
    network.close(1);
    await chain.history(claim);
    // The ledger the account was made in is one of them, too.
    expect(seen.kept().map((each) => each.ledgerIndex)).toEqual([await tip(), created]);
    const { anchor, ledgerIndex } = await sent();
    await chain.outcome(anchor);
    network.close(2);
    await chain.capture(ledgerIndex + 1);
    expect(seen.kept().map((each) => each.ledgerIndex)).toEqual([
      ledgerIndex - 1,
      created,
      ledgerIndex,
      ledgerIndex + 1,
    ]);
    for (const { ledgerIndex: index, hash } of seen.kept()) {
      const { hash: computed } = wholeLedger(await chainOver([server]).capture(index));
      expect(hash).toBe(toHex(computed).toUpperCase());
    }
  });

  test("and is gone from every server, is for a human: the network was reset", async () => {
    const seen = seenLedgers();
    network.closeTo(300);
    const anchor = await signed(chainOver([server], { seen }));
    const after = await startNetwork();
    for (const chain of [chainOver([after.server], { seen }), chainOver([after.server, silent()], { seen })]) {
      for (const act of [
        () => chain.status(),
        () => chain.outcome(anchor),
        () => chain.history(claim),
        () => chain.sign(memos, 2),
        () => chain.submit(anchor),
        () => chain.capture(3),
      ])
        await expect(act()).rejects.toMatchObject({ code: "CHAIN_FORKED", kind: "conflict" });
    }
    // While another server shows it, that one is used.
    expect(await chainOver([after.server, second], { seen }).status()).toMatchObject({
      server: expect.stringContaining("second") as string,
    });
    expect(await chainOver([after.server, second], { seen }).outcome(anchor)).toEqual({ state: "pending" });
    // On a human's word the new network is taken.
    await seen.forget("local");
    await chainOver([after.server], { seen }).status();
  });

  test("is contradicted by a fork that is as far, and by one that is farther", async () => {
    const seen = seenLedgers();
    await chainOver([server], { seen }).history(claim);
    const index = await tip();
    const fork = forging(server, { from: index });
    await expect(chainOver([fork], { seen }).status()).rejects.toMatchObject({ code: "CHAIN_FORKED" });
    network.close(30);
    await expect(chainOver([fork], { seen }).status()).rejects.toMatchObject({ code: "CHAIN_FORKED" });
    const { anchor, ledgerIndex } = await sent();
    for (const chain of [chainOver([fork, second], { seen }), chainOver([second, fork], { seen })]) {
      expect(await chain.outcome(anchor)).toMatchObject({ state: "validated", ledgerIndex });
    }
  });

  test("is no reason to leave a server that is a little late", async () => {
    const seen = seenLedgers();
    const index = await tip();
    network.close(20);
    await chainOver([server], { seen }).history(claim);
    const late = forging(server, { from: index + 1, tip: index });
    expect(await chainOver([late], { seen }).status()).toMatchObject({ validatedIndex: index });
    // What the account was before then is no history to go by.
    await expect(chainOver([late], { seen }).history(claim)).rejects.toMatchObject({ code: "CHAIN_STALE" });
    network.close(1);
    await chainOver([server], { seen }).history(claim);
    await expect(chainOver([late], { seen }).status()).rejects.toMatchObject({ code: "CHAIN_FORKED" });
  });

  test("of an older ledger counts too", async () => {
    const seen = seenLedgers();
    const { anchor, ledgerIndex } = await sent();
    const chain = chainOver([server], { seen });
    await chain.outcome(anchor);
    network.close(3);
    await seen.forget("local");
    await seen.record("local", { ledgerIndex, hash: "AB".repeat(32) });
    await seen.record("local", { ledgerIndex: ledgerIndex + 1, hash: await hashOf(ledgerIndex + 1) });
    await expect(chain.outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_FORKED" });
    await expect(chain.capture(ledgerIndex)).rejects.toMatchObject({ code: "CHAIN_FORKED" });
  });
});

async function hashOf(ledgerIndex: number): Promise<string> {
  const { hash } = wholeLedger(await chainOver([server]).capture(ledgerIndex));
  return toHex(hash).toUpperCase();
}

/** A server that answers nothing of use. */
function silent(): XrplServer {
  return { ...server, endpoint: "silent", request: () => Promise.resolve({ error: "noNetwork", message: "" }) };
}

describe("two networks with the same id, accounts and ages", () => {
  test("decide nothing together", async () => {
    const other = await startNetwork();
    await chainOver([other.server]).submit(await signed(chainOver([other.server]), otherMemos));
    for (const each of [network, other]) each.closeTo(200);
    const chain = chainOver([server, other.server]);
    const anchor = await chainOver([server]).sign(memos, 2);
    await expect(chain.history(claim)).rejects.toMatchObject(disagreement);
    await expect(chain.sign(memos, 2)).rejects.toMatchObject(disagreement);
    await chainOver([server]).submit(anchor);
    for (const each of [network, other]) each.closeTo(210);
    await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
  });
});

describe("a voice against a ledger", () => {
  test("is heard of a server that is stale, or was broken a moment ago", async () => {
    const { anchor, ledgerIndex } = await sent();
    const fork = forging(server, { from: ledgerIndex, transactions: (honest) => honest.slice(0, 0) });
    const stale = lying(fork, { server_info: (answer) => withMember(answer, ["info", "server_state"], "connected") });
    await expect(chainOver([server, stale]).outcome(anchor)).rejects.toMatchObject(disagreement);
    let broken = true;
    const shaky: XrplServer = {
      ...fork,
      request: (command, parameters) => (broken ? silent() : fork).request(command, parameters),
    };
    const chain = chainOver([server, shaky]);
    await chain.status();
    broken = false;
    await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
  });

  test("is none where the server does not hold the ledger, or answers nonsense", async () => {
    const { anchor } = await sent();
    network.close(7);
    const gone = (): JsonObject => ({ error: "lgrNotFound", message: "ledgerNotFound" });
    const mute = [
      silent(),
      lying(server, { server_info: (answer) => withMember(answer, ["info", "network_id"], 2) }),
      lying(server, { ledger: (answer) => (answer["ledger_index"] === anchor.signedAtIndex + 1 ? gone() : answer) }),
      lying(server, { ledger: (answer) => withMember(answer, ["ledger", "ledger_data"], "00") }),
      lying(server, { ledger: (answer) => ({ ...answer, validated: false }) }),
    ];
    for (const other of mute) {
      expect(await chainOver([server, other]).outcome(anchor)).toMatchObject({ state: "validated" });
      expect(await chainOver([other, server]).outcome(anchor)).toMatchObject({ state: "validated" });
    }
  });
});

describe("a gap in the history of a server", () => {
  const missing = (from: number, through: number): XrplServer =>
    lying(server, {
      tx: (answer) => ({ ...answer, validated: false }),
      ledger: (answer) => {
        const index = answer["ledger_index"] as number;
        return index >= from && index <= through ? { error: "lgrNotFound", message: "ledgerNotFound" } : answer;
      },
    });

  test("is filled by another server", async () => {
    const { anchor, ledgerIndex } = await sent();
    network.close(1);
    const gap = missing(ledgerIndex, ledgerIndex);
    expect(await chainOver([gap]).outcome(anchor)).toEqual({ state: "pending" });
    expect(await chainOver([gap, second]).outcome(anchor)).toMatchObject({ state: "validated", ledgerIndex });
    network.close(7);
    await expect(chainOver([gap]).outcome(anchor)).rejects.toMatchObject({ code: "ANCHOR_OUTCOME_UNKNOWN" });
    expect(await chainOver([gap, second]).outcome(anchor)).toMatchObject({ state: "validated", ledgerIndex });
  });

  test("is no better where the server shows ledgers that it does not call validated", async () => {
    const { anchor, ledgerIndex } = await sent();
    network.close(7);
    const unsure = lying(server, {
      ledger: (answer) => ({ ...answer, validated: (answer["ledger_index"] as number) !== ledgerIndex }),
    });
    await expect(chainOver([unsure]).outcome(anchor)).rejects.toMatchObject({ code: "ANCHOR_OUTCOME_UNKNOWN" });
    await expect(chainOver([unsure]).capture(ledgerIndex)).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
    expect(await chainOver([unsure, second]).outcome(anchor)).toMatchObject({ state: "validated", ledgerIndex });
  });

  test("on all of them leaves the Sequence, which all have to show alike", async () => {
    const anchor = await signed(chainOver([server]));
    network.close(7);
    const gap = missing(anchor.signedAtIndex + 1, anchor.lastLedgerSequence);
    const other = named(gap, "other");
    expect(await chainOver([gap, other]).outcome(anchor)).toEqual({ state: "expired" });
    const used = lying(other, {
      account_info: (answer) => withMember(answer, ["account_data", "Sequence"], anchor.sequence + 1),
    });
    for (const chain of eitherWay(gap, used)) await expect(chain.outcome(anchor)).rejects.toMatchObject(disagreement);
    await chainOver([server]).submit(await chainOver([server]).sign(otherMemos, anchor.sequence));
    network.close(1);
    await expect(chainOver([gap, other]).outcome(anchor)).rejects.toMatchObject({ code: "ANCHOR_OUTCOME_UNKNOWN" });
  });
});

test("transactions of a captured ledger are those every server shows", async () => {
  const { anchor, ledgerIndex } = await sent();
  const { transactions } = await chainOver([server, second]).capture(ledgerIndex);
  expect(transactions.map(({ blob }) => toHex(transactionId(blob)).toUpperCase())).toEqual([anchor.hash]);
});
