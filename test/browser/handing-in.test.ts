import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { parseTrust } from "../../src/core/trust.ts";
import { type MadeProofs, makeProofs, trustText } from "./made-proofs.ts";
import { openPage, savePage, startBrowser } from "./page.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-browser-"));
let browser: Browser;
let url: string;
let proofs: MadeProofs;
let bundle: string;
let trust: string;

beforeAll(async () => {
  [browser, url, proofs] = await Promise.all([startBrowser(), savePage(folder), makeProofs()]);
  bundle = JSON.stringify(proofs.bundle);
  trust = trustText(proofs.trust);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Does on the page what somebody does with a pointer or a clipboard. */
async function transfer(
  page: Page,
  event: "drop" | "paste",
  files: readonly (readonly [string, string])[],
  text = "",
): Promise<void> {
  const given = JSON.stringify({ event, files, text });
  await page.evaluate(`(({ event, files, text }) => {
    const data = new DataTransfer();
    for (const [name, content] of files) data.items.add(new File([content], name));
    if (text !== "") data.setData("text/plain", text);
    const made = event === "drop"
      ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector("footer").dispatchEvent(made);
  })(${given})`);
}

describe("a proof is taken", () => {
  test("where it is dropped, anywhere on the page", async () => {
    await using open = await openPage(browser, { url });
    await transfer(open.page, "drop", [
      ["a.json", bundle],
      ["trust.json", trust],
    ]);
    expect(await open.seen()).toMatchObject({ verdict: "proven" });
    expect(open.faults).toEqual([]);
  });

  test("as text that is dropped or pasted, or typed into the field", async () => {
    await using open = await openPage(browser, { url });
    await transfer(open.page, "drop", [], bundle);
    expect(await open.seen()).toMatchObject({ verdict: "unproven" });
    await transfer(open.page, "paste", [], trust);
    expect(await open.seen()).toMatchObject({ verdict: "proven" });
    await open.page.click("summary:has-text('Paste text')");
    await open.page.fill("#paste-text", JSON.stringify(proofs.anchored));
    await open.page.click("text=Verify this text");
    expect(await open.seen()).toMatchObject({ verdict: "anchored" });
    expect(open.faults).toEqual([]);
  });

  test("and a trust file that comes later judges it again", async () => {
    await using open = await openPage(browser, { url });
    expect(await open.hand(["a.json", bundle])).toMatchObject({ verdict: "unproven" });
    expect(await open.hand(["trust.json", trust])).toMatchObject({ verdict: "proven" });
    await expect(open.page.locator("#note").textContent()).resolves.toContain("trust.json replace all earlier ones");
  });

  test("and a trust file that names no publishers says who they are then", async () => {
    await using open = await openPage(browser, { url });
    await open.hand(["trust.json", JSON.stringify({ accounts: [], logs: [] })]);
    await expect(open.page.locator("#note").textContent()).resolves.toContain("the built-in ones are pinned");
    const sources = await open.page.locator("#pins .source").allTextContents();
    expect(new Set(sources)).toEqual(new Set(["built in"]));
    await open.hand(["trust.json", '{"publishers":[]}']);
    await expect(open.page.locator("#note").textContent()).resolves.not.toContain("built-in");
    await expect(open.page.locator("#pins .source").count()).resolves.toBe(0);
  });

  test("and others beside it are named and left out", async () => {
    await using open = await openPage(browser, { url });
    const name = "b\u202e.json";
    expect(await open.hand(["a.json", bundle], [name, "x"], ["trust.json", trust])).toMatchObject({
      verdict: "proven",
    });
    await expect(open.page.locator("#note").textContent()).resolves.toContain("left out: b\\u{202e}.json");
  });

  test("and what is slow does not come after what was handed in later", async () => {
    const xpop = proofs.xpop as { validation: { data: Record<string, string> } };
    const [one = ""] = Object.values(xpop.validation.data);
    const many = Array.from({ length: 500 }, (_, index) => {
      // Another last byte of the signature, so that each has to be checked and none is good.
      const bent = (Number.parseInt(one.slice(-4), 16) ^ (index + 1)).toString(16).padStart(4, "0");
      return [`n${index}`, one.slice(0, -4) + bent.toUpperCase()] as const;
    });
    const slow = {
      ...(xpop as unknown as JsonObject),
      validation: { ...xpop.validation, data: Object.fromEntries(many) },
    };
    await using open = await openPage(browser, { url });
    await open.hand(["trust.json", trust]);
    await transfer(open.page, "drop", [["slow.json", JSON.stringify(slow)]]);
    await open.page.locator("#progress").waitFor({ state: "visible" });
    await transfer(open.page, "drop", [["a.json", bundle]]);
    expect(await open.seen()).toMatchObject({ verdict: "proven" });
    await expect(open.page.locator("#verdict dl").textContent()).resolves.toContain("a.json");
    expect(await open.hand(["slow.json", JSON.stringify(slow)])).toMatchObject({ verdict: "failed" });
    expect(open.faults).toEqual([]);
  });
});

test("a copy that a browser saved with a verdict on it has forgotten the verdict, and works", async () => {
  await using open = await openPage(browser, { url });
  await open.hand(["a.json", bundle], ["trust.json", trust]);
  const copy = join(folder, "copy.html");
  writeFileSync(copy, await open.page.content());
  await using reopened = await openPage(browser, { url: pathToFileURL(copy).href });
  expect(await reopened.seen()).toMatchObject({ verdict: "none", layers: [] });
  expect(await reopened.page.locator("#pins li").count()).toBe(5);
  expect(await reopened.hand(["a.json", bundle])).toMatchObject({ verdict: "unproven" });
  expect(reopened.faults).toEqual([]);
});

describe("a link", () => {
  const link = (bytes: Uint8Array | string): string => `${url}#proof=${Buffer.from(bytes).toString("base64url")}`;

  test.for([
    { name: "brings a packed proof", of: () => gzipSync(bundle), expected: { verdict: "unproven" } },
    { name: "brings a plain proof", of: () => bundle, expected: { verdict: "unproven" } },
    { name: "brings no trust", of: () => trust, expected: { code: "TRUST_MALFORMED" } },
    { name: "that is cut short", of: () => gzipSync(bundle).subarray(0, 900), expected: { code: "PROOF_UNREADABLE" } },
    {
      name: "that unpacks to more than any proof",
      of: () => gzipSync(Buffer.alloc(50_000_000)),
      expected: { code: "PROOF_UNREADABLE" },
    },
    { name: "that holds nothing", of: () => "", expected: { code: "JSON_MALFORMED" } },
  ])("$name", async ({ of, expected }) => {
    await using open = await openPage(browser, { url: link(of()) });
    expect(await open.seen()).toMatchObject(expected);
    expect(open.faults).toEqual([]);
  });

  test("that is not base64url is refused, and so is a path where there is no server", async () => {
    for (const hash of ["#proof=%20", "#/v1/proof", "#//evil.example/proof"]) {
      await using open = await openPage(browser, { url: url + hash });
      expect(await open.seen()).toMatchObject({ verdict: "refused", code: "PROOF_UNREADABLE" });
      expect(open.faults).toEqual([]);
    }
  });

  test("is forgotten when something else is handed in", async () => {
    await using open = await openPage(browser, { url: link(bundle) });
    await open.seen();
    expect(await open.hand(["a.json", "{}"])).toMatchObject({ verdict: "refused" });
    expect(open.page.url()).toBe(url);
  });
});

describe("pins", () => {
  const removed = (page: Page, text: string): Promise<void> => page.click(`#pins li:has-text("${text}") button`);

  test("that are added and removed judge the proof again", async () => {
    const { accounts, logs, publishers } = JSON.parse(trust) as {
      accounts: { account: string }[];
      logs: string[];
      publishers: { publicKey: string }[];
    };
    await using open = await openPage(browser, { url });
    const { page } = open;
    expect(await open.hand(["a.json", bundle])).toMatchObject({ verdict: "unproven" });
    const verdicts: string[] = [];
    for (const text of [
      logs[0] ?? "",
      publishers[0]?.publicKey ?? "",
      accounts[0]?.account ?? "",
      "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    ]) {
      await page.fill("#pin-text", ` ${text} `);
      await page.fill("#pin-network", "local");
      await page.press("#pin-text", "Enter");
      const { verdict } = await open.seen();
      verdicts.push(
        `${verdict} ${(await page.locator(".whose").count()) ? await page.locator(".whose").textContent() : ""}`,
      );
    }
    expect(verdicts).toEqual([
      "anchored by an account nobody pinned",
      "proven by an account nobody pinned",
      "proven by the account you pinned",
      "proven by the account you pinned",
    ]);
    await removed(page, accounts[0]?.account ?? "");
    expect(await open.seen()).toMatchObject({ verdict: "failed" });
    await expect(page.locator(".whose").textContent()).resolves.toBe("by another account than you pinned");
    await page.click("#pins-reset");
    expect(await open.seen()).toMatchObject({ verdict: "unproven" });
    expect(open.faults).toEqual([]);
  });

  test("that are none are refused beside the field", async () => {
    await using open = await openPage(browser, { url });
    await open.page.fill("#pin-text", "hello\u202e");
    await open.page.click("text=Pin it");
    await expect(open.page.locator("#pin-error").textContent()).resolves.toContain("neither a verifier key");
    expect(await open.page.getAttribute("#pin-text", "aria-invalid")).toBe("true");
    expect(await open.page.locator("#pins li").count()).toBe(5);
  });

  test("are saved as a trust file", async () => {
    await using open = await openPage(browser, { url });
    await open.hand(["trust.json", trust]);
    const [download] = await Promise.all([open.page.waitForEvent("download"), open.page.click("#pins-save")]);
    expect(download.suggestedFilename()).toBe("trust.json");
    const saved = parseTrust(JSON.parse(readFileSync(await download.path(), "utf8")));
    expect(saved).toEqual(parseTrust(JSON.parse(trust)));
    expect(open.faults).toEqual([]);
  });
});
