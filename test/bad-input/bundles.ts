import { type BadInput, wrong } from "./bad-input.ts";

type Json = Record<string, unknown>;

const verify = "verify PROOF --trust TRUST --format json";
const verifyText = "verify PROOF --trust TRUST";
const zeros = "0".repeat(64);

const part = (proof: Json, name: string): Json => proof[name] as Json;

/** A proof with one thing changed. */
function altered(
  name: string,
  change: (proof: Json) => void,
  answer: BadInput["answer"],
  ...says: readonly string[]
): BadInput {
  return {
    name: `a proof with ${name}`,
    spoil: (place) => place.edit("release.proof.json", change),
    run: "error" in answer ? verifyText : verify,
    answer,
    says,
  };
}

const bundle = wrong("BUNDLE_MALFORMED");

const proofs: readonly BadInput[] = [
  altered("a version to come", (proof) => (proof["v"] = 2), wrong("FORMAT_VERSION_UNKNOWN"), "version 2", "version 1"),
  altered("no version", (proof) => delete proof["v"], bundle, '"v" is missing'),
  altered("another type", (proof) => (proof["type"] = "receipt"), bundle, "repomesh-proof-bundle"),
  altered("another dialect", (proof) => (proof["dialect"] = "oral"), bundle, "monthly, jsonl"),
  altered("no event", (proof) => delete proof["event"], bundle, '"event" is missing'),
  altered("a member more", (proof) => (proof["note"] = "x"), bundle, 'unknown member "note"'),
  altered("a path of 65 hashes", (proof) => (part(proof, "inclusion")["path"] = Array(65).fill(zeros)), bundle, "path"),
  altered("a negative place", (proof) => (part(proof, "inclusion")["index"] = -1), bundle, "index", "whole number"),
  altered("half a place", (proof) => (part(proof, "inclusion")["index"] = 0.5), bundle, "index", "whole number"),
  altered(
    "a place too far",
    (proof) => (part(proof, "inclusion")["index"] = 2 ** 53 - 1),
    { layer: "inclusion" },
    "22",
  ),
  altered(
    "another size",
    (proof) => (part(proof, "inclusion")["size"] = 1),
    { layer: "inclusion" },
    "a tree of 1",
    "22",
  ),
  altered(
    "another hash in its path",
    (proof) => ((part(proof, "inclusion")["path"] as unknown[])[0] = zeros),
    {
      layer: "inclusion",
    },
    "root",
  ),
  altered(
    "another event",
    (proof) => (part(part(proof, "event"), "payload")["version"] = "6.6.6"),
    { layer: "event" },
    "id",
  ),
  altered(
    "another signature",
    (proof) => (part(proof, "event")["signature"] = `${"A".repeat(86)}==`),
    {
      layer: "signature",
    },
    "key",
  ),
  altered(
    "a signature that is no base64",
    (proof) => (part(proof, "event")["signature"] = "!"),
    {
      layer: "event",
    },
    "signature",
  ),
  altered(
    "another signer",
    (proof) => (part(part(proof, "signer"), "node")["description"] = "x"),
    {
      layer: "signature",
    },
    "node",
  ),
  altered("another root", (proof) => (part(proof, "manifest")["root"] = zeros), { layer: "manifest" }, "manifestHash"),
  altered("other evidence", (proof) => (part(proof, "evidence")["d"] = zeros), { layer: "memo" }, "memo"),
  altered("another checkpoint", (proof) => (proof["checkpoint"] = "trust me"), { layer: "checkpoint" }, "note"),
  altered(
    "a receipt of another network id",
    (proof) => (part(proof, "receipt")["networkId"] = 1),
    {
      layer: "ledger",
    },
    "network local does not have the id 1",
  ),
  altered(
    "a receipt of a network nobody knows",
    (proof) => (part(proof, "receipt")["network"] = "moonnet"),
    {
      layer: "ledger",
    },
    "moonnet",
  ),
  altered(
    "a receipt by another account",
    (proof) => (part(proof, "receipt")["account"] = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
    {
      layer: "transaction",
    },
    "the receipt says",
  ),
  altered(
    "a blob that is no transaction",
    (proof) => (part(part(proof, "receipt"), "transaction")["blob"] = "00"),
    {
      layer: "ledger",
    },
    "receipt",
  ),
  altered(
    "another ledger header",
    (proof) => (part(part(proof, "receipt"), "ledger")["coins"] = "1"),
    {
      layer: "ledger",
    },
    "ledgerHash",
  ),
];

const trustFile = (name: string, json: string, code: string, ...says: readonly string[]): BadInput => ({
  name: `a trust file with ${name}`,
  spoil: (place) => place.put("data/trust.json", json),
  run: verifyText,
  answer: wrong(code),
  says: ["--trust", ...says],
});

const trust: readonly BadInput[] = [
  trustFile("an unknown member", '{"account":"r"}', "TRUST_MALFORMED", 'unknown member "account"'),
  trustFile(
    "an account that is none",
    '{"accounts":[{"network":"local","account":"me"}]}',
    "TRUST_MALFORMED",
    "accounts[0]",
    "classic XRPL address",
  ),
  trustFile(
    "an account with a wrong check digit",
    '{"accounts":[{"network":"local","account":"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTx"}]}',
    "TRUST_MALFORMED",
    "accounts[0]",
    "classic XRPL address",
  ),
  trustFile(
    "a network that is none",
    '{"accounts":[{"network":"wss://s1.ripple.com","account":"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"}]}',
    "NETWORK_UNKNOWN",
    "mainnet or xrpl-",
  ),
  trustFile("a log that is no key", '{"logs":["ledger.example.org"]}', "VKEY_MALFORMED", "ledger.example.org"),
  trustFile("a log that is a number", '{"logs":[7]}', "TRUST_MALFORMED", "logs"),
  trustFile(
    "a publisher's key too short",
    '{"publishers":[{"publicKey":"ED00"}]}',
    "TRUST_MALFORMED",
    "publishers[0]",
    "33 bytes",
  ),
  trustFile(
    "a date that is none",
    `{"publishers":[{"publicKey":"ED${zeros}","validFrom":"tomorrow"}]}`,
    "TIMESTAMP_MALFORMED",
    '"tomorrow"',
    "RFC 3339",
  ),
];

const others: readonly BadInput[] = [
  {
    name: "a proof whose account is not the pinned one",
    spoil: (place) =>
      place.put("data/trust.json", '{"accounts":[{"network":"local","account":"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"}]}'),
    run: verify,
    answer: { layer: "account" },
    says: ["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh is pinned for local"],
  },
  {
    name: "a verdict nobody knows is required",
    run: "verify PROOF --require certain",
    answer: wrong("CONFIG_INVALID"),
    says: ["--require", "proven or anchored"],
  },
];

export const bundles: readonly BadInput[] = [...proofs, ...trust, ...others];
