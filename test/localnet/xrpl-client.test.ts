import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AccountSetAsfFlags,
  type AccountSet,
  Client,
  ECDSA,
  multisign,
  type Payment,
  type SubmittableTransaction,
  Wallet,
  xrpToDrops,
} from "xrpl";

import { fundFromGenesis } from "../support/fund.ts";
import { type Localnet, startLocalnet } from "../../src/localnet/start-localnet.ts";

const genesis = Wallet.fromSeed("snoPBrXtMeMyMHUVTgbuqAfg1SUTb", { algorithm: ECDSA.secp256k1 });

/** Whole scripts as somebody would write them for any XRPL server, on a network that closes by itself. */
describe.each([1, 2] as const)("xrpl.js's Client in API version %i", (apiVersion) => {
  let localnet: Localnet;
  let client: Client;
  const alice = Wallet.generate();
  const bob = Wallet.generate(ECDSA.secp256k1);

  beforeAll(async () => {
    localnet = await startLocalnet({ closeMs: 100 });
    client = new Client(localnet.wsUrl);
    client.apiVersion = apiVersion;
    await client.connect();
    for (const { address } of [alice, bob]) fundFromGenesis(localnet.engine, address, 1_000_000_000);
    localnet.accept();
  });

  afterAll(async () => {
    await client.disconnect();
    await localnet.close();
  });

  async function resultOf(transaction: SubmittableTransaction, wallet: Wallet): Promise<string> {
    const { result } = await client.submitAndWait(transaction, { wallet, autofill: true });
    return typeof result.meta === "object" ? result.meta.TransactionResult : "no metadata";
  }

  /** The preliminary result, the open ledger closed behind it: submitAndWait looks but once a second. */
  async function quickly(transaction: SubmittableTransaction, wallet: Wallet): Promise<string> {
    const { result } = await client.submit(transaction, { wallet, autofill: true });
    localnet.accept();
    return result.engine_result;
  }

  async function pay(from: Wallet, to: string, xrp: string): Promise<void> {
    const payment: Payment = {
      TransactionType: "Payment",
      Account: from.address,
      Destination: to,
      Amount: xrpToDrops(xrp),
    };
    expect(await resultOf(payment, from)).toBe("tesSUCCESS");
  }

  test("knows the network it is on", async () => {
    const { info } = (await client.request({ command: "server_info" })).result;
    expect(client.networkID).toBe(63456);
    expect(info).toMatchObject({ network_id: 63456, local_network: true });
    expect(info.build_version).toContain("repomesh-settlement-localnet");
  });

  test("autofills fee, sequence, last ledger and network id", async () => {
    const filled = await client.autofill<AccountSet>({ TransactionType: "AccountSet", Account: alice.address });
    expect(filled).toMatchObject({ Fee: "12", NetworkID: 63456 });
    expect(filled.Sequence).toBeGreaterThan(0);
    expect(filled.LastLedgerSequence).toBeGreaterThan(20);
  });

  test("an AccountSet with memos, found again by hash, by CTID, in its ledger and its account's history", async () => {
    const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
    const memo = { MemoType: hex("repomesh-anchor-v1"), MemoFormat: hex("application/json"), MemoData: hex('{"v":1}') };
    const set: AccountSet = { TransactionType: "AccountSet", Account: alice.address, Memos: [{ Memo: memo }] };
    const signed = alice.sign(await client.autofill(set));
    await client.submitAndWait(signed.tx_blob);

    const found = (await client.request({ command: "tx", transaction: signed.hash })).result as unknown as Record<
      string,
      unknown
    >;
    const fields = (apiVersion === 1 ? found : found["tx_json"]) as AccountSet;
    expect(found).toMatchObject({ validated: true, hash: signed.hash });
    expect(fields.Memos).toEqual([{ Memo: memo }]);
    const byCtid = await client.request({ command: "tx", ctid: String(found["ctid"]) });
    expect(byCtid.result).toEqual(found);

    const ledger = await client.request({
      command: "ledger",
      ledger_index: found["ledger_index"] as number,
      transactions: true,
    });
    expect(ledger.result.ledger.transactions).toContain(signed.hash);
    const history = await client.request({ command: "account_tx", account: alice.address, limit: 1 });
    const [newest] = history.result.transactions as unknown as Record<string, Record<string, unknown>>[];
    expect(apiVersion === 1 ? newest?.["tx"]?.["hash"] : newest?.["hash"]).toBe(signed.hash);
  });

  test("a Payment moves what it says", async () => {
    const before = await client.getXrpBalance(bob.address);
    await pay(alice, bob.address, "5");
    expect((await client.getXrpBalance(bob.address)) - before).toBe(5);
    expect(await client.getBalances(bob.address)).toHaveLength(1);
  });

  test("tickets are made, listed and used", async () => {
    expect(await resultOf({ TransactionType: "TicketCreate", Account: alice.address, TicketCount: 2 }, alice)).toBe(
      "tesSUCCESS",
    );
    const { account_objects: tickets } = (
      await client.request({ command: "account_objects", account: alice.address, type: "ticket" })
    ).result;
    expect(tickets).toHaveLength(2);
    const TicketSequence = (tickets[0] as unknown as { TicketSequence: number }).TicketSequence;
    const use: AccountSet = { TransactionType: "AccountSet", Account: alice.address, Sequence: 0, TicketSequence };
    expect(await quickly(use, alice)).toBe("tesSUCCESS");
  });

  test("a regular key signs when the master key is disabled", async () => {
    const regular = Wallet.generate();
    await quickly({ TransactionType: "SetRegularKey", Account: bob.address, RegularKey: regular.address }, bob);
    const disable: AccountSet = {
      TransactionType: "AccountSet",
      Account: bob.address,
      SetFlag: AccountSetAsfFlags.asfDisableMaster,
    };
    expect(await quickly(disable, bob)).toBe("tesSUCCESS");
    expect(await resultOf({ TransactionType: "AccountSet", Account: bob.address }, regular)).toBe("tesSUCCESS");
    expect(await quickly({ TransactionType: "AccountSet", Account: bob.address }, bob)).toBe("tefMASTER_DISABLED");
  });

  test("a signer list signs together", async () => {
    const signers = [Wallet.generate(), Wallet.generate(ECDSA.secp256k1)];
    const list = signers.map(({ address }) => ({ SignerEntry: { Account: address, SignerWeight: 1 } }));
    await resultOf(
      { TransactionType: "SignerListSet", Account: alice.address, SignerQuorum: 2, SignerEntries: list },
      alice,
    );
    const filled = await client.autofill<AccountSet>({ TransactionType: "AccountSet", Account: alice.address }, 2);
    const together = multisign(signers.map((signer) => signer.sign(filled, true).tx_blob));
    const { result } = await client.submitAndWait(together);
    expect(result.meta).toMatchObject({ TransactionResult: "tesSUCCESS" });
  });

  test("the ledger stream tells each close, the account stream each transaction", async () => {
    const closed = new Promise<{ ledger_index: number }>((resolve) => client.once("ledgerClosed", resolve));
    const told = new Promise<Record<string, unknown>>((resolve) => client.once("transaction", resolve as never));
    await client.request({ command: "subscribe", streams: ["ledger"], accounts: [alice.address] });
    await pay(genesis, alice.address, "1");
    expect((await closed).ledger_index).toBeGreaterThan(2);
    expect(await told).toMatchObject({ engine_result: "tesSUCCESS", validated: true });
    await client.request({ command: "unsubscribe", streams: ["ledger"], accounts: [alice.address] });
  });
});
