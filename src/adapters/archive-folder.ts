import { isMonth } from "../core/month.ts";
import type { Archive } from "../ports.ts";
import { alreadyClosed, archiveConflict, archivePath } from "./archive-names.ts";
import { factsOf, type Folder, readFile, removeFolder, writeOnce } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { openFiles } from "./open-files.ts";
import { folderTree } from "./folder-tree.ts";

const writtenAtOnce = 8;

/** The folder `anchors/` of a ledger folder. */
export function archiveFolder(ledgerDir: string, fs: FileSystem = nodeFileSystem): Archive {
  const folder: Folder = { root: ledgerDir, fs };
  const tree = folderTree(ledgerDir, fs);
  const isClosed = async (month: string): Promise<boolean> =>
    (await factsOf(folder, archivePath(month, "manifest.json"))) !== undefined;
  const files = openFiles(folder);
  const write: Archive["write"] = async (month, name, bytes) => {
    const path = archivePath(month, name);
    if (!(await writeOnce(folder, path, bytes))) throw archiveConflict(path);
  };
  return {
    async months() {
      const months = (await tree.children("anchors")).map((entry) => entry.path.slice("anchors/".length));
      const closed = await Promise.all(months.map(async (month) => isMonth(month) && (await isClosed(month))));
      return months.filter((_, at) => closed[at]);
    },
    read: async (month, name) => readFile(folder, archivePath(month, name)),
    part: async (month, name, start, length) => files.part(archivePath(month, name), start, length),
    write,
    async writeAll(month, files) {
      const left = files.values();
      const writeLeft = async (): Promise<void> => {
        for (const [name, bytes] of left) await write(month, name, bytes);
      };
      // Nobody writes any more once this rejects.
      const ends = await Promise.allSettled(Array.from({ length: writtenAtOnce }, writeLeft));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    },
    async discard(month) {
      if (await isClosed(month)) throw alreadyClosed(month);
      await removeFolder(folder, `anchors/${month}`);
    },
  };
}
