import { decode, encode } from "ripple-binary-codec";
import { describe, expect, it, test } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import { accountSet, config, payment, testNetwork, type TestNetwork } from "./network.ts";
import { type Fields, multisigned, signed, walletNamed } from "./wallets.ts";

const stranger = walletNamed("stranger");

function blobOf({ fill, alice }: TestNetwork, more: Fields = {}): Uint8Array {
  return signed(fill(accountSet(alice.address, more)), alice);
}

const answerOf = ({ engine }: TestNetwork, blob: Uint8Array): string => {
  const outcome = engine.submit(blob);
  return "refused" in outcome ? `refused: ${outcome.refused}` : outcome.engineResult;
};

describe("who signed", () => {
  it("takes the master key, refuses a stranger's", () => {
    const { result, alice } = testNetwork();
    expect(result(accountSet(alice.address), stranger)).toBe("tefBAD_AUTH");
    expect(result(accountSet(alice.address))).toBe("tesSUCCESS");
  });

  it("takes the regular key, and the master key until it is disabled", () => {
    const { result, done, alice } = testNetwork();
    done({ TransactionType: "SetRegularKey", Account: alice.address, RegularKey: stranger.address });
    expect(result(accountSet(alice.address, { SetFlag: 4 }), stranger)).toBe("tecNEED_MASTER_KEY");
    done(accountSet(alice.address, { SetFlag: 4 }));
    expect(result(accountSet(alice.address))).toBe("tefMASTER_DISABLED");
    expect(result({ TransactionType: "SetRegularKey", Account: alice.address }, stranger)).toBe(
      "tecNO_ALTERNATIVE_KEY",
    );
    done(accountSet(alice.address, { ClearFlag: 4 }), stranger);
    expect(result(accountSet(alice.address))).toBe("tesSUCCESS");
  });

  it("judges several signers by the list, its weights and their own keys", () => {
    const network = testNetwork();
    const { alice, bob, carol, done, engine, fill } = network;
    const phantom = walletNamed("phantom", "ecdsa-secp256k1");
    const SignerEntries = [bob, carol, phantom].map(({ address }, at) => ({
      SignerEntry: { Account: address, SignerWeight: at === 2 ? 2 : 1 },
    }));
    const as = (...wallets: readonly (typeof bob)[]) => wallets.map((wallet) => ({ account: wallet.address, wallet }));
    const fields = () => fill(accountSet(alice.address, { Fee: "40" }));
    const submit = (blob: Uint8Array): string => answerOf(network, blob);
    expect(submit(multisigned(fields(), as(bob)))).toBe("tefNOT_MULTI_SIGNING");
    done({ TransactionType: "SignerListSet", Account: alice.address, SignerQuorum: 2, SignerEntries });
    expect(submit(multisigned(fields(), as(bob)))).toBe("tefBAD_QUORUM");
    expect(submit(multisigned(fields(), as(bob, stranger)))).toBe("tefBAD_SIGNATURE");
    expect(submit(multisigned(fields(), [{ account: bob.address, wallet: carol }, ...as(carol)]))).toBe(
      "tefBAD_SIGNATURE",
    );
    expect(submit(multisigned(fields(), as(bob, carol)))).toBe("tesSUCCESS");
    expect(submit(multisigned(fields(), as(phantom)))).toBe("tesSUCCESS");
    expect(submit(multisigned({ ...fields(), Fee: "29" }, as(bob, carol)))).toBe("telINSUF_FEE_P");
    done({ TransactionType: "SetRegularKey", Account: bob.address, RegularKey: stranger.address });
    done(accountSet(bob.address, { SetFlag: 4 }));
    expect(submit(multisigned(fields(), as(bob, carol)))).toBe("tefMASTER_DISABLED");
    expect(submit(multisigned(fields(), [{ account: bob.address, wallet: stranger }, ...as(carol)]))).toBe(
      "tesSUCCESS",
    );
    expect(engine.open().transactions).toHaveLength(1);
  });

  it("refuses signatures that are none, the second time in other words", () => {
    const network = testNetwork();
    const blob = blobOf(network);
    const forged = fromHex(toHex(blob).replace(/7440(..)/, (_, byte: string) => `7440${byte === "00" ? "01" : "00"}`));
    expect(answerOf(network, forged)).toBe("refused: fails local checks: Invalid signature.");
    expect(answerOf(network, forged)).toBe("refused: fails local checks: Transaction has bad signature.");
  });

  it("refuses a secp256k1 signature with a high S, which anyone can make of a low one", () => {
    const { engine, fill, bob } = testNetwork();
    const json = decode(toHex(signed(fill(accountSet(bob.address)), bob)));
    const [r, s] = derIntegers(json["TxnSignature"] as string);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = derSignature(r, order - s);
    const outcome = engine.submit(fromHex(encode({ ...json, TxnSignature: high })));
    expect(outcome).toEqual({ refused: "fails local checks: Invalid signature." });
  });

  test.for([
    { what: "unsorted", order: (list: readonly number[]) => list.toReversed(), fault: "Unsorted Signers array." },
    {
      what: "double",
      order: (list: readonly number[]) => [list[0]!, list[0]!],
      fault: "Duplicate Signers not allowed.",
    },
  ])("refuses $what signers", ({ order, fault }) => {
    const network = testNetwork();
    const { alice, bob, carol, fill } = network;
    const sorted = decode(
      toHex(
        multisigned(
          fill(accountSet(alice.address)),
          [bob, carol].map((wallet) => ({ account: wallet.address, wallet })),
        ),
      ),
    );
    const first = (sorted["Signers"] as { Signer: { Account: string } }[]).map(({ Signer }) => Signer.Account);
    const wallets = first.map((address) => (address === bob.address ? bob : carol));
    const list = order([0, 1]).map((at) => ({ account: wallets[at]!.address, wallet: wallets[at]! }));
    const blob = multisigned(fill(accountSet(alice.address)), list, true);
    expect(answerOf(network, blob)).toBe(`refused: fails local checks: ${fault}`);
  });
});

