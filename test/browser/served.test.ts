import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePage } from "../../scripts/build-page.ts";
import { defaultTrust } from "../../src/core/trust.ts";
import { type Running, runSample } from "../http/running.ts";
import { eventId } from "../http/sample-ledger.ts";
import { expectedOf, openPage, startBrowser } from "./page.ts";

let browser: Browser;
let run: Running;
const first = `/v1/events/${eventId("2026-01", 0)}/proof`;

beforeAll(async () => {
  await writePage();
  [browser, run] = await Promise.all([startBrowser(), runSample()]);
});
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

function address(rest: string): string {
  return `${run.server.url}/verify${rest}`;
}

test("a link opens the page with a proof of its server, which is believed in nothing", async () => {
  const text = await (await run.get(first)).text();
  for (const rest of [`#${first}`, `?src=${encodeURIComponent(first)}`]) {
    await using open = await openPage(browser, { url: address(rest) });
    expect(await open.seen()).toEqual(expectedOf("bundle", text, defaultTrust));
    expect(open.faults).toEqual([]);
    expect(open.workers()).toBe(1);
  }
});

test("another fragment opens another proof", async () => {
  await using open = await openPage(browser, { url: address(`#${first}`) });
  await open.seen();
  const second = `/v1/events/${eventId("2026-02", 1)}/proof`;
  await open.page.evaluate(`location.hash = ${JSON.stringify(second)}`);
  await open.page.locator("#verdict dl", { hasText: second }).waitFor();
  expect(await open.seen()).toMatchObject({ verdict: "unproven" });
  expect(open.faults).toEqual([]);
});

test.for(["//evil.example/proof", "/\\evil.example/proof", "/\\/evil.example"])(
  "no link leads to another server: %s",
  async (path) => {
    for (const rest of [`#${path}`, `?src=${encodeURIComponent(path)}`]) {
      await using open = await openPage(browser, { url: address(rest) });
      expect(await open.seen()).toMatchObject({ verdict: "refused", code: "PROOF_UNREADABLE" });
      expect(open.faults).toEqual([]);
    }
  },
);

test("what the server does not have, or what is no proof, is said to be so", async () => {
  await using absent = await openPage(browser, { url: address(`#/v1/events/${"00".repeat(32)}/proof`) });
  expect(await absent.seen()).toMatchObject({ verdict: "refused", code: "PROOF_UNREADABLE" });
  await expect(absent.page.locator("#verdict").textContent()).resolves.toContain("it answered 404");
  // The browser itself notes the 404 down.
  expect(absent.faults.filter((fault) => !/404/.test(fault))).toEqual([]);
  await using other = await openPage(browser, { url: address("#/v1/health") });
  expect(await other.seen()).toMatchObject({ verdict: "refused", code: "BUNDLE_MALFORMED" });
});

test("the server’s own pins are taken on request alone, and never without a warning", async () => {
  await using open = await openPage(browser, { url: address(`#${first}`) });
  expect(await open.seen()).toMatchObject({ verdict: "unproven" });
  expect(await open.page.locator(".warning", { hasText: "prove little" }).count()).toBe(0);
  await open.page.click("#pins-server");
  await open.page.locator("#verdict[data-verdict=anchored]").waitFor();
  expect(await open.page.locator("#verdict .warning", { hasText: "prove little" }).count()).toBe(1);
  expect(await open.page.locator("#pins .source.server").allTextContents()).toEqual(["this server says so"]);
  expect(open.faults).toEqual([]);
});

test("the page is offered to be saved, and may not be framed", async () => {
  await using open = await openPage(browser, { url: address("") });
  const [download] = await Promise.all([open.page.waitForEvent("download"), open.page.click("#save-page a")]);
  expect(download.suggestedFilename()).toBe("verify.html");
  const { headers } = await run.get("/verify");
  expect(headers.get("Content-Security-Policy")).toMatch(
    /^default-src 'none'; script-src 'sha256-.*; frame-ancestors 'none'$/,
  );
});
