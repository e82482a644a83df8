import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { toHex } from "../../src/core/bytes.ts";
import { type MadeProofs, makeProofs, trustText } from "./made-proofs.ts";
import { openPage, type OpenPage, savePage, startBrowser } from "./page.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-browser-"));
/** Where pictures of every state are left for people to look at. */
const pictures = process.env["SETTLEMENT_TEST_PICTURES"];

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

/** The way of an event in a month of 2^40 events, which leads nowhere. */
function longWay(bundle: JsonObject): JsonObject {
  const path = Array.from({ length: 40 }, (_, at) => toHex(new Uint8Array(32).fill(at)));
  return { ...bundle, inclusion: { index: 0, size: 2 ** 40, path } };
}

function altered(bundle: JsonObject): JsonObject {
  const event = bundle["event"] as JsonObject;
  return { ...bundle, event: { ...event, payload: { ...(event["payload"] as JsonObject), version: "9.9.9" } } };
}

const states: Readonly<Record<string, (open: OpenPage) => Promise<unknown>>> = {
  empty: (open) => open.page.locator("#pins li").first().waitFor(),
  proven: (open) => open.hand(["a.proof.json", JSON.stringify(proofs.bundle)], ["trust.json", trustText(proofs.trust)]),
  anchored: (open) =>
    open.hand(["a.proof.json", JSON.stringify(proofs.anchored)], ["trust.json", trustText(proofs.trust)]),
  unproven: (open) => open.hand(["a.proof.json", JSON.stringify(proofs.bundle)]),
  "failed-way": (open) =>
    open.hand(["a.proof.json", JSON.stringify(longWay(proofs.bundle))], ["trust.json", trustText(proofs.trust)]),
  "failed-event": (open) => open.hand(["a.proof.json", JSON.stringify(altered(proofs.bundle))]),
  xpop: (open) => open.hand(["xpop.json", JSON.stringify(proofs.xpop)], ["trust.json", trustText(proofs.trust)]),
  refused: (open) => open.hand(["rubbish.txt", "rubbish"]),
  "bad-pin": async ({ page }) => {
    await page.fill("#pin-text", "hello");
    await page.click("text=Pin it");
  },
};

async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then(({ violations, passes }) =>
    passes.length < 20 ? ["it found too little to look at"] : violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => impact + " " + id + " at " + target.join(" "))))`);
}

/** What stands out of the page to the right; areas that scroll by themselves apart. */
const overflow = `[...document.querySelectorAll("body *")].filter((each) => {
  const { right, width } = each.getBoundingClientRect();
  return width > 1 && right > document.documentElement.clientWidth + 0.5 && !each.closest(".scroll, .hidden, .skip");
}).map((each) => each.tagName + "." + each.className)`;

describe.each(Object.entries(states))("%s", (name, reach) => {
  test.for([
    { width: 320, colorScheme: "light" },
    { width: 390, colorScheme: "light" },
    { width: 390, colorScheme: "dark" },
    { width: 1280, colorScheme: "light" },
    { width: 1280, colorScheme: "dark" },
  ] as const)(
    "at $width in $colorScheme: nothing that axe finds, nothing that sticks out",
    async ({ width, colorScheme }) => {
      const context = { viewport: { width, height: 844 }, colorScheme, reducedMotion: "reduce" } as const;
      await using open = await openPage(browser, { url, context });
      const { page } = open;
      await reach(open);
      if (pictures !== undefined)
        await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      expect(await axeFaults(page)).toEqual([]);
      await page.evaluate(`document.querySelectorAll("details").forEach((each) => { each.open = true; })`);
      expect(await axeFaults(page)).toEqual([]);
      expect(await page.evaluate(overflow)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(open.faults).toEqual([]);
    },
  );
});

describe("by keyboard and by ear", () => {
  /** Names of what is reached by Tab, in order. */
  async function tabStops(page: Page, presses: number): Promise<readonly string[]> {
    const stops: string[] = [];
    for (let press = 0; press < presses; press++) {
      await page.keyboard.press("Tab");
      stops.push(
        await page.evaluate(
          `(({ id, textContent, ariaLabel }) => id || ariaLabel || textContent.trim())(document.activeElement)`,
        ),
      );
    }
    return stops;
  }

  test("the page is walked through from top to bottom", async () => {
    await using open = await openPage(browser, { url });
    const stops = await tabStops(open.page, 14);
    expect(stops.map((stop) => stop.replace(/ ED[0-9A-F]+/, ""))).toEqual([
      "Skip to the proof",
      "files",
      "Paste text instead",
      "Remove of mainnet",
      "Remove of mainnet until 2026-01-18T00:00:00Z",
      "Remove of mainnet",
      "Remove of testnet",
      "Remove of devnet",
      "pin-text",
      "pin-network",
      "Pin it",
      "pins-save",
      "pins-reset",
      // Out of the page.
      expect.any(String),
    ]);
  });

  test("what has the focus is seen to have it", async () => {
    await using open = await openPage(browser, { url });
    await tabStops(open.page, 2);
    const outline = `getComputedStyle(document.querySelector("label.button")).outlineStyle`;
    expect(await open.page.evaluate(outline)).toBe("solid");
  });

  test("a verdict is read out, and the focus is led to it; a changed pin leaves the focus where it is", async () => {
    await using open = await openPage(browser, { url });
    const { page } = open;
    await open.hand(["a.json", JSON.stringify(proofs.bundle)], ["trust.json", trustText(proofs.trust)]);
    await expect(page.locator("[role=status]").textContent()).resolves.toMatch(/^PROVEN, by the account you pinned\. /);
    const focused = `document.activeElement.id`;
    expect(await page.evaluate(focused)).toBe("verdict-word");
    const [account = ""] = proofs.trust.accounts.map((pin) => pin.account);
    await page.focus(`#pins li:has-text("${account}") button`);
    await page.keyboard.press("Enter");
    await open.seen();
    await expect(page.locator("[role=status]").textContent()).resolves.toMatch(
      /^PROVEN, by an account nobody pinned\. /,
    );
    expect(await page.evaluate(focused)).toBe("pins");
  });

  test("headings tell the parts in their order, none skipped", async () => {
    await using open = await openPage(browser, { url });
    await open.hand(["a.json", JSON.stringify(proofs.bundle)]);
    const levels = await open.page.evaluate<number[]>(
      `[...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1]))`,
    );
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.slice(1).every((level, at) => level <= (levels[at] ?? 0) + 1)).toBe(true);
  });

  test("nothing is told by colour alone", async () => {
    await using open = await openPage(browser, { url });
    await open.hand(["a.json", JSON.stringify(proofs.bundle)]);
    const answers = await open.page.locator(".step .answer").allTextContents();
    const marks = await open.page.locator(".step > .mark").allTextContents();
    expect(new Set(answers.map((answer, at) => `${answer} ${marks[at]}`))).toEqual(new Set(["Yes ✓", "Not shown ?"]));
  });

  test("without scripts the page says what it needs", async () => {
    await using open = await openPage(browser, { url, context: { javaScriptEnabled: false } });
    expect(await open.page.locator("#unready").isVisible()).toBe(true);
  });
});
