import { mkdirSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import type { Folder } from "../../adapters/plain-file.ts";
import { merkletreejsTree } from "../../adapters/second-root.ts";
import { openLedger } from "../../compose.ts";
import { fast, policyBytes } from "../../compose-judging.ts";
import { SettlementError } from "../../core/error.ts";
import { completeDerived } from "../../settle/complete-derived.ts";
import { type LedgerOutline, readLedgerOutline } from "../../settle/ledger-view.ts";
import type { CommandSpec, Context } from "../command.ts";
import { copyListed, putFile, removeLeftovers, several } from "../export/copy-files.ts";
import { closedFiles, type ListedFile } from "../export/list-files.ts";
import { networkRules } from "../export/network-rules.ts";
import { siteFiles, sitePages } from "../export/site-files.ts";
import { columns, styled } from "../io.ts";
import { noteTo, warnOfRecovery } from "../notes.ts";

function requireElsewhere(to: string, ledger: string): void {
  const inside = relative(resolve(ledger), resolve(to));
  if (inside !== "" && (inside.startsWith("..") || isAbsolute(inside))) return;
  throw new SettlementError("CONFIG_INVALID", `${to} lies in the ledger that is copied; name a folder elsewhere`);
}

type Open = Awaited<ReturnType<typeof openLedger>>;

/** A ledger whose closed months have everything that follows from their events. @throws SettlementError `PARTITION_NOT_CLOSED` */
async function completeOutline(open: Open): Promise<LedgerOutline> {
  const outline = await readLedgerOutline(open);
  if (outline.closed.length === 0) {
    throw new SettlementError("PARTITION_NOT_CLOSED", "no month is closed yet, so there is nothing to copy");
  }
  const deps = { ledger: open.ledger, archive: open.archive, newSecondRoot: merkletreejsTree, ...fast };
  const made = await open.ledger.alone(async () => {
    let missing = 0;
    for (const { month } of outline.closed) missing += await completeDerived(outline, month, deps);
    return missing;
  });
  return made === 0 ? outline : readLedgerOutline(open);
}

function progressOf({ io, format }: Context, what: string): SingleBar | undefined {
  if (!io.isTerminal || format === "json") return undefined;
  return new SingleBar({ format: `  ${what} {bar} {value} of {total}`, hideCursor: true, clearOnComplete: true });
}

async function copyAll(files: readonly ListedFile[], from: Folder, to: Folder, context: Context): Promise<void> {
  const bar = progressOf(context, "copying files");
  bar?.start(files.length, 0);
  await several(files, async (file) => {
    context.io.stop.throwIfAborted();
    await copyListed(from, to, file);
    bar?.increment();
  });
  bar?.stop();
}

export const exportLedger: CommandSpec = {
  name: "export",
  usage: "<DIR>",
  about:
    "Copy what is closed of a ledger into a folder for any static host, with the console as index.html: whoever has its address looks at the months and proves events from it, with no node behind it. Done again, it adds what came since.",
  settings: ["ledger", "policy", "format"],
  examples: ["export public --ledger my-ledger", "prove your-org/your-repo@1.2.0 --from https://ledger.example.org/"],
  async run(context, [dir = ""]) {
    const { config, format, io } = context;
    const atUnixMs = 1000 * Math.floor(Date.now() / 1000);
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    requireElsewhere(dir, open.folder);
    const outline = await completeOutline(open);
    const closed = outline.closed.map(({ month }) => month);
    mkdirSync(dir, { recursive: true });
    const [from, to]: [Folder, Folder] = [
      { root: open.folder, fs: nodeFileSystem },
      { root: dir, fs: nodeFileSystem },
    ];
    await removeLeftovers(to);
    const listed = await closedFiles(outline, closed, { tree: folderTree(open.folder), archive: open.archive });
    await copyAll(listed, from, to, context);
    const note = noteTo(io);
    const rules = await networkRules(open, policyBytes(config), ({ code, message }) =>
      note(`releases will be judged without the network's own rules: ${message} (${code})`),
    );
    const pages = sitePages();
    // What names other files comes after them.
    const made = [...rules, ...(await siteFiles(outline, open.archive, atUnixMs)), ...pages];
    for (const [path, bytes] of made) await putFile(to, path, bytes);
    if (pages.length < 2) note("the pages were not built with this program and are not in the copy; npm run build");
    const files = listed.length + made.length;
    if (format === "json") io.out(`${JSON.stringify({ dir, months: closed, files })}\n`);
    else {
      io.out(`${styled(io, "green", "✓")} ${closed.length} closed months are in ${dir}\n`);
      const rows: [string, string][] = [
        ["Serve", "the folder as it is, by any host of files; it is best when it answers range requests"],
        ["Open", "its address in a browser: the console, with every proof computed there"],
        ["Prove", "settlement prove ORG/REPO@VERSION --from URL"],
      ];
      io.out(columns(rows));
    }
    return 0;
  },
};
