// What `bench/close.ts` measures, one task a process.
import { hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { archiveFolder } from "../src/adapters/archive-folder.ts";
import { blockTree } from "../src/adapters/file-blocks.ts";
import { nodeFileSystem } from "../src/adapters/file-system.ts";
import { ledgerFolder } from "../src/adapters/ledger-folder.ts";
import { memoryHeads } from "../src/adapters/memory-heads.ts";
import { merkletreejsTree } from "../src/adapters/second-root.ts";
import { fast } from "../src/compose-judging.ts";
import { fromHex } from "../src/core/bytes.ts";
import { scanThreads } from "../src/scan-pool.ts";
import { closePartition } from "../src/settle/close-partition.ts";
import { threadPool } from "../src/validate-pool.ts";
import { validateLedger } from "../src/validate/validate-ledger.ts";
import { writeThreads } from "../src/write-pool.ts";
import { madeNowUnixMs, settlementKey } from "./made-ledger.ts";
import { measured } from "./own-process.ts";

/** What one process measures; all of it but the floor has the month's root as its outcome. */
export type CloseTask =
  | { readonly kind: "floor" | "judge"; readonly folder: string; readonly month: string }
  | {
      readonly kind: "close";
      readonly folder: string;
      readonly month: string;
      /** The root, where it is known and not computed a second time. */
      readonly root?: string;
    };

const blockBytes = 262_144;

/** The least that can be done: every line is read, parsed and hashed once. */
function floor(path: string): number {
  const file = openSync(path, "r");
  const block = Buffer.alloc(blockBytes);
  let [count, rest] = [0, ""];
  for (let length = readSync(file, block); length > 0; length = readSync(file, block)) {
    const lines = (rest + block.toString("utf8", 0, length)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.length < 2) continue;
      const text = line.startsWith(",") ? line.slice(1) : line;
      const { id } = JSON.parse(text) as { id: string };
      if (hash("sha256", text, "binary").length === 32 && id.length === 64) count++;
    }
  }
  closeSync(file);
  return count;
}

async function close({ folder, month, root }: CloseTask & { kind: "close" }): Promise<string> {
  const ledger = ledgerFolder(folder, { hash: fast.sha256, openScanPool: scanThreads() });
  const known = root === undefined ? undefined : fromHex(root);
  const { manifest } = await closePartition(month, "local", {
    ledger,
    archive: archiveFolder(folder, nodeFileSystem, writeThreads()),
    heads: memoryHeads(),
    clock: () => madeNowUnixMs,
    key: settlementKey,
    ...fast,
    newSecondRoot: known ? () => ({ append: () => undefined, root: () => known }) : merkletreejsTree,
    judge: () => Promise.resolve([]),
    graceMs: 0,
    alone: (work) => ledger.alone(work),
  });
  return `${manifest.root} ${manifest.count}`;
}

async function judge(folder: string): Promise<string> {
  await using pool = threadPool();
  const report = await validateLedger(blockTree(folder), {
    nowUnixMs: madeNowUnixMs,
    windows: { behindMs: madeNowUnixMs },
    ...fast,
    pool,
    isFull: true,
  });
  return report.valid ? "valid" : JSON.stringify(report.findings[0]);
}

await measured(async (task: CloseTask) => {
  switch (task.kind) {
    case "floor":
      return { outcome: String(floor(join(task.folder, `${task.month}.json`))) };
    case "judge":
      return { outcome: await judge(task.folder) };
    default:
      return { outcome: await close(task) };
  }
});
