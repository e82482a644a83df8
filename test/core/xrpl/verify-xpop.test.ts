import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { makeManifest } from "../../../src/core/manifest.ts";
import { anchorMemoType } from "../../../src/core/memo.ts";
import { parseTrust } from "../../../src/core/trust.ts";
import { buildXpop } from "../../../src/core/xrpl/build-xpop.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";
import { verifyXpop, type XpopOptions, type XpopVerdict } from "../../../src/core/xrpl/verify-xpop.ts";
import {
  madeLedger,
  madePublisher,
  madeTransaction,
  type TransactionParts,
  validationBytes,
  validators,
} from "./made-network.ts";
import { anchoringLedger, madeManifest, madeMemos, madeNetwork, madeParts } from "./made-vectors.ts";

const publishers = [{ publicKey: madePublisher.publicKey, network: madeNetwork }];
const unnamed = [{ publicKey: madePublisher.publicKey }];
const stranger = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
const xpop = buildXpop(madeParts());

interface Pins {
  readonly publishers?: readonly { readonly publicKey: string; readonly network?: string }[];
  readonly accounts?: readonly { readonly network: string; readonly account: string }[];
}

const judged = (value: typeof xpop, pins: Pins = {}, options: XpopOptions = {}): XpopVerdict =>
  verifyXpop(value, parseTrust({ publishers, ...pins }), { verify: nodeVerify, ...options });
const layerOf = (verdict: XpopVerdict, name: string) => verdict.layers.find(({ layer }) => layer === name);
const account = judged(xpop).account.address ?? "";

/** The proof of a ledger that holds one transaction. */
function proofOf(parts: Partial<TransactionParts>): typeof xpop {
  const transaction = madeTransaction({ sequence: 2, ...parts });
  const ledger = madeLedger([transaction]);
  const validations = validators(2).map(({ signing }) => validationBytes({ signing, header: ledger.decoded }));
  return buildXpop({ ...madeParts(), ledger, transaction: transactionId(transaction.blob), validations });
}

const onNetwork = (network: string): string => {
  const { partitionId: p, root: r, manifestHash: h, count: c, range } = makeManifest({ ...madeManifest, network });
  return JSON.stringify({
    v: 1,
    p,
    n: network,
    r,
    h,
    c,
    pv: "0",
    rg: range?.join("..") ?? "0",
    algo: "sha256-merkle-v2",
  });
};
const memo = (text: string): NonNullable<TransactionParts["memos"]> => [
  { type: utf8(anchorMemoType), format: utf8("application/json"), data: utf8(text) },
];

describe("the account", () => {
  it("is pinned, or not, or another one is", () => {
    const accounts = [{ network: madeNetwork, account }];
    expect(judged(xpop, { accounts })).toMatchObject({
      verdict: "proven",
      account: { address: account, pinned: true },
    });
    expect(judged(xpop)).toMatchObject({ verdict: "proven", account: { address: account, pinned: false } });
    const other = judged(xpop, { accounts: [{ network: madeNetwork, account: stranger }] });
    expect(other).toMatchObject({ verdict: "failed", facts: null, account: { pinned: false } });
    expect(layerOf(other, "account")?.status).toBe("fail");
    expect(judged(xpop, { accounts: [{ network: "testnet", account: stranger }] }).verdict).toBe("proven");
  });

  it("is named in the summary, and whether it is pinned, proven or not", () => {
    const by = `by account ${account} on ${madeNetwork}`;
    const hint = "(not pinned: anyone can anchor from an account of their own)";
    const accounts = [{ network: madeNetwork, account }];
    expect(judged(xpop, { accounts }).summary).toContain(`${by} (pinned) existed when `);
    expect(judged(xpop).summary).toContain(`${by} ${hint} existed when `);
    const unproven = judged(xpop, { publishers: [] });
    expect(unproven.verdict).toBe("unproven");
    expect(unproven.summary).toContain(`${by} ${hint}: nothing contradicts the proof`);
    expect(judged(proofOf({})).summary).toContain(` by ${account} existed when `);
  });

  it("of a transaction that anchors nothing is nobody's concern", () => {
    const plain = proofOf({});
    const verdict = judged(plain, { accounts: [{ network: madeNetwork, account: stranger }] });
    expect(verdict).toMatchObject({ verdict: "proven", facts: { anchor: null }, account: { pinned: false } });
    expect(layerOf(verdict, "memo")?.status).toBe("unproven");
    expect(layerOf(verdict, "account")?.status).toBe("unproven");
  });
});

