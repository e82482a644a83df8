import { replaceFile } from "../../adapters/durable-file.ts";
import { copyOnce, copyOver } from "../../adapters/file-copy.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { type Folder, readFile } from "../../adapters/plain-file.ts";
import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import type { ListedFile } from "./list-files.ts";

/** Files that are copied at the same time: each waits for the disk. */
const atOnce = 8;

/** Runs `work` on each item, several at a time; the first fault ends it. */
export async function several<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/**
 * Copies what is not there yet. What is published of a closed month never changes; the rest is replaced.
 *
 * @throws SettlementError `ARCHIVE_CONFLICT`, `LEDGER_UNREADABLE`, `LEDGER_WRITE_FAILED`
 */
export async function copyListed(from: Folder, to: Folder, [path, length]: ListedFile): Promise<void> {
  const copied = { from, to, path, length };
  // Another version of this program may find the events by more: an index is made again at any time.
  if (!path.startsWith("anchors/") || path.includes("/index/")) return copyOver(copied);
  if (await copyOnce(copied)) return;
  throw new SettlementError(
    "ARCHIVE_CONFLICT",
    `${path} is in the copy already and holds other bytes: it is a copy of another ledger, or one of the two was altered`,
  );
}

/** Removes what killed exports left half-written, which lies under names of its own. @throws SettlementError `LEDGER_UNREADABLE` */
export async function removeLeftovers({ root, fs }: Folder): Promise<void> {
  const entries = await folderTree(root).entries("");
  const left = entries.filter(({ path }) => /(?:^|\/)\.[^/]+\.[0-9a-f]{16}\.tmp$/.test(path));
  await several(left, ({ path }) => fs.remove(`${root}/${path}`));
}

/** Puts a small file in place, unless it holds these bytes already. @throws SettlementError `LEDGER_WRITE_FAILED` */
export async function putFile(to: Folder, path: string, bytes: Uint8Array): Promise<void> {
  const known = await readFile(to, path);
  if (!known || !equalBytes(known, bytes)) await replaceFile(to, path, bytes, known);
}
