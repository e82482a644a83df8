import { mkdirSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { type Folder, openPlain, readFrom, replaceFile, writeOnce } from "../../adapters/durable-file.ts";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { linesFile } from "../../adapters/read-ledger.ts";
import { merkletreejsTree } from "../../adapters/second-root.ts";
import { monthsFile, monthsJson } from "../../adapters/static-ledger.ts";
import { fast, openLedger } from "../../compose.ts";
import { SettlementError } from "../../core/error.ts";
import { indexFiles, parseIndexFacts, readPlaces } from "../../core/event-index.ts";
import { parseJson } from "../../core/json.ts";
import type { Month } from "../../core/month.ts";
import type { Archive } from "../../ports.ts";
import { completeDerived } from "../../settle/complete-derived.ts";
import { type LedgerOutline, readLedgerOutline } from "../../settle/ledger-view.ts";
import { publishedJson } from "../../settle/published-json.ts";
import type { CommandSpec, Context } from "../command.ts";
import { columns, styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

function requireElsewhere(to: string, ledger: string): void {
  const inside = relative(resolve(ledger), resolve(to));
  if (inside !== "" && (inside.startsWith("..") || isAbsolute(inside))) return;
  throw new SettlementError("CONFIG_INVALID", `${to} lies in the ledger that is copied; name a folder elsewhere`);
}

/** Bytes of the one list up to the end of the last closed event. */
async function closedBytes(archive: Archive, closed: readonly Month[]): Promise<number> {
  let end = 0;
  for (const month of closed) {
    const bytes = await archive.read(month, indexFiles.facts);
    const { count } = parseIndexFacts(parseJson(bytes ?? new Uint8Array()));
    if (count === 0) continue;
    const read = async (start: number, length: number): Promise<Uint8Array> =>
      (await archive.part(month, indexFiles.places, start, length)) ?? new Uint8Array();
    const [last] = await readPlaces(read, count - 1, count);
    end = Math.max(end, (last?.offset ?? 0) + (last?.length ?? 0));
  }
  return end;
}

/** Paths below the ledger folder that a copy holds, and how many bytes of each; all where none are told. */
async function filesOf(
  open: Awaited<ReturnType<typeof openLedger>>,
  { form, files }: LedgerOutline,
  closed: readonly Month[],
): Promise<readonly (readonly [path: string, bytes?: number])[]> {
  const tree = folderTree(open.folder);
  const plain = async (prefix: string): Promise<string[]> =>
    (await tree.entries(prefix)).flatMap(({ path, kind }) => (kind === "file" || kind === "executable" ? [path] : []));
  const published = (await Promise.all(closed.map((month) => plain(`anchors/${month}`)))).flat();
  const events: readonly (readonly [string, number?])[] =
    form === "lines"
      ? [[linesFile, await closedBytes(open.archive, closed)]]
      : closed.flatMap((month) => (files.includes(month) ? [[`${month}.json`] as const] : []));
  const nodes = (await plain("nodes")).filter((path) => path.endsWith("/node.json"));
  return [
    ["settlement.json"],
    ...nodes.map((path) => [path] as const),
    ...events,
    ...published.map((path) => [path] as const),
  ];
}

async function bytesOf(folder: Folder, path: string, length?: number): Promise<Uint8Array> {
  const file = await openPlain(folder, path);
  if (!file) throw new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was copied; try again`);
  try {
    return await readFrom(file, 0, length ?? (await file.facts()).size);
  } finally {
    await file.close();
  }
}

/** Copies what is not there yet. What is published of a closed month never changes; the rest is replaced. */
async function copyFile(from: Folder, to: Folder, path: string, length?: number): Promise<void> {
  const bytes = await bytesOf(from, path, length);
  if (path.startsWith("anchors/")) {
    if (await writeOnce(to, path, bytes)) return;
    throw new SettlementError(
      "ARCHIVE_CONFLICT",
      `${path} is in the copy already and holds other bytes: it is a copy of another ledger, or one of the two was altered`,
    );
  }
  await replaceFile(to, path, bytes, undefined);
}

function progressOf({ io, format }: Context): SingleBar | undefined {
  if (!io.isTerminal || format === "json") return undefined;
  return new SingleBar({ format: "  copying {bar} {value} of {total} files", hideCursor: true, clearOnComplete: true });
}

export const exportLedger: CommandSpec = {
  name: "export",
  usage: "<DIR>",
  about:
    "Copy what is closed of a ledger into a folder for any static host: whoever has its address proves events from it, with no node behind it. Done again, it adds the months that were closed since.",
  settings: ["ledger", "format"],
  examples: ["export public --ledger my-ledger", "prove your-org/your-repo@1.2.0 --from https://ledger.example.org/"],
  async run(context, [dir = ""]) {
    const { config, format, io } = context;
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    requireElsewhere(dir, open.folder);
    const outline = await readLedgerOutline(open);
    const closed = outline.closed.map(({ month }) => month);
    if (closed.length === 0) {
      throw new SettlementError("PARTITION_NOT_CLOSED", "no month is closed yet, so there is nothing to copy");
    }
    const deps = { ledger: open.ledger, archive: open.archive, newSecondRoot: merkletreejsTree, ...fast };
    await open.ledger.alone(async () => {
      for (const month of closed) await completeDerived(outline, month, deps);
    });
    mkdirSync(dir, { recursive: true });
    const [from, to]: [Folder, Folder] = [
      { root: open.folder, fs: nodeFileSystem },
      { root: dir, fs: nodeFileSystem },
    ];
    const files = await filesOf(open, outline, closed);
    const bar = progressOf(context);
    bar?.start(files.length, 0);
    for (const [at, [path, length]] of files.entries()) {
      io.stop.throwIfAborted();
      await copyFile(from, to, path, length);
      bar?.update(at + 1);
    }
    bar?.stop();
    // The list of months last: what it names is there.
    await replaceFile(to, monthsFile, publishedJson(monthsJson(closed)), undefined);
    if (format === "json") io.out(`${JSON.stringify({ dir, months: closed, files: files.length + 1 })}\n`);
    else {
      io.out(`${styled(io, "green", "✓")} ${closed.length} closed months are in ${dir}\n`);
      const rows: [string, string][] = [
        ["Serve", `the folder as it is, by any host that answers range requests`],
        ["Prove", `settlement prove ORG/REPO@VERSION --from URL`],
      ];
      io.out(columns(rows));
    }
    return 0;
  },
};
