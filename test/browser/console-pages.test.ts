import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { token } from "../http/operators.ts";
import type { Running } from "../http/running.ts";
import { eventId } from "../http/sample-ledger.ts";
import { axeFaults, goTo, layoutFaults, loaded, looks, openConsole, operated, picture, runConsole } from "./console.ts";
import { startBrowser } from "./page.ts";

let browser: Browser;
let run: Running;

beforeAll(async () => {
  [browser, run] = await Promise.all([startBrowser(), runConsole(operated().deps)]);
});
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

/** Every page, by the heading it has. */
const pages: readonly (readonly [name: string, hash: string, title: RegExp])[] = [
  ["ledger", "#/", /^The ledger of ledger\.example$/],
  ["month-proven", "#/months/2026-01", /^Month 2026-01$/],
  ["month-rejected", "#/months/2026-02", /^Month 2026-02$/],
  ["month-open", "#/months/2026-03", /^Month 2026-03$/],
  ["events", "#/events", /^Events$/],
  ["events-none", "#/events?repo=acme%2Fnobody", /^Events$/],
  ["event", `#/events/${eventId("2026-01", 0)}`, /^Event [0-9a-f]{12}…$/],
  ["event-open", `#/events/${eventId("2026-03", 0)}`, /^Event [0-9a-f]{12}…$/],
  ["network", "#/nodes", /^The network$/],
  ["node", "#/nodes/acme/compiler", /^Node acme\/compiler$/],
  ["release", "#/releases/acme/compiler/1.0.0", /^Release acme\/compiler 1\.0\.0$/],
  ["plots", "#/plots?month=2026-01", /^Plots$/],
  ["about", "#/about", /^What is this\?$/],
  ["nowhere", "#/nowhere", /^Nothing here$/],
  ["sign-in", "#/operator", /^Operator$/],
];

describe.each(looks)("at $width in $colorScheme", ({ width, colorScheme }) => {
  const faultsOf = async (page: Page): Promise<readonly string[]> => [
    ...(await layoutFaults(page)),
    ...(await axeFaults(page)),
  ];

  test("every page is whole: nothing that axe finds, nothing that moves, sticks out or complains", async () => {
    const context = { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce" } as const;
    await using open = await openConsole(browser, run, "#/about", context);
    const { page } = open;
    const faults: string[] = [];
    for (const [name, hash, title] of pages) {
      await goTo(page, hash);
      expect(await page.locator("h1").textContent()).toMatch(title);
      await picture(page, `${name}-${width}-${colorScheme}`);
      faults.push(...(await faultsOf(page)).map((fault) => `${name}: ${fault}`));
    }
    await page.fill("#token", token);
    await page.keyboard.press("Enter");
    await page.locator("#audit-title").waitFor();
    await loaded(page);
    await picture(page, `operator-${width}-${colorScheme}`);
    expect([...faults, ...(await faultsOf(page)), ...open.faults]).toEqual([]);
  });
});
