import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { writePage } from "../../scripts/build-page.ts";
import type { AdminActs, AdminDeps } from "../../src/http/admin-acts.ts";
import type { HttpDeps } from "../../src/http/context.ts";
import type { Attempt, PartitionRecord } from "../../src/ports.ts";
import { sampleActs, sampleAdmin } from "../http/operators.ts";
import { type Running, runSample } from "../http/running.ts";
import { anchorAccount } from "../http/witness.ts";
import { openPage, type OpenPage } from "./page.ts";

/** Where pictures of every page are left for people to look at. */
const pictures = process.env["SETTLEMENT_TEST_PICTURES"];

/** Widths and colours in which every page is looked at. */
export const looks = [
  { width: 360, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
  // Each width and each colour is seen above; these are for who looks at pictures.
  ...(pictures === undefined
    ? []
    : ([
        { width: 360, colorScheme: "dark" },
        { width: 1280, colorScheme: "light" },
      ] as const)),
] as const;

const anchor = {
  network: "local",
  networkId: 63_456,
  account: anchorAccount,
  sequence: 7,
  lastLedgerSequence: 4300,
  signedAtIndex: 4200,
  feeDrops: 12,
};

/** One of each end a transaction can come to; the last one of February waits for a human. */
const attempts: readonly Attempt[] = [
  { state: "expired", ledgerIndex: undefined, result: undefined, hash: "AA", month: "2026-01", number: 1 },
  { state: "anchored", ledgerIndex: 4242, result: "tesSUCCESS", hash: "BB", month: "2026-01", number: 2 },
  { state: "failed", ledgerIndex: 4290, result: "tecINSUFFICIENT_RESERVE", hash: "CC", month: "2026-02", number: 1 },
].map(({ state, ledgerIndex, result, hash, month, number }) => ({
  month,
  number,
  manifestHash: "ab".repeat(32),
  state: state as Attempt["state"],
  anchor: { ...anchor, hash: hash.repeat(32), blob: "12002024000000076840000000000000" },
  ...(ledgerIndex === undefined ? {} : { ledgerIndex }),
  ...(result === undefined ? {} : { result }),
}));

/** Once February went on, another transaction may follow its failed one. */
function attemptsNow(waits: boolean): readonly Attempt[] {
  return attempts.map((each) => (each.state === "failed" && !waits ? { ...each, state: "expired" } : each));
}

/** A node whose operators have something to do; what they made it do is in `asked`. */
export interface Operated {
  readonly asked: string[];
  readonly records: PartitionRecord[];
  readonly deps: Partial<HttpDeps>;
}

/** February was rejected after its transaction failed; who lets it go on makes it closed again. */
export function operated(): Operated {
  const asked: string[] = [];
  const records: PartitionRecord[] = [
    {
      origin: "ledger.example/ledger",
      month: "2026-02",
      state: "rejected",
      reason: "ANCHOR_FAILED: the transaction ended with tecINSUFFICIENT_RESERVE; send the account XRP",
      changedUnixMs: 0,
    },
  ];
  const acts: AdminActs = {
    ...sampleActs(asked),
    attempts: async () => attemptsNow(records.length > 0),
    async retry(id) {
      asked.push(`retry ${id}`);
      if (id === "2026-02") records.length = 0;
      return true;
    },
  };
  const admin: AdminDeps = {
    ...sampleAdmin(),
    acts,
    validate: () => Promise.resolve(["nodes/acme/auditor/node.json: FILE_UNEXPECTED: \u202egnp.exe"]),
  };
  const settling = {
    graceMs: 20 * 60_000,
    records: () => Promise.resolve([...records]),
    closedTimes: () => Promise.resolve(new Map([["2026-01", Date.parse("2026-02-01T00:20:04Z")]])),
  };
  return { asked, records, deps: { admin, settling } };
}

let built: Promise<void> | undefined;

/** The console over the sample ledger, some days after March. */
export async function runConsole(change: Partial<HttpDeps> = {}): Promise<Running> {
  await (built ??= writePage());
  return runSample({ clock: () => Date.parse("2026-04-03T00:00:00Z"), updates: { lookMs: 50 }, ...change });
}

const watchShifts = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
  }).observe({ type: "layout-shift", buffered: true });
`;

/** A page of the console that is done with loading. */
export function openConsole(
  browser: Browser,
  run: Running,
  hash = "#/",
  context: BrowserContextOptions = {},
): Promise<OpenPage> {
  return openConsoleAt(browser, `${run.server.url}/${hash}`, context);
}

/** The same, wherever the console lies. */
export async function openConsoleAt(
  browser: Browser,
  url: string,
  context: BrowserContextOptions = {},
): Promise<OpenPage> {
  const open = await openPage(browser, { url, context, before: watchShifts });
  await loaded(open.page);
  return open;
}

export async function loaded(page: Page): Promise<void> {
  await page.locator('#main[aria-busy="false"] h1').waitFor();
}

/** Goes somewhere as a link does. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(
    `document.getElementById("main").setAttribute("aria-busy", "true"); location.hash = ${JSON.stringify(hash)}`,
  );
  await loaded(page);
}

/** What axe finds. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(`if (!window.axe) { ${axe.source} }`);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return page.evaluate<string[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ["violations"] }).then(({ violations }) =>
      violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => impact + " " + id + " at " + target.join(" "))))`,
  );
}

/**
 * Counts from here on what moves by itself: what somebody asked for may move, however long a busy machine takes over it.
 * A browser leaves out only what moves within half a second.
 */
export async function forgetMoves(page: Page): Promise<void> {
  // What moved in the frame before is told of in the one after.
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
  await page.evaluate("void (window.shifts.length = 0)");
}

/** How much moved by itself, and what stands out of the page; both have to be nothing. */
export async function layoutFaults(page: Page): Promise<readonly string[]> {
  const shifted = await page.evaluate<number>("window.shifts.reduce((sum, value) => sum + value, 0)");
  const outside = await page.evaluate<string[]>(`[...document.querySelectorAll("body *")].filter((each) => {
    const { right, width } = each.getBoundingClientRect();
    return width > 1 && right > document.documentElement.clientWidth + 0.5 && !each.closest(".scroll, .hidden, .skip");
  }).map((each) => "sticks out: " + each.tagName + "." + each.className)`);
  return [...(shifted > 0.01 ? [`moved by ${shifted}`] : []), ...outside];
}

/** Leaves a picture, where somebody wants them. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `console-${name}.png`), fullPage: true });
}
