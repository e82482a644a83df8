import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLedger, ledgerFolder, type LedgerRecovery } from "../src/adapters/ledger-folder.ts";
import { nodeSha256 } from "../src/adapters/node-crypto.ts";
import type { OpenScanPool } from "../src/adapters/scan-events.ts";
import { SettlementError } from "../src/core/error.ts";
import type { ScannedEvents } from "../src/ports.ts";
import { scanThreads } from "../src/scan-pool.ts";
import type { SettlementInfo } from "../src/core/settlement-info.ts";
import { formatVkey, makeVkey } from "../src/core/note.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { jsonOf, monthlyEvent } from "./support/made-events.ts";
import { testKey } from "./support/settle.ts";

const month = "2026-03";
const key = formatVkey(makeVkey("test.example/ledger", testKey.publicKey));
const settlement: SettlementInfo = { v: 1, host: "test.example", network: "local", key, accounts: [] };
const threads = scanThreads({ size: 2, leastBytes: 0 });
const texts = Array.from({ length: 2600 }, (_, at) => jsonOf(monthlyEvent(`é ${at} ${"y".repeat(at % 700)}`)));

async function folderOf(text: string): Promise<string> {
  const folder = join(temporaryFolder(), "ledger");
  await createLedger(folder, settlement);
  writeFileSync(join(folder, `${month}.json`), text);
  return folder;
}

interface Outcome {
  readonly batches: readonly ScannedEvents[];
  readonly torn: readonly LedgerRecovery[];
  readonly fault?: string;
}

/** Lines are in memory that is used again. */
function copyOf(events: ScannedEvents): ScannedEvents {
  const { details } = events;
  return details ? { ...events, details: { ...details, lines: details.lines.slice() } } : events;
}

async function scanned(folder: string, from: number, openScanPool?: OpenScanPool): Promise<Outcome> {
  const [batches, torn]: [ScannedEvents[], LedgerRecovery[]] = [[], []];
  const onRecovery = (recovery: LedgerRecovery): void => void torn.push(recovery);
  const ledger = ledgerFolder(folder, { hash: nodeSha256, onRecovery, openScanPool });
  try {
    for await (const events of ledger.scan(month, { from, wantsDetails: true })) batches.push(copyOf(events));
    return { batches, torn };
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return { batches, torn, fault: `${error.code} ${error.message}` };
  }
}

const written = (events: readonly string[]): string => `[\n${events.join("\n,")}\n]\n`;
const half = Math.floor(texts.length / 2);

test.for<[name: string, text: string, from?: number]>([
  ["as this node writes it", written(texts)],
  ["from its middle on", written(texts), Buffer.byteLength(written(texts.slice(0, half))) - 1],
  ["of no events", written([])],
  ["with an event that is none in its middle", written(texts.with(half, '{"id":"no"}'))],
  ["with a line that is no JSON in its middle", written(texts.with(half, "{no}"))],
  ["that goes on in another formatting", written(texts.with(half, texts.slice(half, half + 2).join("\n  ,  ")))],
  ["that was torn", written(texts).slice(0, -700)],
])("a file %s is scanned by threads as it is by one", async ([, text, from = 0]) => {
  const folder = await folderOf(text);
  expect(await scanned(folder, from, threads)).toEqual(await scanned(folder, from));
});

test("chunks that no thread answers are scanned all the same", async () => {
  const folder = await folderOf(written(texts));
  const dead: OpenScanPool = (bytes) => {
    const pool = threads(bytes);
    if (!pool) return undefined;
    let asked = 0;
    const scan: typeof pool.scan = (task) => {
      const answer = pool.scan(task);
      if (++asked === 2) void pool[Symbol.asyncDispose]();
      return answer;
    };
    return { ...pool, scan };
  };
  expect(await scanned(folder, 0, dead)).toEqual(await scanned(folder, 0));
});

test("a scan that is given up ends its threads, and one of a small file starts none", async () => {
  const folder = await folderOf(written(texts));
  let ended = 0;
  const counted: OpenScanPool = (bytes) => {
    const pool = threads(bytes);
    if (!pool) return undefined;
    return { ...pool, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]().then(() => void ended++) };
  };
  for await (const { count } of ledgerFolder(folder, { openScanPool: counted }).scan(month)) {
    expect(count).toBeGreaterThan(0);
    break;
  }
  expect(ended).toBe(1);
  expect(scanThreads({ size: 2 })(1_000_000)).toBeUndefined();
});
