import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { judgeBundle } from "../../src/core/judge-bundle.ts";
import { token } from "../http/operators.ts";
import type { Running } from "../http/running.ts";
import { eventId } from "../http/sample-ledger.ts";
import { goTo, loaded, openConsole, operated, picture, runConsole } from "./console.ts";
import { startBrowser } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function running(change: Parameters<typeof runConsole>[0] = {}): Promise<Running> {
  const run = await runConsole(change);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

describe("an auditor", () => {
  test("finds a release by its name, takes its proof file, and sees it verified", async () => {
    const run = await running();
    await using open = await openConsole(browser, run);
    const { page } = open;
    await page.getByRole("search").getByRole("textbox").fill("acme/compiler@1.0.0");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "Release acme/compiler 1.0.0" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download proof").click()]);
    expect(download.suggestedFilename()).toBe("acme-compiler-1.0.0.proof.json");
    const proof = readFileSync(await download.path());
    expect(judgeBundle(new Uint8Array(proof), run.deps.trust, nodeVerify).verdict).toBe("proven");
    await page.getByRole("button", { name: "Verify here" }).click();
    await page.locator(".verdict[data-verdict=unproven] #verdict-word").waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("verdict-word");
    expect(open.workers()).toBe(1);
    await page.getByLabel("Take this server’s word").check();
    await page.getByRole("button", { name: "Verify here" }).click();
    await page.locator(".verdict[data-verdict=anchored]").waitFor();
    expect(await page.locator(".verdict .warning", { hasText: "prove little" }).count()).toBe(1);
    await picture(page, "verified");
    await page.getByText("Open it in the verification page").click();
    await page.locator("#verdict[data-verdict=unproven]").waitFor();
    expect(open.faults).toEqual([]);
  });

  test("sees that a month is fixed, witnessed, and that the log only grew", async () => {
    const run = await running();
    await using open = await openConsole(browser, run, "#/months/2026-02");
    const { page } = open;
    const text = async (): Promise<string> => (await page.locator("main").textContent()) ?? "";
    expect(await text()).toMatch(/Consistent: the log grew from 300 events \(2026-01\) to 303/);
    await goTo(page, "#/months/2026-01");
    expect(await text()).toMatch(/3 of 3 validators signed\. At least 3 had to\./);
    // Of a local network there is no explorer.
    expect(await page.getByText("explorer").count()).toBe(0);
    await page.getByText("Show more events").click();
    await page.getByText("110 events, oldest first").waitFor();
    expect(open.faults).toEqual([]);
  });

  test("finds events by what they say, and goes to one by its id", async () => {
    const run = await running();
    await using open = await openConsole(browser, run, "#/events");
    const { page } = open;
    await page.selectOption("#q-type", "ReleasePublished");
    await page.fill("#q-repo", "acme/compiler");
    await page.keyboard.press("Enter");
    await page.getByText("3 events, all there are.").waitFor();
    expect(new URL(page.url()).hash).toBe("#/events?repo=acme%2Fcompiler&type=ReleasePublished");
    await page.fill("#q-id", eventId("2026-01", 1));
    await page.keyboard.press("Enter");
    await page.locator("dd", { hasText: "AttestationPublished" }).waitFor();
    expect(await page.locator("dd", { hasText: "Good: key auditor-1 of acme/auditor" }).count()).toBe(1);
    // 300 leaves: nine fingerprints beside the way, and the way itself.
    expect(await page.locator("svg.tree rect").count()).toBe(1 + 2 * 9);
    await page.goBack();
    await page.getByText("3 events, all there are.").waitFor();
    expect(open.faults).toEqual([]);
  });

  test("is told what is wrong with a question", async () => {
    const run = await running();
    await using open = await openConsole(browser, run, "#/events?repo=nonsense");
    await expect(open.page.locator("[role=alert]").textContent()).resolves.toMatch(/org\/repo.*NODE_ID_MALFORMED/s);
    expect(await open.page.locator("#q-repo").inputValue()).toBe("nonsense");
    await goTo(open.page, `#/events/${"00".repeat(32)}`);
    expect(await open.page.locator("h1").textContent()).toBe("Not found");
  });
});

describe("an operator", () => {
  test("understands a failed anchor, lets it go on after a question, and finds that in the audit log", async () => {
    const { asked, deps } = operated();
    const run = await running(deps);
    await using open = await openConsole(browser, run, "#/operator");
    const { page } = open;
    await page.fill("#token", token);
    await page.keyboard.press("Enter");
    await page.locator(".waits").waitFor();
    await expect(page.locator(".waits").textContent()).resolves.toMatch(
      /2026-02 ✗ rejected: ANCHOR_FAILED.*send the account XRP/,
    );
    await expect(page.locator(".attempt.failed").textContent()).resolves.toMatch(
      /fee 12 drops.*from 4,201 to 4,300, its deadline.*Sent 3 times.*terQUEUED.*ledger 4,290 without success: tecINSUFFICIENT_RESERVE/s,
    );
    await page.getByRole("button", { name: "Let 2026-02 go on" }).click();
    await page.locator("dialog[open]").waitFor();
    await picture(page, "confirm");
    await page.keyboard.press("Escape");
    expect(asked).toEqual([]);
    await page.getByRole("button", { name: "Let 2026-02 go on" }).click();
    await page.locator("dialog").getByRole("button", { name: "Let 2026-02 go on" }).click();
    await page.locator("td", { hasText: "2026-02" }).first().waitFor();
    expect(asked).toEqual(["retry 2026-02"]);
    expect(await page.locator("#audit-title ~ .scroll tbody tr td:nth-child(5)").allTextContents()).toEqual([
      "done",
      "asked",
    ]);
    expect(await page.getByRole("button", { name: "Let 2026-02 go on" }).count()).toBe(0);
    expect(open.faults).toEqual([]);
  });

  test("pauses, closes and reads what the validator finds", async () => {
    const { asked, deps } = operated();
    const run = await running(deps);
    await using open = await openConsole(browser, run, "#/operator");
    const { page } = open;
    await page.fill("#token", token);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("dialog").getByRole("button", { name: "Pause" }).click();
    await page.locator("td", { hasText: "pause" }).first().waitFor();
    await page.fill("#act-month", "2026-03");
    await page.getByRole("button", { name: "Close…" }).click();
    await page.locator("dialog").getByRole("button", { name: "Close 2026-03" }).click();
    await page.locator("td", { hasText: "close" }).first().waitFor();
    expect(asked).toEqual(["pause", "close 2026-03"]);
    await page.getByText("Validate the ledger now").click();
    await expect(page.locator(".told li").textContent()).resolves.toContain("FILE_UNEXPECTED: \\u{202e}gnp.exe");
    expect(open.faults).toEqual([]);
  });

  test("has a token that is kept nowhere, and is told when it is wrong", async () => {
    const run = await running(operated().deps);
    await using open = await openConsole(browser, run, "#/operator");
    const { page } = open;
    await page.fill("#token", `${token}x`);
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]", { hasText: "ADMIN_TOKEN_REQUIRED" }).waitFor();
    await page.fill("#token", token);
    await page.keyboard.press("Enter");
    await page.locator("#audit-title").waitFor();
    const kept = `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.documentElement.outerHTML])`;
    expect(await page.evaluate(kept)).not.toContain(token);
    await page.reload();
    await page.locator("#token").waitFor();
  });

  test("of a node without tokens is told so", async () => {
    const run = await running();
    await using open = await openConsole(browser, run, "#/operator");
    await open.page.fill("#token", token);
    await open.page.keyboard.press("Enter");
    await expect(open.page.locator("[role=alert]").textContent()).resolves.toMatch(/no admin endpoints/);
  });
});

