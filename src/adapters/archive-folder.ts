import { isMonth } from "../core/month.ts";
import type { Archive } from "../ports.ts";
import { alreadyClosed, archiveConflict, archivePath } from "./archive-names.ts";
import { removeFolder, writeOnce } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { openFiles } from "./open-files.ts";
import { folderTree } from "./folder-tree.ts";
import { factsOf, type Folder, readFile } from "./plain-file.ts";
import { writeAllOnce, type WriteNew } from "./write-batch.ts";

/**
 * The folder `anchors/` of a ledger folder.
 *
 * @param writeNew - writes many new files sooner than they are written one by one
 */
export function archiveFolder(ledgerDir: string, fs: FileSystem = nodeFileSystem, writeNew?: WriteNew): Archive {
  const folder: Folder = { root: ledgerDir, fs };
  const tree = folderTree(ledgerDir, fs);
  const isClosed = async (month: string): Promise<boolean> =>
    (await factsOf(folder, archivePath(month, "manifest.json"))) !== undefined;
  const files = openFiles(folder);
  return {
    async months() {
      const months = (await tree.children("anchors")).map((entry) => entry.path.slice("anchors/".length));
      const closed = await Promise.all(months.map(async (month) => isMonth(month) && (await isClosed(month))));
      return months.filter((_, at) => closed[at]);
    },
    read: async (month, name) => readFile(folder, archivePath(month, name)),
    part: async (month, name, start, length) => files.part(archivePath(month, name), start, length),
    async write(month, name, bytes) {
      const path = archivePath(month, name);
      if (!(await writeOnce(folder, path, bytes))) throw archiveConflict(path);
    },
    async writeAll(month, files) {
      const named = files.map(([name, bytes]) => [archivePath(month, name), bytes] as const);
      const [conflict] = await writeAllOnce(folder, named, writeNew);
      if (conflict !== undefined) throw archiveConflict(conflict);
    },
    async discard(month) {
      if (await isClosed(month)) throw alreadyClosed(month);
      await removeFolder(folder, `anchors/${month}`);
    },
  };
}
