import { expect, test } from "vitest";
import { firstFault, fuzzFew } from "./few-seeds.ts";
import { plantedVerifier } from "./planted.ts";

const bugs = [
  {
    bug: "an event's id is taken as it stands",
    file: "event.ts",
    right: "computed !== id",
    wrong: "computed.length !== id.length",
  },
  {
    bug: "any signature of an event will do",
    file: "verify-bundle.ts",
    right: "=> verify(publicKey, id, signature)",
    wrong: "=> publicKey.length + id.length + signature.length > 0",
  },
  {
    bug: "the node's keys need not be anchored",
    file: "verify-bundle.ts",
    right: "!equalBytes(root, fromHex(evidence.k))",
    wrong: "root.length !== fromHex(evidence.k).length",
  },
  {
    bug: "the way to the month's root is not walked",
    file: "verify-bundle.ts",
    right: "verifyInclusion(leafHash",
    wrong: "void (verifyInclusion, leafHash",
  },
  {
    bug: "a manifest's hash is taken as it stands",
    file: "manifest.ts",
    right: "computed !== manifestHash",
    wrong: "computed.length !== manifestHash.length",
  },
  {
    bug: "the month's checkpoint may be signed by anybody",
    file: "verify-bundle.ts",
    right: "openCheckpoint(checkpoint, trust.logs, verify);",
    wrong: "",
  },
  {
    bug: "the memo's manifest is not compared",
    file: "verify-receipt.ts",
    right: "claim.manifest.manifestHash !== manifest.manifestHash || receipt.manifestHash !== manifest.manifestHash",
    wrong: "claim.manifest.manifestHash.length !== manifest.manifestHash.length",
  },
  {
    bug: "the memo's evidence is not compared",
    file: "verify-receipt.ts",
    right: "claim.evidence?.[name] !== evidence[name]",
    wrong: "typeof claim.evidence?.[name] !== typeof evidence[name]",
  },
  {
    bug: "a receipt's transaction need not be in its ledger",
    file: "verify-receipt.ts",
    right: "!equalBytes(root, header.transactionRoot)",
    wrong: "root.length !== header.transactionRoot.length",
  },
  {
    bug: "the settlement key may have stated something else",
    file: "verify-receipt.ts",
    right: "text !== expected",
    wrong: "text.length < expected.length / 2",
  },
  {
    bug: "an XPOP's transaction need not be in its ledger",
    file: "xrpl/examine-xpop.ts",
    right: "!equalBytes(root, header.transactionRoot)",
    wrong: "root.length !== header.transactionRoot.length",
  },
  {
    bug: "the header's hash is not what validators signed",
    file: "xrpl/quorum.ts",
    right: "equalBytes(ledgerHash, ballot.ledgerHash)",
    wrong: "equalBytes(ledgerHash, ledgerHash)",
  },
  {
    bug: "headers need not follow one another",
    file: "xrpl/header-chain.ts",
    right: "!equalBytes(header.parentHash, last.hash)",
    wrong: "header.parentHash.length !== last.hash.length",
  },
  {
    bug: "one vote is a quorum",
    file: "xrpl/examine-xpop.ts",
    right: "tally.votes.length >= quorumOf(of)",
    wrong: "tally.votes.length >= 1",
  },
  {
    bug: "a quorum is rounded down",
    file: "xrpl/quorum.ts",
    right: "Math.floor((4 * validators + 4) / 5)",
    wrong: "Math.floor((4 * validators) / 5)",
  },
  {
    bug: "a validation needs no signature",
    file: "xrpl/quorum.ts",
    right: "isSignedValidation(validation) ?",
    wrong: "isSignedValidation !== undefined ?",
  },
  {
    bug: "a validator's manifest needs no signature",
    file: "xrpl/electors.ts",
    right: "=> isSignedManifest(manifest, verify)",
    wrong: "=> isSignedManifest.length + verify.length > 0 || manifest",
  },
  {
    bug: "a manifest needs its own key's signature alone",
    file: "xrpl/xrpl-manifest.ts",
    right: "isSignedByOwner && verifyKeySignature(signingKey",
    wrong: "verifyKeySignature(signingKey",
  },
  {
    bug: "a publisher's list needs no signature",
    file: "xrpl/list-signature.ts",
    right: "if (verifyKeySignature(key, { message: blob.bytes, signature: blob.signature }, verify)) return;",
    wrong: "if (verifyKeySignature.length + key.length > 0) return;",
  },
  {
    bug: "s may be high",
    file: "xrpl/secp256k1.ts",
    right: "lowS && !isLowS(parsed)",
    wrong: "lowS && parsed.s < 0n && isLowS(parsed)",
  },
  {
    bug: "a number of DER may have zeros before it",
    file: "xrpl/ecdsa-signature.ts",
    right: "second < 0x80",
    wrong: "second < 0",
  },
] as const;

test.for(bugs)("found in the verifier's source: $bug", async (planted) => {
  const tried = await plantedVerifier(planted);
  expect(firstFault(tried)).toMatch(/^accepted as/);
});

test("a copy of the verifier's source with no bug in it shows no fault", async () => {
  const line = "export function judgeProof(";
  const tried = await plantedVerifier({ file: "judge-proof.ts", right: line, wrong: line });
  expect(fuzzFew(0, 500, { verifier: tried }).failures).toEqual([]);
});
