import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { judgeBundle } from "../../src/core/judge-bundle.ts";
import { defaultTrust, parseTrust, type Trust, trustJson } from "../../src/core/trust.ts";
import { quorumOf } from "../../src/core/xrpl/quorum.ts";
import { verifyXpop } from "../../src/core/xrpl/verify-xpop.ts";
import { type NamedFile, openFiles } from "../../src/web/judge-file.ts";
import { accountText, tallyText, verdictText, whenText } from "../../src/web/verdict-text.ts";
import { runSample } from "../http/running.ts";
import { eventId } from "../http/sample-ledger.ts";

interface Vectors {
  readonly publishers: JsonValue;
  readonly cases: readonly { readonly name: string; readonly xpop: JsonValue; readonly publishers?: JsonValue }[];
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/xpop.json", import.meta.url), "utf8")) as Vectors;

function file(name: string, content: unknown): NamedFile {
  return { name, bytes: utf8(typeof content === "string" ? content : JSON.stringify(content)) };
}

function open(files: readonly NamedFile[], trust: Trust = defaultTrust, takesTrust = true) {
  return openFiles({ files, trust, takesTrust });
}

describe("the XPOPs of test/vectors/xpop.json", () => {
  test.for(vectors.cases)("$name: the verdict of the core, and no other count of votes", ({ xpop, publishers }) => {
    const trust = parseTrust({ publishers: publishers ?? vectors.publishers });
    const { facts, ...verdict } = verifyXpop(xpop, trust, { verify: nodeVerify });
    const judged = open([file("x.json", xpop)], trust).result?.judged;
    expect(judged).toMatchObject({ kind: "xpop", verdict });
    const votes = judged?.kind === "xpop" ? judged.facts.votes : null;
    if (facts) expect(votes).toEqual({ votes: facts.votes, quorum: facts.quorum, validators: facts.validators });
    const said = verdict.layers.find(({ layer }) => layer === "validators")?.detail ?? "";
    const [, counted, members] = /(\d+) of (\d+) validators/.exec(said) ?? [];
    expect(votes && [votes.votes, votes.validators]).toEqual(counted ? [Number(counted), Number(members)] : null);
  });
});

/** With the validators' word, and as it was before it. */
let proven: string;
let bundle: string;
let trust: Trust;
beforeAll(async () => {
  await using run = await runSample();
  proven = await (await run.get(`/v1/events/${eventId("2026-01", 0)}/proof`)).text();
  bundle = JSON.stringify({ ...(JSON.parse(proven) as object), xpop: undefined });
  trust = run.deps.trust;
});

describe("files that are handed in", () => {
  test("a bundle is judged as by the core, and its facts are told", () => {
    const { result } = open([file("a.json", bundle)], trust);
    expect(result?.judged).toMatchObject({
      kind: "bundle",
      verdict: judgeBundle(bundle, trust, nodeVerify),
      facts: {
        event: { about: "acme/compiler 1.0.0", timestamp: "2026-01-02T03:04:05Z" },
        signer: { node: "acme/compiler", keys: [{ name: "compiler-1" }] },
        tree: { index: 0, size: 300, isWhole: true },
        witness: { network: "local", ledgerIndex: 4242 },
        votes: null,
      },
    });
  });

  test("the votes of a bundle are counted, also where they do not convince", () => {
    const votesOf = (by: Trust, text = proven): unknown => {
      const judged = open([file("a.json", text)], by).result?.judged;
      return judged?.kind === "bundle" && [judged.verdict.verdict, judged.facts?.votes];
    };
    const { xpop } = JSON.parse(proven) as { xpop: { validation: { data: Record<string, string> } } };
    const [one = ""] = Object.values(xpop.validation.data);
    const validators = Object.keys(xpop.validation.data).length;
    expect(votesOf(trust)).toEqual(["proven", { votes: validators, quorum: quorumOf(validators), validators }]);
    expect(votesOf({ ...trust, publishers: [] })).toEqual(["anchored", null]);
    const forged = proven.replace(one, `${one.slice(0, -2)}${one.endsWith("00") ? "01" : "00"}`);
    expect(votesOf(trust, forged)).toEqual([
      "failed",
      { votes: validators - 1, quorum: quorumOf(validators), validators },
    ]);
  });

  test("a trust file beside the proof decides, in whatever order they come", () => {
    const trustFile = file("trust.json", trustJson(trust));
    for (const files of [
      [file("a.json", bundle), trustFile],
      [trustFile, file("a.json", bundle)],
    ]) {
      const { trust: brought, result, leftOut } = open(files);
      expect(brought).toEqual({
        name: "trust.json",
        trust: parseTrust(JSON.parse(JSON.stringify(trustJson(trust)))),
        isSilentOnPublishers: false,
      });
      expect(result?.judged).toMatchObject({ verdict: { verdict: "anchored", account: { pinned: true } } });
      expect(leftOut).toEqual([]);
    }
  });

  test("a trust file that names no publishers pins the built-in ones, and none where it says so", () => {
    const broughtBy = (content: object): unknown => open([file("trust.json", content)], trust).trust;
    expect(broughtBy({ accounts: [] })).toMatchObject({ trust: defaultTrust, isSilentOnPublishers: true });
    expect(broughtBy({ publishers: [] })).toMatchObject({ trust: { publishers: [] }, isSilentOnPublishers: false });
  });

  test("a trust file alone is no proof, and says nothing of one", () => {
    expect(open([file("trust.json", trustJson(trust))])).toMatchObject({ result: null, leftOut: [] });
  });

  test("a link brings no trust", () => {
    const opened = open([file("the link", trustJson(trust))], defaultTrust, false);
    expect(opened).toMatchObject({ trust: null, result: { judged: { kind: "refused", code: "TRUST_MALFORMED" } } });
  });

  test("a trust file that is none is said to be none, and no proof is judged without it", () => {
    const opened = open([file("trust.json", { accounts: [{}] }), file("a.json", bundle)]);
    expect(opened.result).toMatchObject({ file: { name: "trust.json" }, judged: { code: "TRUST_MALFORMED" } });
    expect(opened.leftOut).toEqual(["a.json"]);
  });

  test("of several proofs the first is judged, and the others are named", () => {
    const opened = open([file("a.json", bundle), file("b.json", bundle), file("c.json", "")]);
    expect(opened.result?.file.name).toBe("a.json");
    expect(opened.leftOut).toEqual(["b.json", "c.json"]);
  });

  test.for([
    { comment: "nothing", content: "", code: "JSON_MALFORMED" },
    { comment: "half a document", content: '{"type":', code: "JSON_MALFORMED" },
    { comment: "a key twice", content: '{"v":1,"v":1}', code: "JSON_DUPLICATE_KEY" },
    { comment: "a list", content: "[]", code: "BUNDLE_MALFORMED" },
    { comment: "another type", content: { type: "other", ledger: {} }, code: "BUNDLE_MALFORMED" },
    { comment: "a later version", content: { type: "repomesh-proof-bundle", v: 2 }, code: "FORMAT_VERSION_UNKNOWN" },
    { comment: "an XPOP without its parts", content: { ledger: {} }, code: "XPOP_MALFORMED" },
    { comment: "too deep", content: "[".repeat(500_000), code: "JSON_TOO_DEEP" },
    { comment: "too large", content: `"${"x".repeat(4_000_000)}"`, code: "JSON_TOO_LARGE" },
  ])("$comment is refused", ({ content, code }) => {
    expect(open([file("x", content)]).result?.judged).toMatchObject({ kind: "refused", code });
  });

  test("bytes that are no text are refused", () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0x00);
    expect(open([{ name: "x", bytes }]).result?.judged).toMatchObject({ code: "UTF8_MALFORMED" });
  });
});

