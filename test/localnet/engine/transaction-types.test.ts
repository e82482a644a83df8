import { describe, expect, it, test } from "vitest";

import { type Fields, genesis, walletNamed } from "./wallets.ts";
import { accountSet, payment, testNetwork, type TestNetwork } from "./network.ts";

interface Case {
  readonly what: string;
  readonly before?: (network: TestNetwork) => void;
  readonly send: (network: TestNetwork) => Fields;
  readonly result: string;
}

const nobody = walletNamed("nobody").address;
const other = walletNamed("other").address;
const usd = { currency: "USD", issuer: genesis.address, value: "5" };
const signers = (...addresses: string[]) => addresses.map((Account) => ({ SignerEntry: { Account, SignerWeight: 1 } }));
const setKey = (network: TestNetwork, key: string): Fields => ({
  TransactionType: "SetRegularKey",
  Account: network.alice.address,
  RegularKey: key,
});
const setList = ({ alice }: TestNetwork, more: Fields): Fields => ({
  TransactionType: "SignerListSet",
  Account: alice.address,
  ...more,
});
const tickets = ({ alice }: TestNetwork, TicketCount: number, more: Fields = {}): Fields => ({
  TransactionType: "TicketCreate",
  Account: alice.address,
  TicketCount,
  ...more,
});
const pay = ({ alice, bob }: TestNetwork, drops: number, more: Fields = {}): Fields => ({
  ...payment(alice.address, bob.address, drops),
  ...more,
});
const set = ({ alice }: TestNetwork, more: Fields): Fields => accountSet(alice.address, more);

const payments: readonly Case[] = [
  { what: "to an account", send: (n) => pay(n, 1), result: "tesSUCCESS" },
  {
    what: "that makes an account",
    send: ({ alice }) => payment(alice.address, nobody, 1_000_000),
    result: "tesSUCCESS",
  },
  {
    what: "too small to make one",
    send: ({ alice }) => payment(alice.address, nobody, 999_999),
    result: "tecNO_DST_INSUF_XRP",
  },
  {
    what: "of money nobody issued to nobody",
    send: (n) => pay(n, 1, { Amount: usd, Destination: nobody }),
    result: "tecNO_DST",
  },
  { what: "of money that has no way", send: (n) => pay(n, 1, { Amount: usd }), result: "tecPATH_DRY" },
  { what: "to oneself", send: ({ alice }) => payment(alice.address, alice.address, 1), result: "temREDUNDANT" },
  { what: "of nothing", send: (n) => pay(n, 0), result: "temBAD_AMOUNT" },
  { what: "that keeps the reserve", send: (n) => pay(n, 998_999_990), result: "tesSUCCESS" },
  { what: "out of the reserve", send: (n) => pay(n, 999_000_001), result: "tecUNFUNDED_PAYMENT" },
  { what: "with SendMax", send: (n) => pay(n, 1, { SendMax: "5" }), result: "temBAD_SEND_XRP_MAX" },
  { what: "in part", send: (n) => pay(n, 1, { Flags: 0x20000 }), result: "temBAD_SEND_XRP_PARTIAL" },
  { what: "with limited quality", send: (n) => pay(n, 1, { Flags: 0x40000 }), result: "temBAD_SEND_XRP_LIMIT" },
  { what: "without the default path", send: (n) => pay(n, 1, { Flags: 0x10000 }), result: "temBAD_SEND_XRP_NO_DIRECT" },
  { what: "with a least amount", send: (n) => pay(n, 1, { DeliverMin: "1" }), result: "temBAD_AMOUNT" },
  {
    what: "with credentials nobody gave",
    send: (n) => pay(n, 1, { CredentialIDs: ["AB".repeat(32)] }),
    result: "tecBAD_CREDENTIALS",
  },
  {
    what: "without the tag the other wants",
    before: (n) => n.done(accountSet(n.bob.address, { SetFlag: 1 })),
    send: (n) => pay(n, 1),
    result: "tecDST_TAG_NEEDED",
  },
  {
    what: "with the tag the other wants",
    before: (n) => n.done(accountSet(n.bob.address, { Flags: 0x10000 })),
    send: (n) => pay(n, 1, { DestinationTag: 0 }),
    result: "tesSUCCESS",
  },
  {
    what: "to one who takes no deposits",
    before: (n) => n.done(accountSet(n.bob.address, { SetFlag: 9 })),
    send: (n) => pay(n, 1),
    result: "tecNO_PERMISSION",
  },
];