test("a newcomer learns what this network is, who is in it and with which keys, by keyboard alone", async () => {
  const run = await running();
  await using open = await openConsole(browser, run);
  const { page } = open;
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.id")).toBe("skip");
  for (let press = 0; press < 6; press++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("h1", { hasText: "What is this?" }).waitFor();
  expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
  await expect(page.locator(".lead").textContent()).resolves.toMatch(
    /at ledger\.example: 3 nodes signed 305 events in 3 months/,
  );
  await page.getByRole("link", { name: "The network" }).press("Enter");
  await page.locator("h1", { hasText: "The network" }).waitFor();
  await page.getByRole("link", { name: "acme/compiler" }).first().press("Enter");
  await page.locator("#keys-title").waitFor();
  await expect(page.locator("#keys-title ~ .scroll tbody").textContent()).resolves.toMatch(
    /compiler-1.*Ada.*may sign now.*always.*no end.*did:key:z6Mk/,
  );
  expect(open.faults).toEqual([]);
});

test("what changes is shown and said while somebody looks, and the focus stays", async () => {
  const { records, deps } = operated();
  const [rejected] = records.splice(0);
  const run = await running(deps);
  await using open = await openConsole(browser, run);
  const { page } = open;
  await page.locator("#live", { hasText: "● live" }).waitFor();
  await page.locator("#m-2026-02.closed").focus();
  if (rejected) records.push(rejected);
  await page.locator("#m-2026-02.rejected").waitFor();
  expect(await page.locator("#status").textContent()).toBe("2026-02 is rejected now.");
  await loaded(page);
  expect(await page.evaluate("document.activeElement.id")).toBe("m-2026-02");
  expect(open.faults).toEqual([]);
});
