import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { buildPage } from "../../scripts/build-page.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { SettlementError } from "../../src/core/error.ts";
import { harmless } from "../../src/core/harmless.ts";
import { judgeBundle } from "../../src/core/judge-bundle.ts";
import type { Trust } from "../../src/core/trust.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import { verifyXpop } from "../../src/core/xrpl/verify-xpop.ts";

export const chromiumPath = process.env["SETTLEMENT_TEST_CHROMIUM"] ?? "/usr/bin/chromium";

const flags = [
  "--no-sandbox", // CI runs as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function startBrowser(): Promise<Browser> {
  if (existsSync(chromiumPath)) return chromium.launch({ executablePath: chromiumPath, args: flags });
  throw new Error(`there is no Chromium at ${chromiumPath}; name one in SETTLEMENT_TEST_CHROMIUM`);
}

/** The page as somebody saved it. */
export async function savePage(folder: string): Promise<string> {
  const path = join(folder, "verify.html");
  writeFileSync(path, await buildPage());
  return pathToFileURL(path).href;
}

/** A page that is open, with everything that must not happen on it. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors, warnings, and requests for anything but the page itself. */
  readonly faults: readonly string[];
  /** Threads of their own that it started. */
  workers(): number;
  hand(...files: readonly (readonly [name: string, content: string | Uint8Array])[]): Promise<Seen>;
  /** What it shows when it is done with what it was handed. */
  seen(): Promise<Seen>;
}

/** A verdict as it can be read on the page. */
export interface Seen {
  readonly verdict: string;
  /** Of the core, or why nothing could be read. */
  readonly summary: string;
  /** Of a file that cannot be read. */
  readonly code?: string;
  readonly layers: readonly (readonly [layer: string, status: string, detail: string])[];
}

const readPage = `(() => {
  const text = (selector) => document.querySelector(selector)?.textContent ?? undefined;
  const code = text("#verdict .code code");
  return {
    verdict: document.querySelector("#verdict:not([hidden])")?.dataset.verdict ?? "none",
    summary: text("#verdict .summary") ?? "",
    ...(code === undefined ? {} : { code }),
    layers: [...document.querySelectorAll("#chain:not([hidden]) .step")].map((step) => [
      step.dataset.layer, step.dataset.status, step.querySelector(".detail").textContent,
    ]),
  };
})()`;

interface Opening {
  readonly url: string;
  readonly context?: BrowserContextOptions;
  /** Runs before the page's own script. */
  readonly before?: string;
}

/** Opens the page in a context of its own; from a file with the network off. */
export async function openPage(browser: Browser, { url, context: options = {}, before }: Opening): Promise<OpenPage> {
  const isFile = url.startsWith("file:");
  const context = await browser.newContext({ offline: isFile, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  let workers = 0;
  // From a file nothing may be loaded but the file; from a server nothing but from there.
  const own = isFile ? (url.split("#")[0] ?? "") : new URL("/", url).href;
  page.on("console", (message) => faults.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("worker", () => workers++);
  page.on("request", (request) => {
    const asked = request.url();
    const isOwn = isFile ? asked === own : asked.startsWith(own);
    if (!isOwn && !/^(?:data|blob):/.test(asked)) faults.push(`request: ${asked}`);
  });
  if (before !== undefined) await page.addInitScript(before);
  await page.goto(url);
  const seen = async (): Promise<Seen> => {
    await page.locator("#progress").waitFor({ state: "hidden" });
    return page.evaluate(readPage);
  };
  return {
    page,
    faults,
    workers: () => workers,
    seen,
    [Symbol.asyncDispose]: () => context.close(),
    async hand(...files) {
      const payloads = files.map(([name, content]) => ({ name, mimeType: "", buffer: Buffer.from(content) }));
      await page.setInputFiles("#files", payloads);
      return seen();
    },
  };
}

function told({ verdict, summary, layers }: Verdict): Seen {
  return {
    verdict,
    summary: harmless(summary),
    layers: layers.map(({ layer, status, detail }) => [layer, status, harmless(detail)]),
  };
}

/** What the page has to show of a proof: the verdict of the core under Node, with Node's own cryptography. */
export function expectedOf(kind: "bundle" | "xpop", content: string | Uint8Array, trust: Trust): Seen {
  const bytes = new Uint8Array(Buffer.from(content));
  try {
    return told(
      kind === "bundle" ? judgeBundle(bytes, trust, nodeVerify) : verifyXpop(bytes, trust, { verify: nodeVerify }),
    );
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return { verdict: "refused", summary: harmless(error.message), code: error.code, layers: [] };
  }
}
