import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleMediaType } from "../../src/core/bundle.ts";
import { toHex } from "../../src/core/bytes.ts";
import { eventIdBytes, parseEventContent } from "../../src/core/event.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { defaultTrust, parseTrust, type Trust } from "../../src/core/trust.ts";
import { hasShared, sharedJson, sharedPath } from "../support/shared.ts";
import { type MadeProofs, makeProofs, trustText } from "./made-proofs.ts";
import { expectedOf, openPage, type OpenPage, savePage, startBrowser } from "./page.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-browser-"));
let browser: Browser;
let url: string;
let proofs: MadeProofs;

beforeAll(async () => {
  [browser, url, proofs] = await Promise.all([startBrowser(), savePage(folder), makeProofs()]);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

type Change = (bundle: JsonObject) => JsonValue;

/** A copy with one member, named by its path, replaced. */
function changed(
  value: JsonValue,
  [name, ...rest]: readonly string[],
  change: (old: JsonValue) => JsonValue,
): JsonValue {
  if (name === undefined) return change(value);
  const copy = structuredClone(value) as Record<string, JsonValue>;
  copy[name] = changed(copy[name] as JsonValue, rest, change);
  return copy;
}

const at =
  (path: string, change: (old: JsonValue) => JsonValue): Change =>
  (bundle) =>
    changed(bundle, path.split("."), change);

/** The last hex digit turned into another one. */
function bent(old: JsonValue): JsonValue {
  const text = typeof old === "string" ? old : "";
  return `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`;
}

/** An event that fits its own id, with texts that would do harm if they were more than texts. */
const hostile: Change = (bundle) => {
  const repo = "<img src=x onerror=alert(1)>";
  const version = "1.0\u202e\u2066gpj.exe<script>alert(1)</script>\u0000\u200b";
  const event = changed(bundle["event"] as JsonValue, ["payload"], (old) => ({
    ...(old as JsonObject),
    repo,
    version,
  }));
  const id = toHex(eventIdBytes(parseEventContent(event)));
  return { ...bundle, event: { ...(event as JsonObject), id } };
};

const everything = (): Trust => proofs.trust;

describe("a saved page without a network gives the verdict of the command line for", () => {
  test.for<{ name: string; of?: "anchored"; change?: Change; trust?: () => Trust; expected: string }>([
    { name: "a good bundle", expected: "proven" },
    { name: "a bundle without validators", of: "anchored", expected: "anchored" },
    { name: "a bundle and nothing pinned", trust: () => defaultTrust, expected: "unproven" },
    {
      name: "a bundle by an account nobody pinned",
      trust: () => ({ ...proofs.trust, accounts: [] }),
      expected: "proven",
    },
    {
      name: "a bundle by another account",
      trust: () => ({
        ...proofs.trust,
        accounts: [{ network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" }],
      }),
      expected: "failed",
    },
    { name: "an altered event", change: at("event.payload.version", () => "9.9.9"), expected: "failed" },
    { name: "an altered way up the tree", change: at("inclusion.path.0", bent), expected: "failed" },
    { name: "an altered close time", change: at("receipt.ledger.close", (old) => Number(old) + 1), expected: "failed" },
    { name: "an altered root", change: at("manifest.root", bent), expected: "failed" },
    { name: "an altered list of validators", change: at("xpop.validation.unl.signature", bent), expected: "failed" },
    { name: "an event with hostile texts", change: hostile, expected: "failed" },
    { name: "a member too many", change: (bundle) => ({ ...bundle, more: 1 }), expected: "refused" },
    { name: "a later version", change: (bundle) => ({ ...bundle, v: 2 }), expected: "refused" },
  ])("$name", async ({ of, change, trust = everything, expected }) => {
    const bundle = of === "anchored" ? proofs.anchored : proofs.bundle;
    const text = JSON.stringify(change ? change(bundle) : bundle);
    await using open = await openPage(browser, { url });
    const seen = await open.hand(["a.proof.json", text], ["trust.json", trustText(trust())]);
    expect(seen).toEqual(expectedOf("bundle", text, trust()));
    expect(seen.verdict).toBe(expected);
    expect(await open.page.locator("#verdict img, #chain img, #verdict script, #chain script").count()).toBe(0);
    expect(open.faults).toEqual([]);
    expect(open.workers()).toBe(1);
  });

  test("a bare XPOP", async () => {
    const text = JSON.stringify(proofs.xpop);
    await using open = await openPage(browser, { url });
    const seen = await open.hand(["xpop.json", text], ["trust.json", trustText(proofs.trust)]);
    expect(seen).toEqual(expectedOf("xpop", text, proofs.trust));
    expect(seen.verdict).toBe("proven");
    expect(open.faults).toEqual([]);
  });

  test.for<{ name: string; content: string | Uint8Array }>([
    { name: "nothing", content: "" },
    { name: "text", content: "This is no proof." },
    { name: "half a bundle", content: '{"type":"repomesh-proof-bundle","v":1,' },
    { name: "a list", content: "[]" },
    { name: "null", content: "null" },
    { name: "a key twice", content: '{"v":1,"v":1}' },
    { name: "a lone surrogate", content: String.raw`{"type":"\ud800"}` },
    { name: "a page of HTML", content: "<!doctype html><script>alert(1)</script>" },
    { name: "bytes", content: Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256) },
    { name: "a deep well", content: "[".repeat(2_000_000) },
    { name: "a deep tree", content: '{"a":'.repeat(200) + "1" + "}".repeat(200) },
    { name: "a media type", content: JSON.stringify(bundleMediaType) },
  ])("rubbish: $name", async ({ content }) => {
    await using open = await openPage(browser, { url });
    const seen = await open.hand(["rubbish", content]);
    expect(seen).toEqual(expectedOf("bundle", content, defaultTrust));
    expect(seen.verdict).toBe("refused");
    expect(open.faults).toEqual([]);
  });

  test("a file that no proof can be as large as, without reading it", async () => {
    await using open = await openPage(browser, { url });
    const seen = await open.hand(["large.json", Buffer.alloc(4_000_001, " ")]);
    expect(seen).toMatchObject({ verdict: "refused", code: "PROOF_UNREADABLE" });
    expect(open.workers()).toBe(0);
    expect(open.faults).toEqual([]);
  });

  test("a proof where the browser allows no thread of its own", async () => {
    for (const before of [
      "delete window.Worker",
      "window.Worker = class { constructor() { throw new Error('no'); } }",
    ]) {
      await using open = await openPage(browser, { url, before });
      const seen = await open.hand(["a.json", JSON.stringify(proofs.bundle)], ["trust.json", trustText(proofs.trust)]);
      expect(seen.verdict).toBe("proven");
      expect(open.workers()).toBe(0);
      expect(open.faults).toEqual([]);
    }
  });
});

interface OwnVectors {
  readonly publishers: JsonValue;
  readonly cases: readonly {
    readonly name: string;
    readonly xpop: JsonValue;
    readonly publishers?: JsonValue;
    readonly expect: { readonly verdict: string };
  }[];
}

const own = JSON.parse(readFileSync(new URL("../vectors/xpop.json", import.meta.url), "utf8")) as OwnVectors;

describe("the XPOPs of test/vectors/xpop.json", () => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage(browser, { url });
  });
  afterAll(() => open[Symbol.asyncDispose]());

  test.for(own.cases)("$name", async ({ xpop, publishers = own.publishers, expect: { verdict } }) => {
    const text = JSON.stringify(xpop);
    const trust = parseTrust({ publishers });
    const seen = await open.hand(["xpop.json", text], ["trust.json", trustText(trust)]);
    expect(seen).toEqual(expectedOf("xpop", text, trust));
    expect(seen.verdict).toBe(verdict);
    expect(open.faults).toEqual([]);
  });

  test("are all of its kinds", () => {
    expect(new Set(own.cases.map(({ expect: { verdict } }) => verdict))).toEqual(
      new Set(["proven", "unproven", "failed"]),
    );
    expect(own.cases.length).toBeGreaterThan(20);
  });
});

interface Vector {
  readonly file: string;
  readonly trust: readonly string[];
  readonly expect: { readonly ok: boolean };
}

const vectors = sharedJson<{ readonly vectors: readonly Vector[] }>("vectors/xpop/index.json")?.vectors ?? [];

describe.skipIf(!hasShared)("the published XPOPs", () => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage(browser, { url });
  });
  afterAll(() => open[Symbol.asyncDispose]());

  test.for(vectors)("$file", async ({ file, trust: keys, expect: { ok } }) => {
    const bytes = new Uint8Array(readFileSync(sharedPath(`vectors/xpop/${file}`)));
    const trust = { publishers: keys.map((publicKey) => ({ publicKey })), accounts: [], logs: [] };
    const seen = await open.hand([file, bytes], ["trust.json", trustText(trust)]);
    expect(seen).toEqual(expectedOf("xpop", bytes, trust));
    expect(seen.verdict === "proven").toBe(ok);
    expect(open.faults).toEqual([]);
  });

  test("are 57", () => {
    expect(vectors).toHaveLength(57);
  });
});