function derIntegers(hex: string): readonly [bigint, bigint] {
  const length = Number.parseInt(hex.slice(6, 8), 16) * 2;
  return [BigInt(`0x${hex.slice(8, 8 + length)}`), BigInt(`0x${hex.slice(12 + length)}`)];
}

function derSignature(r: bigint, s: bigint): string {
  const integer = (value: bigint): string => {
    const digits = value.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    const body = Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even;
    return `02${(body.length / 2).toString(16).padStart(2, "0")}${body}`;
  };
  const body = integer(r) + integer(s);
  return `30${(body.length / 2).toString(16).padStart(2, "0")}${body}`.toUpperCase();
}

describe("the blob", () => {
  const broken: readonly (readonly [string, (blob: Uint8Array) => Uint8Array, string])[] = [
    ["empty", () => new Uint8Array(), "Transaction length invalid"],
    ["31 bytes", (blob) => blob.slice(0, 31), "Transaction length invalid"],
    ["more than 1 MiB", () => new Uint8Array(1024 * 1024 + 1), "Transaction length invalid"],
    ["cut short", (blob) => blob.slice(0, -1), "invalid SerialIter getRaw"],
    ["with a byte after it", (blob) => Uint8Array.of(...blob, 0), "invalid SerialIter get8"],
    ["with an end marker", (blob) => Uint8Array.of(...blob, 0xe1, 0x12), "Transaction contains an object terminator"],
    ["with an unknown field", (blob) => Uint8Array.of(...blob, 0x1f, 0, 0), "Unknown field"],
    ["with a field twice", (blob) => Uint8Array.of(...blob, 0x12, 0, 3), "Duplicate field detected"],
  ];
  test.for(broken)("%s", ([, breakIt, fault]) => {
    const network = testNetwork();
    expect(answerOf(network, breakIt(blobOf(network)))).toBe(`refused: ${fault}`);
  });

  it("of a type this network does not know is refused like one nobody knows", () => {
    const { result, alice } = testNetwork();
    const trust = {
      TransactionType: "TrustSet",
      Account: alice.address,
      LimitAmount: { currency: "USD", issuer: stranger.address, value: "1" },
    };
    expect(result(trust)).toBe("Invalid transaction type 20");
  });

  it("with a field of another type is refused", () => {
    const { result, alice } = testNetwork();
    expect(result(accountSet(alice.address, { TicketCount: 1 }))).toBe(
      "Field 'TicketCount' found in disallowed location.",
    );
  });

  it("with its fields in another order is the same transaction", () => {
    const network = testNetwork();
    const blob = blobOf(network);
    const swapped = Uint8Array.of(...blob.slice(3, 8), ...blob.slice(0, 3), ...blob.slice(8));
    const outcome = network.engine.submit(swapped);
    expect(outcome).toMatchObject({ engineResult: "tesSUCCESS" });
    expect(network.engine.open().transactions[0]?.blob).toEqual(blob);
  });
});

