import { decode, encode } from "ripple-binary-codec";
import { beforeEach, describe, expect, test } from "vitest";
import { type AccountSet, Wallet } from "xrpl";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { makeManifest } from "../../src/core/manifest.ts";
import type { Memo } from "../../src/core/memo.ts";
import type { Chain, SignedAnchor } from "../../src/ports.ts";
import { testAccountSeed } from "../support/settle.ts";
import { forging } from "../support/xrpl-forger.ts";
import { counting, lying, named, withMember } from "../support/xrpl-liar.ts";
import {
  chainOver,
  claim,
  evidence,
  manifest,
  memos,
  type Network,
  otherMemos,
  signed,
  startNetwork,
} from "../support/xrpl-network.ts";

const beginning = { ...claim, manifest: { ...manifest, manifestHash: "cd".repeat(32), partitionId: "2026-09" } };
const wallet = Wallet.fromSeed(testAccountSeed);

let network: Network;
let server: XrplServer;

beforeEach(async () => {
  network = await startNetwork();
  ({ server } = network);
});

async function anchorAll(chain: Chain, those: readonly (readonly Memo[])[]): Promise<SignedAnchor[]> {
  const anchors: SignedAnchor[] = [];
  for (const each of those) {
    const anchor = await signed(chain, each);
    await chain.submit(anchor);
    network.close(1);
    anchors.push(anchor);
  }
  return anchors;
}

/** An account that anchored the month, and then did something else twice. */
async function lived(): Promise<Chain> {
  const chain = chainOver([server]);
  await anchorAll(chain, [memos, otherMemos, otherMemos]);
  return chain;
}

/** Transactions with the memos of an anchor, made by hand. */
async function sendOwn(fields: Partial<AccountSet>, those: readonly Memo[] = memos): Promise<string> {
  const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();
  const { tx_blob, hash } = wallet.sign({
    TransactionType: "AccountSet",
    Account: wallet.classicAddress,
    Fee: "10",
    Sequence: (await chainOver([server]).history(beginning)).nextSequence,
    NetworkID: 63_456,
    Memos: those.map(({ type, format, data }) => ({
      Memo: { MemoType: hex(type), MemoFormat: hex(format), MemoData: hex(data) },
    })),
    ...fields,
  });
  await server.request("submit", { tx_blob });
  network.close(1);
  return hash;
}

async function setRegularKey(address: string): Promise<void> {
  const { tx_blob } = wallet.sign({
    TransactionType: "SetRegularKey",
    Account: wallet.classicAddress,
    RegularKey: address,
    Fee: "10",
    Sequence: (await chainOver([server]).history(claim)).nextSequence,
    NetworkID: 63_456,
  });
  await server.request("submit", { tx_blob });
  network.close(1);
}

type Entries = readonly JsonObject[];

function telling(change: (entries: Entries) => Entries): XrplServer {
  return lying(server, {
    account_tx: (answer) => ({ ...answer, transactions: change(answer["transactions"] as Entries) }),
  });
}

/** The metadata of the newest entry with another result. */
function withResult(result: string): XrplServer {
  return telling(([first, ...rest]) => [
    { ...first, meta_blob: encode({ ...decode(first?.["meta_blob"] as string), TransactionResult: result }) },
    ...rest,
  ]);
}

