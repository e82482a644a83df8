import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { toHex, utf8 } from "../../../src/core/bytes.ts";
import type { VerifySignature } from "../../../src/core/ed25519.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { buildXpop } from "../../../src/core/xrpl/build-xpop.ts";
import { headerJson } from "../../../src/core/xrpl/header-json.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";
import { parseValidatorList } from "../../../src/core/xrpl/validator-list.ts";
import { verifyXpop, type XpopVerdict } from "../../../src/core/xrpl/verify-xpop.ts";
import { parseXpop, readXpop, xpopJson } from "../../../src/core/xrpl/xpop.ts";
import {
  edKey,
  followers,
  listContent,
  listJson,
  listV2Json,
  madeCloseRippleS,
  madeLedger,
  madePublisher,
  madeTransaction,
  manifestBytes,
  secpKey,
  signedBlob,
  validationBytes,
  validators,
} from "./made-network.ts";
import { anchoringLedger, madeNetwork, madeParts, patched, treeForm, withValidations } from "./made-vectors.ts";

const trust = { publishers: [{ publicKey: madePublisher.publicKey, network: madeNetwork }], accounts: [] };
const xpop = buildXpop(madeParts());
const [one, two] = validators(2);
const ledger = anchoringLedger();
const zeros = "0".repeat(64);

const judged = (value: JsonValue, verify: VerifySignature = nodeVerify): XpopVerdict =>
  verifyXpop(value, trust, { verify });
const layerOf = ({ layers }: XpopVerdict): string | undefined => layers.find(({ status }) => status === "fail")?.layer;
const code = (name: string) => expect.objectContaining({ code: name });
const header = (changes: JsonObject): JsonObject => patched(xpop, "ledger", changes);
const proof = (value: JsonValue): JsonObject => patched(xpop, "transaction", { proof: value });
const validation = (changes: JsonObject): JsonObject => patched(xpop, "validation", changes);

