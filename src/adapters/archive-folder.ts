import { isMonth } from "../core/month.ts";
import type { Archive } from "../ports.ts";
import { alreadyClosed, archiveConflict, archivePath } from "./archive-names.ts";
import { factsOf, type Folder, readFile, removeFolder, writeOnce } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { folderTree } from "./folder-tree.ts";

/** The folder `anchors/` of a ledger folder. */
export function archiveFolder(ledgerDir: string, fs: FileSystem = nodeFileSystem): Archive {
  const folder: Folder = { root: ledgerDir, fs };
  const tree = folderTree(ledgerDir, fs);
  const isClosed = async (month: string): Promise<boolean> =>
    (await factsOf(folder, archivePath(month, "manifest.json"))) !== undefined;
  return {
    async months() {
      const months = (await tree.children("anchors")).map((entry) => entry.path.slice("anchors/".length));
      const closed = await Promise.all(months.map(async (month) => isMonth(month) && (await isClosed(month))));
      return months.filter((_, at) => closed[at]);
    },
    read: async (month, name) => readFile(folder, archivePath(month, name)),
    async write(month, name, bytes) {
      const path = archivePath(month, name);
      if (!(await writeOnce(folder, path, bytes))) throw archiveConflict(path);
    },
    async discard(month) {
      if (await isClosed(month)) throw alreadyClosed(month);
      await removeFolder(folder, `anchors/${month}`);
    },
  };
}