describe("memos", () => {
  const memo = (more: Fields) => ({ Memos: [{ Memo: more }] });
  test.for<[string, Fields, string]>([
    ["of 1024 bytes in all", memo({ MemoData: "AA".repeat(1019) }), "tesSUCCESS"],
    ["of 1025 bytes in all", memo({ MemoData: "AA".repeat(1020) }), "The memo exceeds the maximum allowed size."],
    ["with a type of URL characters", memo({ MemoType: toHex(new TextEncoder().encode("a-b/c%20")) }), "tesSUCCESS"],
    ["with a space in the type", memo({ MemoType: "6120" }), "The MemoType and MemoFormat fields may only contain"],
    [
      "with bytes over 127 in the format",
      memo({ MemoFormat: "C3A4" }),
      "The MemoType and MemoFormat fields may only contain",
    ],
    ["with any bytes in the data", memo({ MemoData: "00FF" }), "tesSUCCESS"],
  ])("%s", ([, more, answer]) => {
    const { result, alice } = testNetwork();
    expect(result(accountSet(alice.address, more))).toContain(answer);
  });
});

describe("the network id", () => {
  test.for<[number, Fields, string]>([
    [63_456, { NetworkID: undefined }, "telREQUIRES_NETWORK_ID"],
    [63_456, { NetworkID: 1 }, "telWRONG_NETWORK"],
    [1025, {}, "tesSUCCESS"],
    [1024, {}, "tesSUCCESS"],
    [0, { NetworkID: 0 }, "telNETWORK_ID_MAKES_TX_NON_CANONICAL"],
  ])("%i, with %o: %s", ([networkId, more, answer]) => {
    const { result, alice } = testNetwork(createEngine({ ...config, networkId }));
    expect(result(accountSet(alice.address, more))).toBe(answer);
  });
});

describe("fees, sequences and tickets", () => {
  it("wants the base fee, and no more than there is", () => {
    const { result, alice } = testNetwork();
    expect(result(accountSet(alice.address, { Fee: "9" }))).toBe("telINSUF_FEE_P");
    expect(result(accountSet(alice.address, { Fee: "1000000001" }))).toBe("terINSUF_FEE_B");
    expect(result(accountSet(alice.address, { Fee: "999999999" }))).toBe("tesSUCCESS");
  });

  it("destroys what is paid as a fee", () => {
    const { engine, done, alice } = testNetwork();
    const totalOf = () => toHex(engine.last().header.subarray(4, 12));
    const before = BigInt(`0x${totalOf()}`);
    done(accountSet(alice.address, { Fee: "77" }));
    expect(BigInt(`0x${totalOf()}`)).toBe(before - 77n);
  });

  it("takes each sequence once, in order", () => {
    const { result, account, alice } = testNetwork();
    const { Sequence = 0 } = account(alice) ?? {};
    expect(result(accountSet(alice.address, { Sequence: Sequence - 1 }))).toBe("tefPAST_SEQ");
    expect(result(accountSet(alice.address, { Sequence: Sequence + 1 }))).toBe("terPRE_SEQ");
    expect(result(accountSet(stranger.address, { Sequence: 1 }), stranger)).toBe("terNO_ACCOUNT");
    expect(result(accountSet(alice.address, { LastLedgerSequence: 3 }))).toBe("tefMAX_LEDGER");
    expect(result(accountSet(alice.address, { LastLedgerSequence: 4 }))).toBe("tesSUCCESS");
  });

  it("takes each ticket once, in any order", () => {
    const { result, done, account, alice, engine } = testNetwork();
    const { Sequence = 0 } = account(alice) ?? {};
    done({ TransactionType: "TicketCreate", Account: alice.address, TicketCount: 40 });
    expect(account(alice)).toMatchObject({ Sequence: Sequence + 41, TicketCount: 40, OwnerCount: 40 });
    const use = (ticket: number) => result(accountSet(alice.address, { Sequence: 0, TicketSequence: ticket }));
    const all = Array.from({ length: 40 }, (_, at) => Sequence + 1 + ((at * 7) % 40));
    for (const ticket of all) expect(use(ticket)).toBe("tesSUCCESS");
    expect(use(Sequence + 1)).toBe("tefNO_TICKET");
    expect(use(Sequence + 41)).toBe("terPRE_TICKET");
    expect(result(accountSet(alice.address, { TicketSequence: Sequence + 1 }))).toBe("temSEQ_AND_TICKET");
    expect(engine.accept().transactions).toHaveLength(40);
    expect(account(alice)).toMatchObject({ OwnerCount: 0 });
    expect(Object.keys(account(alice) ?? {})).not.toContain("TicketCount");
  });

  it("looks at nothing of what it knows to be malformed", () => {
    const network = testNetwork();
    const blob = signed(network.fill(payment(network.alice.address, network.bob.address, 0)), network.alice);
    expect(network.engine.submit(blob)).toMatchObject({ engineResult: "temBAD_AMOUNT", accepted: true, kept: true });
    expect(network.engine.submit(blob)).toMatchObject({
      engineResult: "temBAD_SIGNATURE",
      accepted: false,
      kept: false,
    });
  });
});