describe("the memo", () => {
  it("says what was closed", () => {
    expect(judged(xpop).facts?.anchor?.manifest).toEqual(madeManifest);
    expect(layerOf(judged(xpop), "memo")?.detail).toContain(`2026-07: 1 events, root ${madeManifest.root}`);
    expect(proofOf({ memos: madeMemos, networkId: 31_337 })).toHaveProperty("ledger");
  });

  test.for<[string, Partial<TransactionParts>, string]>([
    ["is for a network that the transaction does not name", { memos: madeMemos }, "names the network none"],
    [
      "is for another network than the transaction names",
      { memos: madeMemos, networkId: 31_338 },
      "names the network 31338",
    ],
    ["is for mainnet, the transaction for another", { memos: memo(onNetwork("mainnet")), networkId: 31_337 }, "31337"],
    ["is for a network by its URL", { memos: memo(onNetwork("wss://s1.ripple.com")), networkId: 31_337 }, 'not "wss'],
    ["is no JSON", { memos: memo("8f".repeat(32)), networkId: 31_337 }, "JSON"],
    ["is there twice", { memos: [...madeMemos, ...madeMemos.slice(0, 1)], networkId: 31_337 }, "2 memos"],
    ["is of a payment", { memos: madeMemos, networkId: 31_337, type: "Payment" }, "of type 0"],
    ["is of a transaction that did not succeed", { memos: madeMemos, networkId: 31_337, result: "tecNO_DST" }, "124"],
  ])("fails where it %s", ([, parts, says]) => {
    const verdict = judged(proofOf(parts), { publishers: unnamed });
    expect(verdict).toMatchObject({ verdict: "failed", facts: null });
    expect(layerOf(verdict, "memo")).toMatchObject({ status: "fail", detail: expect.stringContaining(says) });
    expect(layerOf(verdict, "validators")?.status).toBe("pass");
    expect(verdict.summary).toContain("The validators' signatures hold, and the anchor fails at its memo: ");
  });

  it("of a public network goes with a transaction that names none, and with that network's publisher", () => {
    const testnet = proofOf({ memos: memo(onNetwork("testnet")) });
    expect(judged(testnet, { publishers: unnamed }).verdict).toBe("proven");
    expect(judged(testnet, { publishers: [{ ...unnamed[0]!, network: "testnet" }] }).verdict).toBe("proven");
    expect(judged(testnet).verdict).toBe("failed");
    expect(judged(testnet, { publishers: unnamed }, { network: "mainnet" }).verdict).toBe("failed");
  });
});

describe("the summary", () => {
  const reset = (network: string): string => ` Test networks are reset: this is about ${network} as it was then.`;
  const local = " A local network convinces nobody else.";

  test.for([
    ["testnet", reset("testnet")],
    ["devnet", reset("devnet")],
    ["local", local],
    ["mainnet", "signed it."],
    [undefined, "signed it."],
  ] as const)("of a transaction on %s ends with what that is worth", ([network, end]) => {
    const pin = { ...unnamed[0]!, ...(network === undefined ? {} : { network }) };
    const verdict = judged(proofOf({}), { publishers: [pin] });
    expect(verdict.verdict).toBe("proven");
    expect(verdict.summary.endsWith(end)).toBe(true);
  });

  it("takes the network of the memo where the publisher's pin names none", () => {
    const testnet = proofOf({ memos: memo(onNetwork("testnet")) });
    expect(judged(testnet, { publishers: unnamed }).summary.endsWith(reset("testnet"))).toBe(true);
    expect(judged(testnet, { publishers: [] }).summary.endsWith(reset("testnet"))).toBe(true);
  });

  it("calls a proof failed whose list is forged", () => {
    const { validation } = xpop as unknown as { readonly validation: { readonly unl: object } };
    const bad = { ...xpop, validation: { ...validation, unl: { ...validation.unl, signature: "00".repeat(64) } } };
    expect(judged(bad as typeof xpop).summary).toContain("The proof fails at its list: ");
  });
});

describe("the network that is asked for", () => {
  it("must be the pin's", () => {
    expect(judged(xpop, {}, { network: madeNetwork }).facts?.network).toBe(madeNetwork);
    expect(judged(xpop, { publishers: unnamed }, { network: madeNetwork }).facts?.network).toBe(madeNetwork);
    expect(judged(xpop, { publishers: unnamed }).facts?.network).toBeNull();
    const other = judged(xpop, {}, { network: "mainnet" });
    expect(other.verdict).toBe("failed");
    expect(layerOf(other, "publisher")?.status).toBe("fail");
  });

  it("must be one", () => {
    expect(() => judged(xpop, {}, { network: "wss://s1.ripple.com" })).toThrow(
      expect.objectContaining({ code: "NETWORK_UNKNOWN" }),
    );
  });
});

it("says what the time is worth", () => {
  const verdict = judged(buildXpop(madeParts({ ledger: anchoringLedger({ closeFlags: 1 }) })));
  expect(verdict.facts?.isCloseTimeAgreed).toBe(false);
  expect(verdict.summary).toContain("(the validators did not agree on the time)");
});