function nested(depth: number, inner: JsonValue, wrap: (value: JsonValue) => JsonValue): JsonValue {
  let value = inner;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

describe("what is no XPOP", () => {
  test.for<[string, JsonValue, string]>([
    ["a list", [], "XPOP_MALFORMED"],
    ["null", null, "XPOP_MALFORMED"],
    ["an unknown member", { ...xpop, network: "mainnet" }, "XPOP_MALFORMED"],
    ["an unknown member of a section", validation({ quorum: 1 }), "XPOP_MALFORMED"],
    ["an index over 32 bits", header({ index: 2 ** 32 }), "XPOP_MALFORMED"],
    ["an index in quotes", header({ index: "9000000" }), "XPOP_MALFORMED"],
    ["half a close time", header({ close: 0.5 }), "XPOP_MALFORMED"],
    ["a negative close time", header({ pclose: -1 }), "XPOP_MALFORMED"],
    ["a resolution that a byte would cut to 10", header({ cres: 266 }), "XPOP_MALFORMED"],
    ["flags over a byte", header({ flags: 256 }), "XPOP_MALFORMED"],
    ["flags that are true", header({ flags: true }), "XPOP_MALFORMED"],
    ["coins over 2^53 as a number", header({ coins: 99_985_000_000_000_000 }), "XPOP_MALFORMED"],
    ["coins with a sign", header({ coins: "+99985000000000000" }), "XPOP_MALFORMED"],
    ["coins in hex", header({ coins: "0x16337" }), "XPOP_MALFORMED"],
    ["coins over 64 bits", header({ coins: "99999999999999999999" }), "XPOP_MALFORMED"],
    ["coins with a leading zero", header({ coins: "099985000000000000" }), "XPOP_MALFORMED"],
    ["a hash of 31 bytes", header({ phash: "00".repeat(31) }), "XPOP_MALFORMED"],
    ["half a byte of metadata", patched(xpop, "transaction", { meta: "ABC" }), "XPOP_MALFORMED"],
    ["a proof that is a number", proof(7), "XPOP_MALFORMED"],
    ["validations in a list", validation({ data: [] }), "XPOP_MALFORMED"],
    ["a validation that is no hex", validation({ data: { n9: "xyz" } }), "XPOP_MALFORMED"],
    ["a validation that is an object", validation({ data: { n9: {} } }), "XPOP_MALFORMED"],
    [
      "513 validations",
      validation({ data: Object.fromEntries(Array.from({ length: 513 }, (_, at) => [`n${at}`, "00"])) }),
      "XPOP_MALFORMED",
    ],
    ["an empty chain", { ...xpop, chain: [] }, "XPOP_MALFORMED"],
    [
      "a chain of 4097 headers",
      { ...xpop, chain: Array.from({ length: 4097 }, () => headerJson(ledger.decoded)) },
      "XPOP_MALFORMED",
    ],
    ["no extra manifests", validation({ manifests: [] }), "XPOP_MALFORMED"],
    ["an extra manifest that is no base64", validation({ manifests: ["?"] }), "XPOP_MALFORMED"],
    ["257 extra manifests", validation({ manifests: Array.from({ length: 257 }, () => "") }), "XPOP_MALFORMED"],
    ["a list of version 3", validation({ unl: { ...listJson("{}"), version: 3 } }), "XRPL_LIST_MALFORMED"],
    ["a list of version true", validation({ unl: { ...listJson("{}"), version: true } }), "XRPL_LIST_MALFORMED"],
    ["a list of version 2 without lists", validation({ unl: listV2Json([]) }), "XRPL_LIST_MALFORMED"],
    [
      "a list of version 2 with both spellings",
      validation({ unl: { ...listV2Json([signedBlob("{}")]), "blobs-v2": [signedBlob("{}")] } }),
      "XRPL_LIST_MALFORMED",
    ],
    [
      "six lists",
      validation({ unl: listV2Json(Array.from({ length: 6 }, (_, sequence) => signedBlob({ sequence }))) }),
      "XRPL_LIST_MALFORMED",
    ],
    ["base64 with spare bits", validation({ unl: { ...listJson("{}"), blob: "e31=" } }), "XRPL_LIST_MALFORMED"],
  ])("%s", ([, value, expected]) => {
    expect(() => judged(value)).toThrow(code(expected));
    expect(() => readXpop(JSON.stringify(value))).toThrow(code(expected));
  });

  const text = JSON.stringify(xpop);
  test.for<[string, string, string]>([
    ["a key twice", text.replace('"close":', '"close":1,"close":'), "JSON_DUPLICATE_KEY"],
    ["a key twice, once as an escape", text.replace('"close":', '"clos\\u0065":1,"close":'), "JSON_DUPLICATE_KEY"],
    ["a validator's label twice", text.replace('"data":{', '"data":{"n":"00","n":"00",'), "JSON_DUPLICATE_KEY"],
    ["a number that no double holds", text.replace(/"close":\d+/, '"close":1e999'), "JSON_NUMBER_OUT_OF_RANGE"],
    ["text behind the end", `${text}{}`, "JSON_MALFORMED"],
    ["a cut", text.slice(0, -1), "JSON_MALFORMED"],
    ["more than 2 MB", `${text}${" ".repeat(2_000_000)}`, "JSON_TOO_LARGE"],
    ["lists a million deep", `{"transaction":{"proof":${"[".repeat(900_000)}${"]".repeat(900_000)}}}`, "JSON_TOO_DEEP"],
    ["objects a hundred thousand deep", '{"children":'.repeat(100_000) + "1" + "}".repeat(100_000), "JSON_TOO_DEEP"],
  ])("%s", ([, spoilt, expected]) => {
    expect(() => verifyXpop(utf8(spoilt), trust)).toThrow(code(expected));
  });
});

describe("proofs", () => {
  const leaf = { hash: zeros, key: zeros, children: {} };
  const inner = (children: JsonObject): JsonObject => ({ hash: zeros, key: zeros, children });
  const everywhere = (value: JsonValue): JsonValue[] => Array.from({ length: 16 }, () => value);
  const children = (value: JsonValue): JsonObject =>
    Object.fromEntries(Array.from({ length: 16 }, (_, nibble) => [nibble.toString(16), value]));
  const everyNode = (value: JsonValue): JsonValue => inner(children(value));
  const tree = treeForm(ledger);

  test.for<[string, JsonValue]>([
    ["an empty list", []],
    ["17 entries", [...everywhere(zeros), zeros]],
    ["a hash of 31 bytes", everywhere("00".repeat(31))],
    ["lists that lead nowhere", everywhere([zeros])],
    ["65 levels of lists", nested(65, zeros, everywhere)],
    ["a tree of one leaf and no root", leaf],
    ["a tree without our leaf", inner({ 0: leaf })],
    ["an empty tree", inner({})],
    ["a tree with a child G", inner({ G: leaf })],
    ["a tree with a child 10", inner({ 10: leaf })],
    ["a tree with a child twice, in either case", inner({ a: leaf, A: leaf })],
    ["a tree with a member more", { ...tree, note: 1 }],
    ["a tree of texts", inner(children("x"))],
    ["65 levels of tree", nested(65, leaf, everyNode)],
    ["a tree that is its own child sixteen times, sixty deep", nested(60, leaf, everyNode)],
  ])("refuse %s", ([, value]) => {
    expect(layerOf(judged(proof(value)))).toBe("path");
  });

  it("of trees do not depend on what inner nodes state", () => {
    expect(judged(proof(tree)).verdict).toBe("proven");
    expect(judged(proof({ ...tree, hash: "AB".repeat(32), key: "CD".repeat(32) })).verdict).toBe("proven");
  });

  it("of large trees hash every branch, also beside the way", () => {
    const many = madeLedger([
      ...ledger.transactions,
      ...Array.from({ length: 60 }, (_, at) => madeTransaction({ sequence: 100 + at })),
    ]);
    const large = buildXpop(madeParts({ ledger: many }));
    const whole = (value: JsonValue): JsonObject => patched(large, "transaction", { proof: value });
    const form = treeForm(many);
    const nibbles = Object.keys(form["children"] as JsonObject);
    expect(judged(whole(form)).verdict).toBe("proven");
    for (const nibble of nibbles) {
      const { [nibble]: _cut, ...rest } = form["children"] as JsonObject;
      expect(layerOf(judged(whole({ ...form, children: rest })))).toBe("path");
    }
    expect(nibbles).toHaveLength(16);
  });

  it("of trees name the transaction at its leaf", () => {
    const id = toHex(transactionId(ledger.transactions[1]!.blob));
    const posing = JSON.parse(JSON.stringify(tree).replace(`"key":"${id}"`, `"key":"${zeros}"`)) as JsonObject;
    expect(posing).not.toEqual(tree);
    expect(layerOf(judged(proof(posing)))).toBe("path");
  });
});

describe("signatures", () => {
  it("are not checked when the hashes do not fit", () => {
    let checks = 0;
    const counting: VerifySignature = (...given) => {
      checks++;
      return nodeVerify(...given);
    };
    for (const value of [proof([]), header({ txroot: zeros }), { ...xpop, chain: [headerJson(ledger.decoded)] }]) {
      expect(judged(value, counting).verdict).toBe("failed");
    }
    expect(verifyXpop(xpop, { publishers: [], accounts: [] }, { verify: counting }).verdict).toBe("unproven");
    expect(checks).toBe(0);
    expect(judged(xpop, counting).verdict).toBe("proven");
    // Publisher: two of the manifest, and for the list the manifest again and the list. Members: the master key of each.
    expect(checks).toBe(7);
  });

  it("are checked once for validations that come again", () => {
    const own = validationBytes({ signing: one!.signing, header: ledger.decoded });
    const wrong = own.with(own.length - 1, own.at(-1)! ^ 1);
    const again = Array.from({ length: 500 }, () => wrong);
    const verdict = judged(withValidations(xpop, [...again, own]));
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toContain("1 of 2 validators");
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toContain("1 with a bad signature");
  });

  it("of this hash under another index count for nothing", () => {
    const votes = [0, 1].map((at) =>
      validationBytes({ signing: [one!, two!][at]!.signing, header: ledger.decoded, ledgerIndex: 9_000_000 + at }),
    );
    const verdict = judged(withValidations(xpop, votes));
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toContain("1 of another ledger");
  });

  it("by strangers and bytes that are nothing count for nothing and spoil nothing", () => {
    const votes = [one!, two!].map(({ signing }) => validationBytes({ signing, header: ledger.decoded }));
    const strangers = validators(5)
      .slice(2)
      .map(({ signing }) => validationBytes({ signing, header: ledger.decoded }));
    const junk = [new Uint8Array(), new Uint8Array(20_000), utf8("validation"), votes[0]!.subarray(1)];
    const verdict = judged(withValidations(xpop, [...junk, ...strangers, ...votes]));
    expect(verdict.verdict).toBe("proven");
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toBe(
      "2 of 2 validators signed ledger 9000000, 2 are needed; not counted: 4 malformed, 3 of keys that the list does not name",
    );
  });
});

describe("lists", () => {
  const signed = (content: JsonObject | string): XpopVerdict => judged(validation({ unl: listJson(content) }));
  const members = [one!, two!];
  const usual = listContent({ members });

  test.for<[string, JsonObject | string]>([
    ["no JSON", "sequence=1"],
    ["a key twice", '{"sequence":1,"sequence":2,"expiration":900000000,"validators":[]}'],
    ["no validators", { ...usual, validators: [] }],
    ["no expiration", { sequence: 1, validators: [] }],
    ["an expiration over 32 bits", { ...usual, expiration: 2 ** 32 }],
    ["a sequence below zero", { ...usual, sequence: -1 }],
    ["the expiration before the beginning", { ...usual, effective: madeCloseRippleS + 2000 }],
    ["a validator that is a text", { ...usual, validators: ["ED"] }],
    ["a key of 32 bytes", { ...usual, validators: [{ validation_public_key: "AB".repeat(32) }] }],
    [
      "257 validators",
      {
        ...usual,
        validators: Array.from({ length: 257 }, (_, at) => ({
          validation_public_key: `ED${at.toString(16).padStart(64, "0")}`,
        })),
      },
    ],
  ])("of %s are refused", ([, content]) => {
    expect(layerOf(signed(content))).toBe("list");
  });

  it("bear the pinned name and somebody else's manifest: refused", () => {
    const forger = { master: edKey("forger"), signing: secpKey("forger") };
    const unl = {
      ...listJson(usual),
      manifest: Buffer.from(manifestBytes(forger)).toString("base64"),
      ...signedBlob(usual, forger.signing),
    };
    expect(layerOf(judged(validation({ unl })))).toBe("publisher");
    const own = { manifest: unl.manifest, ...signedBlob(usual, forger.signing) };
    expect(layerOf(judged(validation({ unl: listV2Json([own]) })))).toBe("list");
  });

  it("name members that are nothing, and these count among all", () => {
    const odd = ["00".repeat(33), `ED${"00".repeat(32)}`].map((key) => ({
      validation_public_key: key,
      manifest: "!",
    }));
    const verdict = signed({ ...usual, validators: [...(usual["validators"] as JsonValue[]), ...odd] });
    expect(verdict.verdict).toBe("unproven");
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toContain("2 of 4 validators");
  });

  it("name a member twice, and it counts once, by its newest manifest", () => {
    const twice = (manifest: Uint8Array) =>
      signed(listContent({ members: [one!, two!, { master: one!.master, manifest }] }));
    expect(twice(manifestBytes({ master: one!.master, signing: one!.signing, sequence: 5 })).facts).toMatchObject({
      votes: 2,
      validators: 2,
    });
    expect(twice(manifestBytes({ master: one!.master, signing: two!.signing, sequence: 5 })).verdict).toBe("unproven");
    expect(twice(manifestBytes({ master: one!.master, sequence: 0xffff_ffff })).verdict).toBe("unproven");
    expect(twice(manifestBytes({ master: two!.master, signing: one!.signing, sequence: 5 })).verdict).toBe("proven");
  });

  it("of version 2 are read in both spellings, each with its own manifest", () => {
    const signing = members[0]!.signing;
    const manifest = manifestBytes({ master: madePublisher.master, signing, sequence: 9 });
    const spelt = { manifest: Buffer.from(manifest).toString("base64"), ...signedBlob(usual, signing) };
    for (const name of ["blobs_v2", "blobs-v2"]) {
      expect(judged(validation({ unl: listV2Json([spelt], name) })).verdict).toBe("proven");
    }
    const { manifest: _manifest, ...bare } = spelt;
    expect(layerOf(judged(validation({ unl: listV2Json([bare]) })))).toBe("list");
  });

  it("that have expired are not replaced by older ones", () => {
    const blobs = [
      signedBlob(listContent({ members, sequence: 1 })),
      signedBlob(listContent({ members, sequence: 2, expiration: madeCloseRippleS })),
    ];
    expect(layerOf(judged(validation({ unl: listV2Json(blobs) })))).toBe("list");
    expect(layerOf(judged(validation({ unl: listV2Json([blobs[0]!, blobs[0]!]) })))).toBe("list");
  });
});

describe("the one spelling", () => {
  it("is of any form of the same", () => {
    const other = proof(treeForm(ledger));
    expect(xpopJson(parseXpop(other))).toEqual(xpop);
    const lists = listV2Json([signedBlob(listContent({ members: [one!, two!] }))]);
    expect(xpopJson(parseXpop(validation({ unl: lists })))).toEqual(xpop);
  });

  it("is of validations, each by another key", () => {
    const twice = [7, 8].map((cookie) => validationBytes({ signing: one!.signing, header: ledger.decoded, cookie }));
    expect(() => xpopJson(parseXpop(withValidations(xpop, twice)))).toThrow(code("XPOP_MALFORMED"));
    expect(() => xpopJson(parseXpop(validation({ data: { n9: "00" } })))).toThrow(code("XPOP_MALFORMED"));
  });
});

describe("chains", () => {
  const chain = followers(ledger.decoded, 3);
  const json = (headers: typeof chain): JsonValue => headers.map(headerJson);
  const last = chain.at(-1)!;
  const votes = [one!, two!].map(({ signing }) => validationBytes({ signing, header: last }));
  const chained = withValidations({ ...xpop, chain: json(chain) }, votes);

  test.for<[string, JsonValue]>([
    ["a header left out", json([chain[0]!, last])],
    ["headers in another order", json([chain[1]!, chain[0]!, last])],
    ["a header twice", json([chain[0]!, chain[0]!, chain[1]!, last])],
    ["an index that jumps", json(chain.with(2, { ...last, index: last.index + 1 }))],
  ])("are refused with %s", ([, value]) => {
    expect(layerOf(judged({ ...chained, chain: value }))).toBe("header");
  });

  it("are judged by their last ledger, and date the first", () => {
    expect(judged(chained).facts).toMatchObject({
      ledgerIndex: 9_000_000,
      closeTime: "2026-08-14T05:20:00Z",
      validatedLedgerIndex: 9_000_003,
    });
    const expired = { unl: listJson(listContent({ members: [one!, two!], expiration: last.closeTimeRippleS })) };
    expect(layerOf(judged(patched(chained, "validation", expired)))).toBe("list");
  });
});

it("a label is a hint that nobody signed", () => {
  const data = (xpop["validation"] as { readonly data: JsonObject }).data;
  const swapped = Object.fromEntries(Object.values(data).map((value, at) => [`__proto__${at}`, value]));
  expect(judged(validation({ data: swapped })).facts).toEqual(judged(xpop).facts);
  expect(toHex(parseValidatorList(listJson("{}")).publicKey).toUpperCase()).toBe(madePublisher.publicKey);
});