const settings: readonly Case[] = [
  { what: "nothing", send: (n) => set(n, {}), result: "tesSUCCESS" },
  { what: "one flag on and off", send: (n) => set(n, { SetFlag: 1, ClearFlag: 1 }), result: "temINVALID_FLAG" },
  {
    what: "one flag on, spelt twice, and off",
    send: (n) => set(n, { Flags: 0x40000, ClearFlag: 2 }),
    result: "temINVALID_FLAG",
  },
  { what: "an unknown flag bit", send: (n) => set(n, { Flags: 0x1 }), result: "temINVALID_FLAG" },
  { what: "a rate below one", send: (n) => set(n, { TransferRate: 999_999_999 }), result: "temBAD_TRANSFER_RATE" },
  { what: "a rate over two", send: (n) => set(n, { TransferRate: 2_000_000_001 }), result: "temBAD_TRANSFER_RATE" },
  { what: "a tick size of 2", send: (n) => set(n, { TickSize: 2 }), result: "temBAD_TICK_SIZE" },
  { what: "a message key that is none", send: (n) => set(n, { MessageKey: "AA" }), result: "telBAD_PUBLIC_KEY" },
  { what: "a domain of 257 bytes", send: (n) => set(n, { Domain: "61".repeat(257) }), result: "telBAD_DOMAIN" },
  { what: "a minter without a name", send: (n) => set(n, { SetFlag: 10 }), result: "temMALFORMED" },
  {
    what: "no minter with a name",
    send: (n) => set(n, { ClearFlag: 10, NFTokenMinter: other }),
    result: "temMALFORMED",
  },
  {
    what: "a fee in issued money",
    send: (n) => set(n, { Fee: usd }),
    result: "temBAD_FEE",
  },
  { what: "a minter", send: (n) => set(n, { SetFlag: 10, NFTokenMinter: other }), result: "tesSUCCESS" },
  {
    what: "no master key, when it is the only one",
    send: (n) => set(n, { SetFlag: 4 }),
    result: "tecNO_ALTERNATIVE_KEY",
  },
  {
    what: "authorisation, with a ticket in the directory",
    before: (n) => n.done(tickets(n, 1)),
    send: (n) => set(n, { SetFlag: 2 }),
    result: "tecOWNERS",
  },
  {
    what: "clawback, with a ticket in the directory",
    before: (n) => n.done(tickets(n, 1)),
    send: (n) => set(n, { SetFlag: 16 }),
    result: "tecOWNERS",
  },
  {
    what: "clawback after no freeze",
    before: (n) => n.done(set(n, { SetFlag: 6 })),
    send: (n) => set(n, { SetFlag: 16 }),
    result: "tecNO_PERMISSION",
  },
  {
    what: "no freeze after clawback",
    before: (n) => n.done(set(n, { SetFlag: 16 })),
    send: (n) => set(n, { SetFlag: 6 }),
    result: "tecNO_PERMISSION",
  },
];

const keys: readonly Case[] = [
  { what: "one's own address", send: (n) => setKey(n, n.alice.address), result: "temBAD_REGKEY" },
  { what: "another", send: (n) => setKey(n, other), result: "tesSUCCESS" },
  { what: "another, free the first time", send: (n) => ({ ...setKey(n, other), Fee: "0" }), result: "tesSUCCESS" },
  {
    what: "another, free a second time",
    before: (n) => n.done(setKey(n, other)),
    send: (n) => ({ ...setKey(n, other), Fee: "0" }),
    result: "telINSUF_FEE_P",
  },
  {
    what: "another, free again once the account was paid",
    before: (n) => {
      n.done(setKey(n, other));
      n.done(payment(n.bob.address, n.alice.address, 5));
    },
    send: (n) => ({ ...setKey(n, other), Fee: "0" }),
    result: "tesSUCCESS",
  },
];