describe("the history of the account", () => {
  test("is whole, or nothing is said of it", async () => {
    const chain = await lived();
    expect(await chain.history(claim)).toMatchObject({ found: { hash: expect.any(String) as string } });
    expect((await chain.history(beginning)).found).toBeUndefined();
    for (const hidden of [
      telling((all) => all.toSpliced(2, 1)),
      telling(() => []),
      telling((all) => all.slice(0, 3)),
    ]) {
      await expect(chainOver([hidden]).history(claim)).rejects.toMatchObject({ code: "ANCHOR_HISTORY_INCOMPLETE" });
      expect((await chainOver([hidden, server]).history(claim)).found).toBeDefined();
    }
  });

  test("holds no transaction that the account did not sign", async () => {
    await lived();
    const forged = (blob: string): string =>
      Wallet.generate().sign({
        ...(decode(blob) as unknown as AccountSet),
        SigningPubKey: "",
        TxnSignature: undefined,
      } as unknown as AccountSet).tx_blob;
    const invented = telling((all) => [{ ...all[0], tx_blob: forged(all[0]?.["tx_blob"] as string) }, ...all]);
    await expect(chainOver([invented]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("takes in no attempt of ours that was never validated", async () => {
    const chain = await lived();
    const never = await chain.sign(memos, (await chain.history(claim)).nextSequence);
    const planted = telling((all) => [{ ...all[0], tx_blob: never.blob }, ...all]);
    await expect(chainOver([planted]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test.for([
    { name: "its transactions leave", live: true },
    { name: "it was made with", live: false },
  ])("with another Sequence than $name is refused", async ({ live }) => {
    if (live) await lived();
    const raised = lying(server, {
      account_info: (answer) => {
        const data = answer["account_data"] as JsonObject;
        return withMember(answer, ["account_data", "Sequence"], Number(data["Sequence"]) + 1);
      },
    });
    await expect(chainOver([raised]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("that anchors the same month of the same ledger otherwise is for a human", async () => {
    const chain = await lived();
    const rival = makeManifest({ ...manifest, root: "cd".repeat(32) });
    await expect(chain.history({ manifest: rival, evidence })).rejects.toMatchObject({ code: "ANCHOR_CONFLICT" });
  });

  test("goes on over a change of the regular key", async () => {
    const chain = chainOver([server]);
    const regular = seedSigner(Wallet.generate().seed ?? "", wallet.classicAddress);
    const byRegular = chainOver([server], { signer: regular });
    await setRegularKey(regular.ownKey);
    const anchor = await signed(byRegular);
    expect(await byRegular.submit(anchor)).toBe("tesSUCCESS");
    network.close(1);
    expect((await chain.history(claim)).found?.hash).toBe(anchor.hash);
  });
});

describe("a result in the history is proven by its ledger", () => {
  test("a failed transaction is no anchor, and not called one", async () => {
    // Without another key the master key cannot be disabled: tecNO_ALTERNATIVE_KEY.
    await sendOwn({ SetFlag: 4 });
    expect((await chainOver([server]).history(claim)).found).toBeUndefined();
    await expect(chainOver([withResult("tesSUCCESS")]).history(claim)).rejects.toMatchObject({
      code: "CHAIN_ANSWER_REFUTED",
    });
    expect((await chainOver([withResult("tesSUCCESS"), server]).history(claim)).found).toBeUndefined();
  });

  test("an anchor is not called failed", async () => {
    const hash = await sendOwn({});
    const liar = withResult("tecNO_ALTERNATIVE_KEY");
    await expect(chainOver([liar]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    expect((await chainOver([liar, server]).history(claim)).found?.hash).toBe(hash);
    // What is no business of this month is not looked up.
    expect((await chainOver([liar]).history(beginning)).found).toBeUndefined();
  });

  test("a change of the key is not called failed", async () => {
    await setRegularKey(Wallet.generate().classicAddress);
    const liar = withResult("tecNO_ALTERNATIVE_KEY");
    await expect(chainOver([liar]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });

  test("also where the ledger was forged for it, as long as another server shows the true one", async () => {
    await sendOwn({ SetFlag: 4 });
    const { validatedIndex: index } = await chainOver([server]).status();
    network.close(3);
    const liar = forging(withResult("tesSUCCESS"), {
      from: index,
      through: index,
      transactions: (honest) =>
        honest.map(({ blob, meta }) => {
          const json = { ...decode(toHex(meta).toUpperCase()), TransactionResult: "tesSUCCESS" };
          return { blob, meta: fromHex(encode(json)) };
        }),
    });
    expect((await chainOver([liar]).history(claim)).found?.ledgerIndex).toBe(index);
    await expect(chainOver([liar, server]).history(claim)).rejects.toMatchObject({ code: "CHAIN_DISAGREEMENT" });
    expect((await chainOver([server, liar]).history(beginning)).found).toBeUndefined();
  });

  test("an anchor is not moved to another ledger", async () => {
    await sendOwn({});
    const moved = telling(([first, ...rest]) => [
      { ...first, ledger_index: (first?.["ledger_index"] as number) - 1 },
      ...rest,
    ]);
    await expect(chainOver([moved]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
  });
});

describe("the newest transactions cannot be left out", () => {
  /** A server that shows the account as it was before its last transaction, in the present ledger. */
  async function behindItself(): Promise<XrplServer> {
    const info = (await server.request("account_info", {
      account: wallet.classicAddress,
      ledger_index: "validated",
    })) as JsonObject;
    await anchorAll(chainOver([server]), [memos]);
    const latest = (await server.request("account_tx", { account: wallet.classicAddress, limit: 10 })) as JsonObject;
    const newest = (latest["transactions"] as Entries)[0]?.["ledger_index"];
    return lying(server, {
      account_info: (answer) => ({ ...answer, account_data: info["account_data"] as JsonObject }),
      account_tx: (answer) => ({
        ...answer,
        transactions: (answer["transactions"] as Entries).filter((each) => each["ledger_index"] !== newest),
      }),
    });
  }

  test("nor the account", async () => {
    await lived();
    const none = named(lying(server, { account_info: () => ({ error: "actNotFound", message: "" }) }), "liar");
    await expect(chainOver([none]).history(claim)).rejects.toMatchObject({ code: "ACCOUNT_NOT_FUNDED" });
    await expect(chainOver([none]).status()).rejects.toMatchObject({ code: "ACCOUNT_NOT_FUNDED" });
    for (const servers of [
      [none, server],
      [server, none],
    ]) {
      await expect(chainOver(servers).history(claim)).rejects.toMatchObject({ code: "CHAIN_DISAGREEMENT" });
      await expect(chainOver(servers).status()).resolves.toMatchObject({ account: wallet.classicAddress });
    }
  });

  test("while another server shows them, in either order", async () => {
    const liar = await behindItself();
    // Alone it cannot be contradicted: the state of an account is a server's word.
    expect((await chainOver([liar]).history(claim)).found).toBeUndefined();
    for (const servers of [
      [liar, server],
      [server, liar],
    ]) {
      const chain = chainOver(servers);
      await expect(chain.history(claim)).rejects.toMatchObject({ code: "CHAIN_DISAGREEMENT", kind: "unavailable" });
      // Again the same: who disagrees is not set aside, or the other one would be believed next time.
      await expect(chain.history(claim)).rejects.toMatchObject({ code: "CHAIN_DISAGREEMENT" });
    }
  });
});

describe("pages", () => {
  /** A server that gives one transaction a page. */
  function paged(overlap: boolean): XrplServer {
    return {
      ...server,
      async request(command, parameters = {}) {
        if (command !== "account_tx") return server.request(command, parameters);
        const { marker, ...rest } = parameters;
        const all = ((await server.request(command, rest)) as JsonObject)["transactions"] as Entries;
        const at = Number(marker ?? 0);
        const transactions = all.slice(overlap ? Math.max(at - 1, 0) : at, at + 1);
        return { ledger_index_min: 1, transactions, marker: at + 1, validated: true };
      },
    };
  }

  test.for([{ overlap: false }, { overlap: true }])(
    "are followed one by one, also when the last one has a marker; overlapping: $overlap",
    async ({ overlap }) => {
      await lived();
      const found = (await chainOver([server]).history(claim)).found;
      expect((await chainOver([paged(overlap)]).history(claim)).found).toEqual(found);
    },
  );

  test.for([
    { name: "with one marker for ever", marker: () => 1 },
    { name: "with two markers in turn", marker: (page: number) => page % 2 },
    { name: "with new markers for ever", marker: (page: number) => page },
  ])("that never end are not followed for ever: $name", async ({ marker }) => {
    await lived();
    const first = (await server.request("account_tx", { account: wallet.classicAddress, binary: true })) as JsonObject;
    let page = 0;
    const endless = counting({
      ...server,
      request: (command, parameters) =>
        command === "account_tx"
          ? Promise.resolve({ ...first, marker: marker(page++) })
          : server.request(command, parameters),
    });
    await expect(chainOver([endless]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
    expect(endless.count("account_tx")).toBeLessThan(5);
  });

  test("that give the transactions of one ledger again and again come to an end", async () => {
    await sendOwn({});
    const all = (await server.request("account_tx", { account: wallet.classicAddress, binary: true })) as JsonObject;
    const newest = (all["transactions"] as Entries)[0] as JsonObject;
    const other = { ...newest, tx_blob: (await chainOver([server]).sign(otherMemos, 1)).blob };
    let page = 0;
    const endless = counting({
      ...server,
      request: (command, parameters) =>
        command === "account_tx"
          ? Promise.resolve({ transactions: page % 2 === 0 ? [newest, other] : [other, newest], marker: page++ })
          : server.request(command, parameters),
    });
    await expect(chainOver([endless]).history(claim)).rejects.toMatchObject({ code: "ANCHOR_HISTORY_INCOMPLETE" });
    expect(endless.count("account_tx")).toBe(2);
  });

  test("that are out of order, or of a later ledger than asked, are malformed", async () => {
    await lived();
    const turned = telling((all) => all.toReversed());
    await expect(chainOver([turned]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
    const later = telling(([first, ...rest]) => [{ ...first, ledger_index: 4_000_000 }, ...rest]);
    await expect(chainOver([later]).history(claim)).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
    expect((await chainOver([later, named(server, "second")]).history(claim)).found).toBeDefined();
  });
});
