import { fromHex, toBase64, toHex } from "../../../src/core/bytes.ts";
import type { Evidence } from "../../../src/core/evidence.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { makeManifest } from "../../../src/core/manifest.ts";
import { anchorMemos, type Memo } from "../../../src/core/memo.ts";
import { buildXpop, type XpopParts } from "../../../src/core/xrpl/build-xpop.ts";
import { headerJson } from "../../../src/core/xrpl/header-json.ts";
import { encodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { nibbleAt, transactionLeaf } from "../../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";
import { parseValidatorList } from "../../../src/core/xrpl/validator-list.ts";
import {
  edKey,
  followers,
  listContent,
  type ListParts,
  listJson,
  listV2Json,
  madeCloseRippleS,
  type MadeLedger,
  madeLedger,
  madePublisher,
  madeTransaction,
  manifestBytes,
  secpKey,
  signedBlob,
  type ValidationParts,
  validationBytes,
  type Validator,
  validators,
} from "./made-network.ts";

export const madeNetwork = "xrpl-31337";

const root = "8f".repeat(32);
const first = "0a".repeat(32);

export const madeManifest = makeManifest({
  partitionId: "2026-07",
  network: madeNetwork,
  prev: null,
  range: [first, first],
  count: 1,
  root,
});

const evidence: Evidence = {
  v: 1,
  p: "2026-07",
  d: "1b".repeat(32),
  k: "2c".repeat(32),
  o: "ledger.test/ledger",
  s: 1,
  l: "3d".repeat(32),
};

export const madeMemos: readonly Memo[] = anchorMemos(madeManifest, evidence);

/** Some transactions of which the second anchors. */
export function anchoringLedger(changes: Parameters<typeof madeLedger>[1] = {}, result = "tesSUCCESS"): MadeLedger {
  const others = [1, 3, 4, 5].map((sequence) => madeTransaction({ sequence }));
  const anchor = madeTransaction({ sequence: 2, memos: madeMemos, result, networkId: 31_337 });
  return madeLedger(others.toSpliced(1, 0, anchor), changes);
}

function anchorOf({ transactions }: MadeLedger): Uint8Array {
  const [, anchor] = transactions;
  if (!anchor) throw new Error("the ledger holds no anchor");
  return transactionId(anchor.blob);
}

export interface MadeParts {
  readonly ledger?: MadeLedger;
  readonly members?: readonly Validator[];
  readonly list?: Partial<ListParts>;
  readonly validation?: Partial<ValidationParts>;
}

/** What a network of `members` gives for the anchor of its ledger. */
export function madeParts({ ledger = anchoringLedger(), members = validators(2), ...rest }: MadeParts = {}): XpopParts {
  return {
    ledger,
    transaction: anchorOf(ledger),
    validations: members.map(({ signing }) => validationBytes({ signing, header: ledger.decoded, ...rest.validation })),
    list: parseValidatorList(listJson(listContent({ members, ...rest.list }))),
  };
}

/** Replaces parts of an XPOP that nobody would sign. */
export function patched(xpop: JsonObject, section: string, changes: JsonObject): JsonObject {
  return { ...xpop, [section]: { ...(xpop[section] as JsonObject), ...changes } };
}

export function withValidations(xpop: JsonObject, validations: readonly Uint8Array[]): JsonObject {
  const data = Object.fromEntries(validations.map((bytes, at) => [`n${at}`, toHex(bytes).toUpperCase()]));
  return patched(xpop, "validation", { data });
}

/** The whole transaction tree as objects, XLS-41's other form, with inner hashes that are not true. */
export function treeForm({ transactions }: MadeLedger): JsonObject {
  const zeros = "0".repeat(64);
  const leaves = transactions.map(({ blob, meta }) => {
    const key = transactionId(blob);
    return { nibbles: key, json: { hash: toHex(transactionLeaf(blob, meta)), key: toHex(key), children: {} } };
  });
  const below = (some: typeof leaves, depth: number): JsonObject => {
    const groups = Map.groupBy(some, ({ nibbles }) => nibbleAt(nibbles, depth).toString(16).toUpperCase());
    const children = Array.from(groups, ([nibble, [only, ...more]]) => [
      nibble,
      only && more.length === 0 ? only.json : below(groups.get(nibble) ?? [], depth + 1),
    ]);
    return { hash: zeros, key: zeros, children: Object.fromEntries(children) as JsonObject };
  };
  return below(leaves, 0);
}

interface Expectation {
  readonly verdict: "proven" | "unproven" | "failed";
  /** The first layer that does not pass. */
  readonly layer?: string;
  readonly facts?: JsonObject;
}

interface VectorCase {
  readonly name: string;
  readonly comment: string;
  readonly xpop: JsonValue;
  readonly publishers?: readonly JsonObject[];
  readonly expect: Expectation;
}

const proven = (facts: JsonObject = {}): Expectation => ({ verdict: "proven", facts });
const pin = { publicKey: madePublisher.publicKey, network: madeNetwork };

function good(): VectorCase[] {
  const ledger = anchoringLedger();
  const members = validators(2);
  const plain = buildXpop(madeParts());
  const facts = { ledgerIndex: 9_000_000, votes: 2, quorum: 2, validators: 2, listSequence: 1, network: madeNetwork };
  const transaction = plain["transaction"] as JsonObject;
  const lower = JSON.parse(
    JSON.stringify(plain).replaceAll(/"[0-9A-F]{64,}"/g, (hex) => hex.toLowerCase()),
  ) as JsonObject;
  const short = (lower["transaction"] as { readonly proof: readonly JsonValue[] }).proof;
  const lastUsed = short.findLastIndex((entry) => entry !== "0".repeat(64));
  const lists = [
    signedBlob(listContent({ members, sequence: 4, effective: madeCloseRippleS - 50 })),
    signedBlob(listContent({ members: validators(1), sequence: 5, effective: madeCloseRippleS + 50 })),
  ];
  return [
    { name: "list form", comment: "Two of two, anchor memo.", xpop: plain, expect: proven(facts) },
    {
      name: "tree form",
      comment: "The whole tree; the hashes of inner nodes are zeros, and nobody believes them.",
      xpop: patched(plain, "transaction", { ...transaction, proof: treeForm(ledger) }),
      expect: proven(facts),
    },
    {
      name: "short lists in lower case",
      comment: "A list of fewer than 16 is filled up with zero hashes; hex is of any case.",
      xpop: patched(lower, "transaction", { proof: short.slice(0, lastUsed + 1) }),
      expect: proven(facts),
    },
    {
      name: "list of version 2",
      comment: "Two signed lists, of which the second comes into force after the close.",
      xpop: patched(plain, "validation", { unl: listV2Json(lists) }),
      expect: proven({ ...facts, listSequence: 4 }),
    },
    ...goodExtensions(plain, facts),
  ];
}

function goodExtensions(plain: JsonObject, facts: JsonObject): VectorCase[] {
  const ledger = anchoringLedger();
  const members = validators(2);
  const chain = followers(ledger.decoded, 3);
  const last = chain.at(-1) ?? ledger.decoded;
  const [rotated, other] = members;
  if (!rotated || !other) throw new Error("there are two validators");
  const signing = secpKey("rotated");
  const newer = manifestBytes({ master: rotated.master, signing, sequence: 2 });
  const unagreed = anchoringLedger({ closeFlags: 1 });
  return [
    {
      name: "chain of headers",
      comment: "Beyond XLS-41: the validations are for the third ledger after the transaction's.",
      xpop: buildXpop({
        ...madeParts({ validation: { header: last } }),
        chain: chain.map(encodeLedgerHeader),
      }),
      expect: proven({ ...facts, validatedLedgerIndex: 9_000_003 }),
    },
    {
      name: "rotated signing key",
      comment:
        "Beyond XLS-41: a validator took a new signing key after the list was signed; its manifest is beside it.",
      xpop: buildXpop({
        ...madeParts(),
        validations: [signing, other.signing].map((key) => validationBytes({ signing: key, header: ledger.decoded })),
        manifests: [newer],
      }),
      expect: proven(facts),
    },
    {
      name: "no agreement on the close time",
      comment: "Flag 1 of the header.",
      xpop: buildXpop(madeParts({ ledger: unagreed })),
      expect: proven({ ...facts, isCloseTimeAgreed: false }),
    },
    {
      name: "publisher pinned for the time",
      comment: "The pin's window covers the close time and nothing else.",
      xpop: plain,
      publishers: [{ ...pin, validFrom: "2026-08-14T05:20:00Z", validUntil: "2026-08-14T05:20:01Z" }],
      expect: proven(facts),
    },
  ];
}

function bad(): VectorCase[] {
  const plain = buildXpop(madeParts());
  const ledger = anchoringLedger();
  const members = validators(2);
  const [one, two] = members;
  if (!one || !two) throw new Error("there are two validators");
  const vote = (parts: Partial<ValidationParts> & Pick<ValidationParts, "signing">): Uint8Array =>
    validationBytes({ header: ledger.decoded, ...parts });
  const listed = (parts: Partial<ListParts>): JsonObject =>
    patched(plain, "validation", { unl: listJson(listContent({ members, ...parts })) });
  const revoked = { ...two, manifest: manifestBytes({ master: two.master, sequence: 0xffff_ffff }) };
  const tec = anchoringLedger({}, "tecNO_DST");
  const unproven = (layer: string): Expectation => ({ verdict: "unproven", layer });
  const failed = (layer: string): Expectation => ({ verdict: "failed", layer });
  const own = vote({ signing: one.signing });
  return [
    ["one vote short", withValidations(plain, [own]), unproven("validators")],
    [
      "one vote twice",
      withValidations(plain, [own, vote({ signing: one.signing, cookie: 8 })]),
      unproven("validators"),
    ],
    [
      "a partial validation",
      withValidations(plain, [own, vote({ signing: two.signing, flags: 0x8000_0000 })]),
      unproven("validators"),
    ],
    [
      "another ledger signed",
      withValidations(plain, [own, vote({ signing: two.signing, ledgerHash: fromHex("00".repeat(32)) })]),
      failed("validators"),
    ],
    ["a revoked validator", listed({ members: [one, revoked] }), unproven("validators")],
    ["a validator without manifest", listed({ members: [one, { master: two.master }] }), unproven("validators")],
    ["a list that had expired", listed({ expiration: madeCloseRippleS }), failed("list")],
    ["a list of later", listed({ effective: madeCloseRippleS + 1 }), failed("list")],
    [
      "a list that another key signed",
      patched(plain, "validation", {
        unl: { ...listJson("{}"), ...signedBlob(listContent({ members }), edKey("anybody")) },
      }),
      failed("list"),
    ],
    [
      "a publisher's manifest that revokes",
      patched(plain, "validation", {
        unl: {
          ...listJson(listContent({ members })),
          manifest: toBase64(manifestBytes({ master: madePublisher.master, sequence: 0xffff_ffff })),
        },
      }),
      failed("publisher"),
    ],
    ["an anchor that did not succeed", buildXpop(madeParts({ ledger: tec })), failed("memo")],
    [
      "a header that does not follow",
      { ...plain, chain: [headerJson({ ...ledger.decoded, index: 9_000_001 })] },
      failed("header"),
    ],
  ].map(([name, xpop, expect]) => ({ name, comment: "", xpop, expect }) as VectorCase);
}

function badPins(): VectorCase[] {
  const xpop = buildXpop(madeParts());
  const otherKey = toHex(edKey("another publisher").publicKey).toUpperCase();
  return [
    {
      name: "another publisher pinned",
      comment: "",
      xpop,
      publishers: [{ ...pin, publicKey: otherKey }],
      expect: { verdict: "unproven", layer: "publisher" },
    },
    {
      name: "publisher pinned for another time",
      comment: "",
      xpop,
      publishers: [{ ...pin, validUntil: "2026-08-14T05:20:00Z" }],
      expect: { verdict: "unproven", layer: "publisher" },
    },
    {
      name: "publisher pinned for another network than the memo names",
      comment: "",
      xpop,
      publishers: [{ ...pin, network: "testnet" }],
      expect: { verdict: "failed", layer: "memo" },
    },
  ];
}

/** The content of `test/vectors/xpop.json`. */
export function madeVectors(): JsonObject {
  return {
    comment:
      "XPOPs (XLS-41) of a network that nobody runs; keys follow from their names. Unless a case has publishers of its own, the one below is pinned. `layer` is the first that does not pass.",
    publishers: [pin],
    cases: [...good(), ...bad(), ...badPins()] as unknown as JsonValue,
  };
}