const lists: readonly Case[] = [
  {
    what: "a list",
    send: (n) => setList(n, { SignerQuorum: 2, SignerEntries: signers(nobody, other) }),
    result: "tesSUCCESS",
  },
  { what: "no list, where there is none", send: (n) => setList(n, { SignerQuorum: 0 }), result: "tesSUCCESS" },
  { what: "a quorum without a list", send: (n) => setList(n, { SignerQuorum: 1 }), result: "temMALFORMED" },
  {
    what: "a list without a quorum",
    send: (n) => setList(n, { SignerQuorum: 0, SignerEntries: signers(other) }),
    result: "temMALFORMED",
  },
  {
    what: "one signer twice",
    send: (n) => setList(n, { SignerQuorum: 1, SignerEntries: signers(other, other) }),
    result: "temBAD_SIGNER",
  },
  {
    what: "oneself",
    send: (n) => setList(n, { SignerQuorum: 1, SignerEntries: signers(n.alice.address) }),
    result: "temBAD_SIGNER",
  },
  {
    what: "too high a quorum",
    send: (n) => setList(n, { SignerQuorum: 3, SignerEntries: signers(nobody, other) }),
    result: "temBAD_QUORUM",
  },
  {
    what: "a signer of no weight",
    send: (n) => setList(n, { SignerQuorum: 1, SignerEntries: [{ SignerEntry: { Account: other, SignerWeight: 0 } }] }),
    result: "temBAD_WEIGHT",
  },
  {
    what: "33 signers",
    send: (n) => {
      const addresses = Array.from({ length: 33 }, (_, at) => walletNamed(`signer ${at}`).address);
      return setList(n, { SignerQuorum: 1, SignerEntries: signers(...addresses) });
    },
    result: "temMALFORMED",
  },
  {
    what: "a list out of the reserve",
    before: (n) => n.done(pay(n, 998_900_000)),
    send: (n) => setList(n, { SignerQuorum: 1, SignerEntries: signers(other) }),
    result: "tecINSUFFICIENT_RESERVE",
  },
];

const reserved: readonly Case[] = [
  { what: "one", send: (n) => tickets(n, 1), result: "tesSUCCESS" },
  { what: "none", send: (n) => tickets(n, 0), result: "temINVALID_COUNT" },
  { what: "251", send: (n) => tickets(n, 251), result: "temINVALID_COUNT" },
  { what: "250", send: (n) => tickets(n, 250), result: "tesSUCCESS" },
  {
    what: "more than 250 in all",
    before: (n) => n.done(tickets(n, 200)),
    send: (n) => tickets(n, 51),
    result: "tecDIR_FULL",
  },
  {
    what: "out of the reserve",
    before: (n) => n.done(pay(n, 998_700_000)),
    send: (n) => tickets(n, 2),
    result: "tecINSUFFICIENT_RESERVE",
  },
];

describe.each([
  ["Payment", payments],
  ["AccountSet", settings],
  ["SetRegularKey", keys],
  ["SignerListSet", lists],
  ["TicketCreate", reserved],
] as const)("%s", (_type, cases) => {
  test.for(cases)("$what: $result", ({ before, send, result }) => {
    const network = testNetwork();
    before?.(network);
    expect(network.result(send(network))).toBe(result);
  });
});

describe("what settings leave behind", () => {
  it("sets fields and takes them away", () => {
    const network = testNetwork();
    const { alice } = network;
    const locator = "AB".repeat(32);
    network.done(
      set(network, {
        Domain: "61",
        EmailHash: "CD".repeat(16),
        WalletLocator: locator,
        TickSize: 5,
        TransferRate: 1_500_000_000,
      }),
    );
    expect(network.account(alice)).toMatchObject({
      Domain: "61",
      WalletLocator: locator,
      TickSize: 5,
      TransferRate: 1_500_000_000,
    });
    network.done(
      set(network, {
        Domain: "",
        EmailHash: "00".repeat(16),
        WalletLocator: "00".repeat(32),
        TickSize: 16,
        TransferRate: 0,
      }),
    );
    const left = Object.keys(network.account(alice) ?? {});
    for (const name of ["Domain", "EmailHash", "WalletLocator", "TickSize", "TransferRate"])
      expect(left).not.toContain(name);
  });

  it("keeps frozen what it promised never to unfreeze", () => {
    const network = testNetwork();
    network.done(set(network, { SetFlag: 7 }));
    network.done(set(network, { SetFlag: 6 }));
    network.done(set(network, { ClearFlag: 7 }));
    expect(network.account(network.alice)?.Flags).toBe(0x0060_0000);
  });

  it("chains transactions by AccountTxnID once it is asked to", () => {
    const network = testNetwork();
    network.done(set(network, { SetFlag: 5 }));
    const first = network.send(set(network, {}));
    network.engine.accept();
    expect(network.result(set(network, { AccountTxnID: "AB".repeat(32) }))).toBe("tefWRONG_PRIOR");
    expect(network.result(set(network, { AccountTxnID: first.hash }))).toBe("tesSUCCESS");
  });
});
