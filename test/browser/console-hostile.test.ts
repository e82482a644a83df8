import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { toBase64, toHex } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Running } from "../http/running.ts";
import { ledgerOfFiles, sampleFiles, sampleMonths, throwawaySeed } from "../http/sample-ledger.ts";
import { axeFaults, goTo, layoutFaults, openConsole, picture, runConsole } from "./console.ts";
import { startBrowser } from "./page.ts";

const script = `</script><img src=x onerror="document.title='taken'"><script>window.taken = true</script>`;
const turned = "safe\u202Egpj.exe\u2066\u200B\u0000\u2028";
const long = "ab".repeat(500_000);
const nodes = 10_000;

function hostileEvent(payload: JsonObject): JsonObject & { readonly id: string } {
  const content = {
    type: "HealthCheckFailed",
    nodeId: "acme/watch",
    timestamp: "2026-03-03T00:00:00Z",
    payload,
  } as const;
  const id = eventIdBytes(content);
  const signature = toBase64(signEd25519(throwawaySeed("acme/watch"), id));
  return { id: toHex(id), ...content, signature };
}

const events = {
  script: hostileEvent({ repo: "acme/watch", version: script, details: script }),
  turned: hostileEvent({ repo: "acme/watch", version: turned, [turned]: turned }),
  long: hostileEvent({ repo: "acme/watch", version: long, details: long }),
  odd: hostileEvent(
    JSON.parse(
      '{"repo":"../../etc","version":"javascript:alert(1)","__proto__":{"a":1},"constructor":7}',
    ) as JsonObject,
  ),
};

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
  const months = { ...sampleMonths, "2026-03": Object.values(events) };
  // Read once: ten thousand manifests take a second.
  const whole = readLedger(memoryTree({ ...sampleFiles(months), ...manyNodes() }));
  const ledger = { ...ledgerOfFiles({}), ...readsOf(() => whole) };
  [browser, run] = await Promise.all([startBrowser(), runConsole({ ledger, viewMaxAgeMs: 1000 })]);
});
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

async function isHarmless(page: Page): Promise<void> {
  const taken = `window.taken === true || document.title.includes("taken")`;
  expect(await page.evaluate(`${taken} || document.querySelector("main img, main script") !== null`)).toBe(false);
  const shown = (await page.locator("body").textContent()) ?? "";
  expect(shown).not.toMatch(/[\u202E\u2066\u200B\u2028]/u);
  expect(await layoutFaults(page)).toEqual([]);
}

test("events of strangers are texts in every list and on their own pages", async () => {
  await using open = await openConsole(browser, run, "#/events?node=acme%2Fwatch", {
    viewport: { width: 390, height: 844 },
  });
  const { page } = open;
  await isHarmless(page);
  for (const hash of [
    "#/months/2026-03",
    "#/plots?month=2026-03",
    ...Object.values(events).map(({ id }) => `#/events/${id}`),
  ]) {
    await goTo(page, hash);
    await isHarmless(page);
  }
  await goTo(page, `#/events/${events.turned.id}`);
  await expect(page.locator("main").textContent()).resolves.toContain("safe\\u{202e}gpj.exe\\u{2066}\\u{200b}");
  await picture(page, "hostile-turned");
  await goTo(page, `#/events/${events.script.id}`);
  await expect(page.locator("main").textContent()).resolves.toContain("<script>window.taken = true</script>");
  await picture(page, "hostile-script");
  expect(await axeFaults(page)).toEqual([]);
  await goTo(page, `#/events/${events.odd.id}`);
  expect(await page.locator('main a[href^="javascript"]').count()).toBe(0);
  expect(open.faults).toEqual([]);
});

test("a text of a megabyte is cut, and shown whole on demand", async () => {
  await using open = await openConsole(browser, run, `#/events/${events.long.id}`);
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
