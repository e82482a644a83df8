import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { sha256 } from "../../../src/core/hash.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { buildXpop, type XpopParts } from "../../../src/core/xrpl/build-xpop.ts";
import { encodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { parseValidatorList } from "../../../src/core/xrpl/validator-list.ts";
import { verifyXpop } from "../../../src/core/xrpl/verify-xpop.ts";
import { isPublishedForm } from "./published-form.ts";
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
import { anchoringLedger, madeManifest, madeNetwork, madeParts } from "./made-vectors.ts";

const trust = { publishers: [{ publicKey: madePublisher.publicKey, network: madeNetwork }], accounts: [] };
const code = (name: string) => expect.objectContaining({ code: name });
const members = validators(5);
const ledger = anchoringLedger();
const vote = (at: number, changes: object = {}): Uint8Array =>
  validationBytes({ signing: members[at]!.signing, header: ledger.decoded, ...changes });
const built = (changes: Partial<XpopParts> = {}): JsonObject =>
  buildXpop({ ...madeParts({ members }), ...changes }, nodeVerify);
const votesIn = (xpop: JsonObject): number =>
  Object.keys((xpop["validation"] as { readonly data: JsonObject }).data).length;

describe("an XPOP is built", () => {
  it("and proves the anchor", () => {
    const verdict = verifyXpop(built(), trust, { verify: nodeVerify });
    expect(verdict).toMatchObject({
      verdict: "proven",
      facts: { votes: 5, quorum: 4, network: madeNetwork, anchor: { manifest: madeManifest } },
    });
    expect(verdict.summary).toBe(
      `Transaction ${verdict.facts?.transactionHash} by account ${verdict.account.address} on ${madeNetwork} (not pinned: anyone can anchor from an account of their own) existed when XRPL ledger (${madeNetwork}) 9000000 closed 2026-08-14T05:20:00Z ± 10 s: 5 of the 5 validators that publisher ${madePublisher.publicKey} names signed it.`,
    );
  });

  it("from a stream of everything, with what counts alone", () => {
    const own = vote(0);
    const stream = [
      vote(0, { flags: 0x8000_0000 }),
      validationBytes({ signing: members[1]!.signing, header: followers(ledger.decoded, 1)[0]! }),
      validationBytes({ signing: secpKey("outsider"), header: ledger.decoded }),
      utf8("junk"),
      own.with(own.length - 1, own.at(-1)! ^ 1),
      own,
      own,
      vote(0, { cookie: 8 }),
      ...[3, 2, 1].map((at) => vote(at)),
    ];
    const xpop = built({ validations: stream });
    expect(votesIn(xpop)).toBe(4);
    expect(built({ validations: stream.toReversed(), manifests: [] })).toMatchObject({ ledger: xpop["ledger"] });
    expect(JSON.stringify(built({ validations: [own, ...[1, 2, 3].map((at) => vote(at))] }))).toBe(
      JSON.stringify(xpop),
    );
  });

  it("from a list of version 2 as from the one in it that is in force", () => {
    const inForce = listContent({ members, sequence: 7, effective: madeCloseRippleS });
    const later = listContent({ members: members.slice(1), sequence: 8, effective: madeCloseRippleS + 1 });
    const list = parseValidatorList(listV2Json([signedBlob(later), signedBlob(inForce)]));
    expect(built({ list })).toEqual(built({ list: parseValidatorList(listJson(inForce)) }));
  });

  it("by a later ledger, when the validations of its own were missed", () => {
    const chain = followers(ledger.decoded, 2);
    const validations = members.map(({ signing }) => validationBytes({ signing, header: chain[1]! }));
    const xpop = built({ validations, chain: chain.map(encodeLedgerHeader) });
    expect(xpop["chain"]).toHaveLength(2);
    expect(isPublishedForm("xpop", xpop)).toBe(true);
    expect(() => built({ validations })).toThrow(code("XPOP_BELOW_QUORUM"));
    expect(() => built({ validations, chain: [encodeLedgerHeader(chain[1]!)] })).toThrow(code("XRPL_CHAIN_REFUTED"));
  });

  it("with the manifests that its votes need and no others", () => {
    const signing = secpKey("rotated");
    const rotated = manifestBytes({ master: members[0]!.master, signing, sequence: 2 });
    const idle = manifestBytes({ master: members[4]!.master, signing: secpKey("idle"), sequence: 2 });
    const strange = manifestBytes({ master: edKey("stranger"), signing });
    const votes = [vote(0, { signing }), vote(1), vote(2), vote(3)];
    const xpop = built({ validations: votes, manifests: [idle, strange, members[1]!.manifest, rotated] });
    expect((xpop["validation"] as JsonObject)["manifests"]).toEqual([Buffer.from(rotated).toString("base64")]);
    expect(verifyXpop(xpop, trust).verdict).toBe("proven");
    expect(() => built({ validations: votes })).toThrow(code("XPOP_BELOW_QUORUM"));
  });

  it("of a transaction that did not succeed, or anchors nothing, as of any other", () => {
    const other = madeLedger([madeTransaction({ sequence: 9, result: "tecNO_DST" })]);
    const parts = madeParts({
      members,
      ledger: { ...other, transactions: [other.transactions[0]!, other.transactions[0]!] },
    });
    const validations = members.map(({ signing }) => validationBytes({ signing, header: other.decoded }));
    const xpop = buildXpop({ ...parts, ledger: other, validations }, nodeVerify);
    const verdict = verifyXpop(xpop, trust, { verify: nodeVerify });
    expect(verdict).toMatchObject({ verdict: "proven", facts: { transactionResult: 124, anchor: null } });
    expect(verdict.summary).toContain("which did not succeed (result code 124)");
  });

  it("in the schema's form", () => {
    expect(isPublishedForm("xpop", built())).toBe(true);
    expect(isPublishedForm("xpop", { ...built(), quorum: 1 })).toBe(false);
    expect(isPublishedForm("xpop", { ...built(), chain: [] })).toBe(false);
  });
});

describe("no XPOP is built", () => {
  const altered = ledger.transactions.map(({ blob, meta }, at) => ({
    blob,
    meta: at === 1 ? meta.with(meta.length - 1, 5) : meta,
  }));
  test.for<[string, () => Partial<XpopParts>, string]>([
    ["from three votes of five", () => ({ validations: [0, 1, 2].map((at) => vote(at)) }), "XPOP_BELOW_QUORUM"],
    ["from no votes", () => ({ validations: [] }), "XPOP_BELOW_QUORUM"],
    ["of a transaction that is elsewhere", () => ({ transaction: sha256(utf8("x")) }), "XRPL_TREE_LEAF_ABSENT"],
    ["from other metadata", () => ({ ledger: { ...ledger, transactions: altered } }), "XRPL_LEDGER_REFUTED"],
    [
      "from a ledger without one of its transactions",
      () => ({ ledger: { ...ledger, transactions: ledger.transactions.slice(1) } }),
      "XRPL_LEDGER_REFUTED",
    ],
    [
      "by a list that had expired",
      () => ({ list: parseValidatorList(listJson(listContent({ members, expiration: madeCloseRippleS }))) }),
      "XRPL_LIST_REFUTED",
    ],
    [
      "by a list that its publisher did not sign",
      () => ({
        list: parseValidatorList({ ...listJson("{}"), ...signedBlob(listContent({ members }), edKey("anybody")) }),
      }),
      "XPOP_REFUTED",
    ],
  ])("%s", ([, changes, expected]) => {
    expect(() => built(changes())).toThrow(code(expected));
  });
});
