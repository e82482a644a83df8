import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LedgerEvent } from "../../src/core/ledger-event.ts";
import { type StaticHost, staticHost } from "../support/static-host.ts";
import { axeFaults, goTo, layoutFaults, loaded, looks, openConsoleAt, picture } from "./console.ts";
import { type Exported, exported, exportedMonths, textOf } from "./exported.ts";
import { hostileEvents, isHarmless } from "./hostile-events.ts";
import { startBrowser } from "./page.ts";

let browser: Browser;
let made: Exported;
let host: StaticHost;
let release: LedgerEvent;
const month = "2026-10";

async function firstRelease({ view }: Exported): Promise<LedgerEvent> {
  const events = view.byMonth.get(month)?.events;
  for await (const leaf of events?.search("type", "ReleasePublished") ?? []) {
    const found = await events?.at(leaf);
    if (found) return found;
  }
  throw new Error(`no release in ${month}`);
}

beforeAll(async () => {
  [browser, made] = await Promise.all([startBrowser(), exported()]);
  host = await staticHost(made.copy);
  release = await firstRelease(made);
});
afterAll(async () => {
  await browser.close();
  await host[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

describe("somebody with nothing but the address of a copy", () => {
  test("goes from the months to an event, whose proof is made here, and sees it verified", async () => {
    await using open = await openConsoleAt(browser, `${host.url}#/`);
    const { page } = open;
    await expect(textOf(page)).resolves.toMatch(/This is a copy, made at .* up to 2026-10/);
    await page.locator("#live", { hasText: /^copy of \d{4}-\d{2}-\d{2}$/ }).waitFor();
    expect(await page.locator("#nav-operator").count()).toBe(0);
    await page.locator(`#m-${month}.proven`).click();
    await page.locator("h1", { hasText: `Month ${month}` }).waitFor();
    await loaded(page);
    await expect(textOf(page)).resolves.toMatch(/6 of 6 validators signed.*Consistent: the log grew from 51 events/s);
    await page.getByRole("link", { name: release.id.slice(0, 12) }).click();
    await page.locator("h1", { hasText: "Event" }).waitFor();
    await loaded(page);
    await expect(textOf(page)).resolves.toMatch(/✓ Good: key/);
    expect(await page.locator("svg.tree rect").count()).toBeGreaterThan(3);
    await page.getByRole("button", { name: "Verify here" }).click();
    await page.locator(".verdict[data-verdict=unproven] #verdict-word").waitFor();
    await page.getByLabel("Take this copy’s word").check();
    await page.getByRole("button", { name: "Verify here" }).click();
    await page.locator(".verdict[data-verdict=anchored]").waitFor();
    await picture(page, "copy-verified");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download proof").click()]);
    const served = await fetch(`${made.node.url}/v1/events/${release.id}/proof`);
    expect(readFileSync(await download.path(), "utf8")).toBe(await served.text());
    await page.getByText("Open it in the verification page").click();
    await page.locator("#verdict[data-verdict=unproven]").waitFor();
    expect(new URL(page.url()).pathname).toBe("/verify.html");
    await page.click("#pins-server");
    await page.locator("#verdict[data-verdict=anchored]").waitFor();
    await page.goBack();
    await loaded(page);
    await picture(page, "copy-event");
    expect(open.faults).toEqual([]);
  });

  test("fetches a handful of small blocks for it", async () => {
    await using open = await openConsoleAt(browser, `${host.url}#/about`);
    host.asked.length = 0;
    await goTo(open.page, `#/events/${release.id}`);
    expect(host.asked.length).toBeLessThan(20);
    expect(host.asked.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(100_000);
  });

  test("finds events by their repository, and a release with what is said about it", async () => {
    await using open = await openConsoleAt(browser, `${host.url}#/events`);
    const { page } = open;
    await page.fill("#q-repo", release.repo ?? "");
    await page.selectOption("#q-type", "ReleasePublished");
    await page.keyboard.press("Enter");
    await page.getByText(/\d+ events?, all there are\./).waitFor();
    await expect(textOf(page)).resolves.toContain(release.id.slice(0, 12));
    await goTo(page, "#/");
    await page.getByRole("search").getByRole("textbox").fill(`${release.repo}@${release.version}`);
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: `Release ${release.repo} ${release.version}` }).waitFor();
    const path = `/v1/releases/${release.repo}/${release.version}`;
    const { verdict } = (await (await fetch(`${made.node.url}${path}`)).json()) as { verdict: string };
    expect(await page.locator(".verdict .word").first().textContent()).toBe(verdict);
    await expect(textOf(page)).resolves.toMatch(/judged on this device, out of the months in this copy/);
    await page.getByRole("button", { name: "Verify here" }).click();
    await page.locator("#verdict-word").waitFor();
    expect(open.faults).toEqual([]);
  });

  test("looks at a month from a host that knows no ranges, by a link that leads deep into it", async () => {
    await using plain = await staticHost(made.copy, { hasRanges: false });
    await using open = await openConsoleAt(browser, `${plain.url}#/events/${release.id}`);
    await open.page.getByRole("button", { name: "Verify here" }).click();
    await open.page.locator(".verdict[data-verdict=unproven]").waitFor();
    await goTo(open.page, `#/months/${month}`);
    await open.page.getByText("Show more events").click();
    await open.page.getByText("25 events, all there are.").waitFor();
    expect(open.faults).toEqual([]);
  });

  test("is told that a saved page cannot read the files beside it", async () => {
    await using open = await openConsoleAt(browser, `${pathToFileURL(join(made.copy, "index.html")).href}#/`);
    await expect(textOf(open.page)).resolves.toMatch(/serve this folder by any host of files/);
  });

  test("is told that nobody operates a copy", async () => {
    await using open = await openConsoleAt(browser, `${host.url}#/operator`);
    await expect(textOf(open.page)).resolves.toMatch(/nobody operates it/);
    await goTo(open.page, `#/events/${"00".repeat(32)}`);
    expect(await open.page.locator("h1").textContent()).toBe("Not found");
    await expect(textOf(open.page)).resolves.toMatch(/This copy|this copy/);
  });
});

/** Every page of a copy, by the heading it has. */
function pages(): readonly (readonly [name: string, hash: string, title: RegExp])[] {
  return [
    ["ledger", "#/", /^The ledger of demo\.localhost$/],
    ["month", `#/months/${month}`, /^Month/],
    ["events", "#/events", /^Events$/],
    ["event", `#/events/${release.id}`, /^Event/],
    ["network", "#/nodes", /^The network$/],
    ["node", `#/nodes/${release.repo}`, /^Node/],
    ["release", `#/releases/${release.repo}/${release.version}`, /^Release/],
    ["plots", `#/plots?month=${month}`, /^Plots$/],
    ["about", "#/about", /^What is this\?$/],
    ["operator", "#/operator", /^Operator$/],
  ];
}

describe.each(looks)("at $width in $colorScheme", ({ width, colorScheme }) => {
  test("every page of a copy is whole", async () => {
    const context = { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce" } as const;
    await using open = await openConsoleAt(browser, `${host.url}#/about`, context);
    const { page } = open;
    const faults: string[] = [];
    for (const [name, hash, title] of pages()) {
      await goTo(page, hash);
      expect(await page.locator("h1").textContent()).toMatch(title);
      await picture(page, `copy-${name}-${width}-${colorScheme}`);
      const found = [...(await layoutFaults(page)), ...(await axeFaults(page))];
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
    expect([...faults, ...open.faults]).toEqual([]);
  });

  test("every link of a copy leads to a file that is there", async () => {
    await using open = await openConsoleAt(browser, `${host.url}#/about`, {
      viewport: { width, height: 844 },
      colorScheme,
    });
    const found = new Set<string>();
    for (const [, hash] of pages()) {
      await goTo(open.page, hash);
      const links = await open.page.evaluate<string[]>(
        `[...document.querySelectorAll("a[href]")].map(({ href }) => href.split("#")[0])`,
      );
      for (const link of links) if (link.startsWith(host.url)) found.add(link);
    }
    expect(found.size).toBeGreaterThan(8);
    for (const link of found) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
  });
});

describe("a copy that was altered", () => {
  /** Serves another copy, one file of which was changed. */
  async function altered(path: string, change: (bytes: Buffer) => Buffer): Promise<StaticHost> {
    const folder = made.again();
    writeFileSync(join(folder, path), change(readFileSync(join(folder, path))));
    return staticHost(folder);
  }

  test.each([
    ["a tile", `anchors/${month}/tile/0/000.p/25`, (bytes: Buffer) => bytes.fill(1)],
    ["the nodes", `anchors/${month}/nodes.json`, (bytes: Buffer) => Buffer.from(bytes.toString().replace("20", "21"))],
  ])("in %s shows the event, no proof, and why", async (_name, path, change) => {
    await using served = await altered(path, change);
    await using open = await openConsoleAt(browser, `${served.url}#/events/${release.id}`);
    const { page } = open;
    await expect(page.locator("[role=alert]").first().textContent()).resolves.toMatch(/altered.*LEDGER_REFUTED/s);
    expect(await page.getByRole("button", { name: /Verify here|Download proof/ }).count()).toBe(0);
    expect(await page.locator("svg.tree").count()).toBe(0);
    await picture(page, `copy-altered-${path.includes("tile") ? "tile" : "nodes"}`);
  });

  test("in an event or what finds it shows why, and nothing of the event", async () => {
    const file = `${month}.json`;
    const rename = (bytes: Buffer): Buffer =>
      Buffer.from(bytes.toString().replaceAll('"timestamp":"2026-10', '"timestamp":"2026-11'));
    for (const [path, change] of [
      [file, rename],
      [`anchors/${month}/index/places`, (bytes: Buffer) => bytes.fill(0)],
    ] as const) {
      await using served = await altered(path, change);
      await using open = await openConsoleAt(browser, `${served.url}#/events/${release.id}`);
      await expect(open.page.locator("[role=alert]").textContent()).resolves.toMatch(/LEDGER_REFUTED/);
      expect(await open.page.getByRole("button", { name: "Verify here" }).count()).toBe(0);
    }
    await using ids = await altered(`anchors/${month}/index/ids`, (bytes) => bytes.fill(0));
    await using open = await openConsoleAt(browser, `${ids.url}#/events/${release.id}`);
    await expect(open.page.locator("[role=alert]").textContent()).resolves.toMatch(/this copy.*EVENT_NOT_FOUND/s);
  });

  test("by somebody who writes script into it runs none", async () => {
    const script = `</script><img src=x onerror="window.taken = true"><script>window.taken = true</script>`;
    await using served = await altered("v1", (bytes) => {
      const facts = JSON.parse(bytes.toString()) as Record<string, unknown>;
      return Buffer.from(JSON.stringify({ ...facts, origin: script, notice: script, network: script }));
    });
    await using open = await openConsoleAt(browser, `${served.url}#/`);
    for (const hash of ["#/about", "#/nodes", "#/"]) {
      await goTo(open.page, hash);
      expect(
        await open.page.evaluate(`window.taken === true || document.querySelector("main img, main script") !== null`),
      ).toBe(false);
    }
    await expect(textOf(open.page)).resolves.toContain("<img src=x");
    expect(open.faults).toEqual([]);
  });
});

test("a copy of what strangers wrote shows texts, and finds and proves them", async () => {
  await using hostile = await exportedMonths({ "2026-03": Object.values(hostileEvents) });
  await using open = await openConsoleAt(browser, `${hostile.url}#/events?node=acme%2Fwatch`, {
    viewport: { width: 390, height: 844 },
  });
  const { page } = open;
  await page.getByText("4 events, all there are.").waitFor();
  await isHarmless(page);
  for (const hash of [
    "#/months/2026-03",
    "#/plots?month=2026-03",
    "#/nodes/acme/watch",
    ...Object.values(hostileEvents).map(({ id }) => `#/events/${id}`),
    `#/${encodeURIComponent("</script><script>window.taken = true</script>")}`,
  ]) {
    await goTo(page, hash);
    await isHarmless(page);
  }
  await goTo(page, `#/events/${hostileEvents.script.id}`);
  await expect(textOf(page)).resolves.toContain("<script>window.taken = true</script>");
  await page.getByRole("button", { name: "Verify here" }).click();
  await page.locator("#verdict-word").waitFor();
  await isHarmless(page);
  expect(open.faults).toEqual([]);
});