describe("the words for a verdict", () => {
  const judged = (by: Trust, change: (text: string) => string = String) => {
    const found = open([file("a.json", change(bundle))], by).result?.judged;
    if (!found || found.kind === "refused") throw new RangeError("no verdict");
    return found;
  };

  test("say in the first line whose anchor it is", () => {
    const other = { network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" };
    expect(accountText(judged(trust))).toBe("by the account you pinned");
    expect(accountText(judged({ ...trust, accounts: [] }))).toBe("by an account nobody pinned");
    expect(accountText(judged({ ...trust, accounts: [other] }))).toBe("by another account than you pinned");
    expect(accountText(judged(trust, (text) => text.replace('"commit":"c0', '"commit":"c1')))).toBe("");
  });

  test("say no more of a month that is not anchored than there is", async () => {
    await using run = await runSample();
    const closed = await (await run.get(`/v1/events/${eventId("2026-02", 0)}/proof`)).text();
    const found = open([file("a.json", closed)], trust).result?.judged;
    expect(found).toMatchObject({ verdict: { verdict: "unproven" }, facts: { witness: null } });
    expect(found && accountText(found)).toBe("");
  });

  test("count the links", () => {
    const { verdict } = judged(trust);
    expect(tallyText(verdict.layers)).toBe("10 of 11 links hold, 1 is not shown.");
    expect(verdictText(judged(trust)).word).toBe("ANCHORED");
    const altered = judged(trust, (text) => text.replace('"version":"1.0.0"', '"version":"1.0.1"'));
    const counts = "0 of 11 links hold, 1 is contradicted, 10 were not looked at.";
    expect(tallyText(altered.verdict.layers)).toBe(counts);
  });

  test.for([
    {
      outcome: "proven",
      agreed: true,
      expected: /^It existed when XRPL ledger 12 closed, 2026-11-21 13:54:10 UTC ±.10.s\.$/,
    },
    { outcome: "proven", agreed: false, expected: /did not agree on the time/ },
    { outcome: "anchored", agreed: true, expected: /: so says the settlement node that you pinned\.$/ },
    { outcome: "unproven", agreed: true, expected: /^The file says that .* Nothing you trust confirms it\.$/ },
  ] as const)("tell the time of what is $outcome (agreed: $agreed)", ({ outcome, agreed, expected }) => {
    const text = whenText(outcome, {
      network: null,
      account: null,
      transactionHash: "",
      ledgerIndex: 12,
      ledgerHash: "",
      closeTime: "2026-11-21T13:54:10Z",
      closeResolutionS: 10,
      isCloseTimeAgreed: agreed,
    });
    expect(text).toMatch(expected);
  });

  test("speak of nobody’s word only where that of a public network is at hand", () => {
    const local = vectors.cases.flatMap(({ xpop }) => {
      const found = open([file("x", xpop)], parseTrust({ publishers: vectors.publishers })).result?.judged;
      return found && found.kind === "xpop" && found.verdict.verdict === "proven" ? [found] : [];
    });
    expect(local.length).toBeGreaterThan(0);
    for (const found of local) {
      const isLocal = found.facts.witness.network === "local";
      expect(verdictText(found).meaning.includes("nobody’s word")).toBe(!isLocal);
    }
  });
});
