import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { writePage } from "../../scripts/build-page.ts";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { defaultTrust } from "../../src/core/trust.ts";
import { createApp } from "../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../src/http/serve-http.ts";
import { type LedgerView, readLedgerView } from "../../src/settle/ledger-view.ts";
import { closeMonth, sampleFiles } from "../http/sample-ledger.ts";
import { cli } from "../support/cli.ts";
import { type StaticHost, staticHost } from "../support/static-host.ts";

/** A ledger whose months were closed, anchored and proven on a local network, and a copy of it. */
export interface Exported extends AsyncDisposable {
  readonly ledger: string;
  readonly copy: string;
  readonly view: LedgerView;
  /** A node over the same ledger. */
  readonly node: HttpServer;
  /** Another copy, to be altered. */
  again(): string;
}

async function succeed(...args: readonly string[]): Promise<void> {
  const { code, err } = await cli(args);
  if (code !== 0) throw new Error(`settlement ${args.join(" ")}: ${err}`);
}

export async function exported(): Promise<Exported> {
  const root = mkdtempSync(join(tmpdir(), "settlement-test-"));
  const [ledger, copy] = [join(root, "demo/ledger"), join(root, "public")];
  await writePage();
  await succeed("demo", "--once", "--data", root);
  await succeed("export", copy, "--ledger", ledger);
  const source = { ledger: ledgerFolder(ledger), archive: archiveFolder(ledger) };
  const app = createApp({
    ...source,
    attempts: memoryAttempts(),
    trust: defaultTrust,
    network: "local",
    verify: nodeVerify,
    sha256: nodeSha256,
    place: { tree: folderTree(ledger), prefix: "" },
    version: "0.0.0-test",
    log: () => undefined,
  });
  const node = await serveHttp(app, { port: 0, host: "127.0.0.1" });
  let copies = 0;
  return {
    ledger,
    copy,
    view: await readLedgerView(source),
    node,
    again() {
      const other = join(root, `altered-${copies++}`);
      cpSync(copy, other, { recursive: true });
      return other;
    },
    async [Symbol.asyncDispose]() {
      await node.close();
      rmSync(root, { recursive: true });
    },
  };
}

export async function textOf(page: Page): Promise<string> {
  return (await page.locator("main").textContent()) ?? "";
}

/** A copy of closed months with these events, served. */
export async function exportedMonths(months: Parameters<typeof sampleFiles>[0]): Promise<StaticHost> {
  const root = mkdtempSync(join(tmpdir(), "settlement-test-"));
  const [folder, copy] = [join(root, "ledger"), join(root, "public")];
  for (const [path, text] of Object.entries(sampleFiles(months))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const month of Object.keys(months ?? {}))
    await closeMonth(month, ledgerFolder(folder), archiveFolder(folder), () => Date.parse("2026-06-01T00:00:00Z"));
  await writePage();
  await succeed("export", copy, "--ledger", folder);
  const host = await staticHost(copy);
  return {
    ...host,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      rmSync(root, { recursive: true });
    },
  };
}
