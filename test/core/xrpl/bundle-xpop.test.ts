import { beforeAll, describe, expect, it, test } from "vitest";
import { memoryArchive } from "../../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { bundleJson, parseBundle } from "../../../src/core/bundle.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { SettlementError } from "../../../src/core/error.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { judgeBundle } from "../../../src/core/judge-bundle.ts";
import { makeVkey } from "../../../src/core/note.ts";
import type { Receipt } from "../../../src/core/receipt.ts";
import { defaultTrust, type Trust } from "../../../src/core/trust.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import { verifyBundle } from "../../../src/core/verify-bundle.ts";
import type { LedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { parseValidatorList } from "../../../src/core/xrpl/validator-list.ts";
import { parseXpop, type Xpop, xpopJson } from "../../../src/core/xrpl/xpop.ts";
import { anchorPartition } from "../../../src/settle/anchor-partition.ts";
import { closePartition } from "../../../src/settle/close-partition.ts";
import { proverOf } from "../../support/prove.ts";
import { publishedJson } from "../../../src/settle/published-json.ts";
import { sampleLedger } from "../../support/sample.ts";
import { testAnchorDeps, testChain, testCloseDeps, testKey } from "../../support/settle.ts";
import {
  listContent,
  listJson,
  listV2Json,
  madePublisher,
  manifestBytes,
  secpKey,
  signedBlob,
  validationBytes,
  validators,
} from "./made-network.ts";
import { patched } from "./made-vectors.ts";
import { isPublishedForm } from "./published-form.ts";

const members = validators(3);
const pin = { publicKey: madePublisher.publicKey, network: "local" };
let account = "";
let plain: JsonObject = {};
let receipt: Receipt;
/** The settlement key is not pinned, the validators are. */
let trust: Trust = defaultTrust;

beforeAll(async () => {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition("2026-08", "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  const made = await testChain(() => undefined);
  await anchorPartition("2026-08", testAnchorDeps(source, made.chain));
  await made.close();
  const prover = await proverOf(source, "2026-08");
  const bundle = await prover.prove(5);
  if (!bundle.receipt) throw new Error("August is anchored");
  ({ account } = made);
  ({ receipt } = bundle);
  plain = bundleJson(bundle);
  trust = { publishers: [pin], accounts: [{ network: "local", account }], logs: [] };
});

const votesFor = (header: LedgerHeader): Uint8Array[] =>
  members.map(({ signing }) => validationBytes({ signing, header }));

function xpopOf(changes: Partial<Xpop> = {}): JsonObject {
  const { header, blob, meta, path: proof } = receipt;
  const list = parseValidatorList(listJson(listContent({ members, expiration: header.closeTimeRippleS + 1 })));
  return xpopJson({
    header,
    chain: [],
    blob,
    meta,
    proof,
    list,
    validations: votesFor(header),
    manifests: [],
    ...changes,
  });
}

const withXpop = (xpop: JsonValue): JsonObject => ({ ...plain, xpop });
const judged = (bundle: JsonObject, pins: Trust = trust): Verdict =>
  judgeBundle(publishedJson(bundle), pins, nodeVerify);
const statusOf = (verdict: Verdict, name: string): string | undefined =>
  verdict.layers.find(({ layer }) => layer === name)?.status;
const code = (name: string) => expect.objectContaining({ code: name });

describe("a bundle with an XPOP", () => {
  it("is proven by the validators alone, on the fast and on the portable path", () => {
    const bundle = withXpop(xpopOf());
    const verdict = judged(bundle);
    expect(verdict).toMatchObject({ verdict: "proven", account: { address: account, pinned: true } });
    expect(verdict.summary).toMatch(
      /is in XRPL ledger \d+, closed .* ± \d+ s; anchored by account r\w+ on local \(pinned\)/,
    );
    expect(verdict.layers.find(({ layer }) => layer === "validators")?.detail).toMatch(
      /^3 of 3 validators signed ledger \d+, 3 are needed; list 1 of 3 validators.*; publisher ED[0-9A-F]{64} is pinned, of local/,
    );
    expect(verifyBundle(parseBundle(bundle), trust)).toEqual(verdict);
    expect(isPublishedForm("bundle", bundle)).toBe(true);
    expect(isPublishedForm("bundle", plain)).toBe(true);
    expect(bundleJson(parseBundle(bundle))).toEqual(bundle);
  });

  it("is only as good as what is pinned", () => {
    const bundle = withXpop(xpopOf());
    const logs = [makeVkey("test.example/ledger", testKey.publicKey)];
    expect(judged(bundle, { ...trust, accounts: [] })).toMatchObject({ verdict: "proven", account: { pinned: false } });
    expect(judged(bundle, { ...trust, accounts: [] }).summary).toContain("not pinned: anyone can anchor");
    const other = { network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" };
    expect(judged(bundle, { ...trust, accounts: [other] }).verdict).toBe("failed");
    expect(judged(bundle, { ...trust, publishers: [] }).verdict).toBe("unproven");
    expect(judged(bundle, { ...trust, publishers: [], logs }).verdict).toBe("anchored");
    expect(judged(bundle, { ...trust, logs }).verdict).toBe("proven");
    expect(judged(bundle, { ...trust, publishers: [{ ...pin, network: "mainnet" }], logs }).verdict).toBe("failed");
    expect(judged(plain, { ...trust, logs }).verdict).toBe("anchored");
  });

  it("without a quorum is what it is without an XPOP", () => {
    const few = withXpop(xpopOf({ validations: votesFor(receipt.header).slice(1) }));
    expect(statusOf(judged(few), "validators")).toBe("unproven");
    expect(judged(few).verdict).toBe(judged(plain).verdict);
  });

  const other = (): LedgerHeader => ({ ...receipt.header, closeTimeRippleS: receipt.header.closeTimeRippleS - 1 });
  test.for<[string, () => Partial<Xpop>, string]>([
    ["of another ledger", () => ({ header: other(), validations: votesFor(other()) }), "of another ledger"],
    [
      "of another transaction",
      () => ({ blob: receipt.blob.with(receipt.blob.length - 1, receipt.blob.at(-1)! ^ 1) }),
      "another transaction",
    ],
    ["of other metadata", () => ({ meta: receipt.meta.with(receipt.meta.length - 1, 5) }), "other metadata"],
    [
      "with a validation that is no vote",
      () => ({
        validations: [
          ...votesFor(receipt.header),
          validationBytes({ signing: secpKey("stranger"), header: receipt.header }),
        ],
      }),
      "more than votes",
    ],
    [
      "with a manifest that is no vote's",
      () => ({ manifests: [manifestBytes({ master: members[0]!.master, signing: secpKey("idle"), sequence: 0 })] }),
      "more than votes",
    ],
    [
      "with a bad signature",
      () => ({
        validations: votesFor(receipt.header).map((bytes, at) =>
          at === 0 ? bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) : bytes,
        ),
      }),
      "with a bad signature",
    ],
  ])("fails by one %s", ([, changes, says]) => {
    // The path of a receipt belongs to its transaction; that of another is written as it is and leads nowhere.
    const xpop = withXpop(xpopOf(changes()));
    const verdict = judged(xpop);
    expect(verdict.verdict).toBe("failed");
    expect(verdict.layers.find(({ layer }) => layer === "validators")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining(says),
    });
  });

  it("goes with a receipt", () => {
    const { receipt: _receipt, ...rest } = withXpop(xpopOf());
    expect(() => parseBundle(rest)).toThrow(code("BUNDLE_MALFORMED"));
    expect(isPublishedForm("bundle", rest)).toBe(false);
  });

  it("has one spelling", () => {
    const xpop = xpopOf();
    const validation = xpop["validation"] as { readonly data: JsonObject };
    const content = listContent({ members, expiration: receipt.header.closeTimeRippleS + 1 });
    const spellings: readonly JsonObject[] = [
      JSON.parse(JSON.stringify(xpop).replaceAll(/"[0-9A-F]{64,}"/g, (hex) => hex.toLowerCase())),
      patched(xpop, "ledger", { coins: 100 }),
      patched(xpop, "validation", { unl: { ...listJson(content), note: "x" } }),
      patched(xpop, "validation", { unl: listV2Json([signedBlob(content)]) }),
      patched(xpop, "validation", {
        data: Object.fromEntries(Object.values(validation.data).map((value, at) => [`n${at}`, value])),
      }),
    ];
    for (const spelt of spellings) {
      expect(parseXpop(spelt).validations).toHaveLength(3);
      expect(() => parseBundle(withXpop(spelt))).toThrow(code("BUNDLE_MALFORMED"));
    }
  });

  test.for<[string, JsonValue]>([
    ["is a text", "xpop"],
    ["has no validation", {}],
  ])("fails at its validators where the XPOP %s", ([, xpop]) => {
    expect(judged(withXpop(xpop))).toMatchObject({ verdict: "failed" });
    expect(statusOf(judged(withXpop(xpop)), "validators")).toBe("fail");
  });

  it("fails at its validators where the list is none", () => {
    const xpop = patched(xpopOf(), "validation", { unl: listV2Json([signedBlob("{}"), signedBlob("{}")]) });
    expect(statusOf(judged(withXpop(xpop)), "validators")).toBe("fail");
  });

  it("is proven no more when any byte of the XPOP is another", () => {
    const text = JSON.stringify(xpopOf());
    const places = Array.from(text.matchAll(/[0-9A-Za-z+/]/g), ({ index }) => index);
    const step = 7;
    let tried = 0;
    for (let at = 0; at < places.length; at += step) {
      const place = places[at] ?? 0;
      const altered = text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
      let verdict = "refused";
      try {
        verdict = judged(withXpop(JSON.parse(altered) as JsonValue)).verdict;
      } catch (error) {
        if (!(error instanceof SettlementError) && !(error instanceof SyntaxError)) throw error;
      }
      tried++;
      expect([place, verdict === "proven"]).toEqual([place, false]);
    }
    expect(tried).toBeGreaterThan(800);
    expect(utf8(text).length).toBeLessThan(12_000);
  });
});
