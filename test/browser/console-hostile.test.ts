import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Running } from "../http/running.ts";
import { ledgerOfFiles, sampleFiles, sampleMonths } from "../http/sample-ledger.ts";
import { axeFaults, forgetMoves, goTo, openConsole, picture, runConsole } from "./console.ts";
import { hostileEvents, isHarmless, long, script, turned } from "./hostile-events.ts";
import { startBrowser } from "./page.ts";

const nodes = 10_000;

/** Ten thousand nodes whose texts are what strangers like to write. */
function manyNodes(): Record<string, string> {
  const text = sampleFiles()["nodes/acme/watch/node.json"] ?? "";
  const node = JSON.parse(text) as JsonObject;
  return Object.fromEntries(
    Array.from({ length: nodes }, (_, at) => {
      const id = `evil/n${String(at).padStart(5, "0")}`;
      const texts =
        at % 2 === 0
          ? { description: script, provides: [script] }
          : { description: turned, provides: [turned, long.slice(0, 5000)] };
      return [`nodes/${id}/node.json`, JSON.stringify({ ...node, id, ...(at < 50 ? texts : {}) })];
    }),
  );
}

let browser: Browser;
let run: Running;
beforeAll(async () => {
  const months = { ...sampleMonths, "2026-03": Object.values(hostileEvents) };
  // Read once: ten thousand manifests take a second.
  const whole = readLedger(memoryTree({ ...sampleFiles(months), ...manyNodes() }));
  const ledger = { ...ledgerOfFiles({}), ...readsOf(() => whole) };
  [browser, run] = await Promise.all([startBrowser(), runConsole({ ledger, viewMaxAgeMs: 1000 })]);
});
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

test("events of strangers are texts in every list and on their own pages", async () => {
  await using open = await openConsole(browser, run, "#/events?node=acme%2Fwatch", {
    viewport: { width: 390, height: 844 },
  });
  const { page } = open;
  await isHarmless(page);
  for (const hash of [
    "#/months/2026-03",
    "#/plots?month=2026-03",
    ...Object.values(hostileEvents).map(({ id }) => `#/events/${id}`),
  ]) {
    await goTo(page, hash);
    await isHarmless(page);
  }
  await goTo(page, `#/events/${hostileEvents.turned.id}`);
  await expect(page.locator("main").textContent()).resolves.toContain("safe\\u{202e}gpj.exe\\u{2066}\\u{200b}");
  await picture(page, "hostile-turned");
  await goTo(page, `#/events/${hostileEvents.script.id}`);
  await expect(page.locator("main").textContent()).resolves.toContain("<script>window.taken = true</script>");
  await picture(page, "hostile-script");
  expect(await axeFaults(page)).toEqual([]);
  await goTo(page, `#/events/${hostileEvents.odd.id}`);
  expect(await page.locator('main a[href^="javascript"]').count()).toBe(0);
  expect(open.faults).toEqual([]);
});

test("a text of a megabyte is cut, and shown whole on demand", async () => {
  await using open = await openConsole(browser, run, `#/events/${hostileEvents.long.id}`);
  const { page } = open;
  expect(((await page.locator("main").textContent()) ?? "").length).toBeLessThan(20_000);
  await page.getByRole("button", { name: "Show all 1,000,000 characters" }).click();
  expect(await page.locator(".all").textContent()).toBe(long);
  await isHarmless(page);
  expect(open.faults).toEqual([]);
});

test("of ten thousand nodes a few are shown, all can be found, and their texts are texts", async () => {
  await using open = await openConsole(browser, run, "#/nodes");
  const { page } = open;
  const rows = page.locator("#nodes-title ~ div tbody tr");
  expect(await rows.count()).toBe(100);
  await page.getByText("10,003 nodes.").waitFor();
  await isHarmless(page);
  await picture(page, "hostile-nodes");
  await page.getByText("Show 100 more of 10,003").click();
  expect(await rows.count()).toBe(200);
  await page.fill("#node-filter", "n09999");
  await page.getByText("1 node of 10,003.").waitFor();
  await rows.getByRole("link", { name: "evil/n09999" }).click();
  await page.locator("h1", { hasText: "Node evil/n09999" }).waitFor();
  await forgetMoves(page);
  await goTo(page, "#/nodes/evil/n00001");
  await isHarmless(page);
  expect(open.faults).toEqual([]);
});

test("an address of strangers leads nowhere else", async () => {
  await using open = await openConsole(browser, run, `#/${encodeURIComponent(script)}`);
  for (const hash of [
    `#/months/${encodeURIComponent("../../admin")}`,
    "#/nodes/..%2f..%2fx/y",
    `#/events?repo=${encodeURIComponent(script)}`,
    `#/releases/acme/compiler/${encodeURIComponent(script)}`,
  ]) {
    await goTo(open.page, hash);
    await isHarmless(open.page);
  }
  expect(open.faults.filter((fault) => !/status of 40[04]/.test(fault))).toEqual([]);
});
