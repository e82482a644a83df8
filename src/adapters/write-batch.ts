import { equalBytes } from "../core/bytes.ts";
import { makeFolders, withTemporary, writeAll, writeOnce } from "./durable-file.ts";
import { fileFault } from "./file-faults.ts";
import { errnoOf } from "./file-system.ts";
import { absolute, type Folder, readFile } from "./plain-file.ts";

/** A file to be written, by its path. */
export type NamedBytes = readonly [path: string, bytes: Uint8Array];

const writtenAtOnce = 8;

/**
 * Writes new files, each whole on the disk before it has its name.
 *
 * @param root - folder that their paths are relative to; theirs are there
 * @returns those that it did not write: because something has their name, or for want of means
 * @throws SettlementError `LEDGER_WRITE_FAILED`; nothing is written any more once it rejects
 */
export type WriteNew = (root: string, files: readonly NamedBytes[]) => Promise<readonly NamedBytes[]>;

/**
 * Writes many files as `writeOnce` does each, all of them durable once it resolves: each is whole on the disk before it has
 * its name, and each folder is made durable once, when all of its files have theirs. A crash may leave some of them.
 *
 * @param writeNew - does what it can sooner
 * @returns paths of those that hold other bytes already
 * @throws SettlementError as `writeOnce`; nothing is written any more once it rejects
 */
export async function writeAllOnce(
  folder: Folder,
  files: readonly NamedBytes[],
  writeNew: WriteNew = async () => files,
): Promise<readonly string[]> {
  const parents = Map.groupBy(files, ([path]) => path.slice(0, path.lastIndexOf("/")));
  for (const parent of parents.keys()) await makeFolders(folder, parent);
  const left = await writeNew(folder.root, files);
  const named = new Set(files.map(([path]) => path));
  for (const [path] of left) named.delete(path);
  const conflicts: string[] = [];
  await each(left, async ([path, bytes]) => {
    if (await giveName(folder, path, bytes)) named.add(path);
    else if (!(await holds(folder, path, bytes))) conflicts.push(path);
  });
  await each([...parents], async ([parent, held]) => {
    try {
      await folder.fs.syncFolder(absolute(folder, parent));
    } catch (error) {
      const own = held.filter(([path]) => named.has(path));
      for (const [path] of own) await folder.fs.remove(absolute(folder, path)).catch(() => undefined);
      throw fileFault("LEDGER_WRITE_FAILED", parent, error);
    }
  });
  return conflicts;
}

/** @returns false when there is something of this name */
async function giveName(folder: Folder, path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const publish = (temporary: string): Promise<void> => folder.fs.link(temporary, absolute(folder, path));
    await withTemporary(folder, path, (file) => writeAll(file, bytes, 0), publish);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}

async function holds(folder: Folder, path: string, bytes: Uint8Array): Promise<boolean> {
  const existing = await readFile(folder, path);
  // Somebody has taken it away again meanwhile.
  return existing ? equalBytes(existing, bytes) : writeOnce(folder, path, bytes);
}

/** Some at once; all have ended when it rejects. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const actOnLeft = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: writtenAtOnce }, actOnLeft));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
