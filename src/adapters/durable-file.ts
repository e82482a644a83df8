import { equalBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fileFault, noLedger, notPlain } from "./file-faults.ts";
import { errnoOf, type FileFacts, type OpenFile } from "./file-system.ts";
import { absolute, factsOf, type Folder, parentOf, readFile, readFrom } from "./plain-file.ts";
import { temporaryBeside } from "./temporary-name.ts";

async function opened(
  { fs, root }: Folder,
  path: string,
  how: "update" | "create",
): Promise<OpenFile & AsyncDisposable> {
  const file = await fs.open(`${root}/${path}`, how);
  return { ...file, [Symbol.asyncDispose]: () => file.close() };
}

export async function writeAll(file: OpenFile, bytes: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at), start + at);
}

/**
 * Makes a folder and those above it up to the root, durably.
 *
 * @throws SettlementError `LEDGER_WRITE_FAILED`, `LEDGER_FILE_NOT_PLAIN`, `LEDGER_NOT_FOUND` when there is no root
 */
export async function makeFolders(folder: Folder, path: string): Promise<void> {
  const facts = await factsOf(folder, path);
  if (facts?.kind === "folder") return;
  if (facts) throw notPlain(path, facts.kind, "folder");
  if (path === "") throw noLedger();
  await makeFolders(folder, parentOf(path));
  try {
    await folder.fs.makeFolder(absolute(folder, path));
    await folder.fs.syncFolder(absolute(folder, parentOf(path)));
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}

/** Has a temporary file beside `path` filled, durable but for its name, and hands it to `publish`; it is gone afterwards. */
export async function withTemporary(
  folder: Folder,
  path: string,
  fill: (file: OpenFile) => Promise<void>,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(path, folder.fs.unique());
  try {
    {
      await using file = await opened(folder, temporary, "create");
      await fill(file);
      await file.sync();
    }
    await publish(absolute(folder, temporary));
  } finally {
    await folder.fs.remove(absolute(folder, temporary)).catch(() => undefined);
  }
}

/**
 * Puts `bytes` in the place of a file, or where none is: one or the other after a crash, and the new ones once it resolves.
 *
 * @param previous - what the file holds now; put back when the new bytes are in place and cannot be made durable
 * @throws SettlementError `LEDGER_WRITE_FAILED`, `LEDGER_FILE_NOT_PLAIN`
 */
export async function replaceFile(
  folder: Folder,
  path: string,
  bytes: Uint8Array,
  previous: Uint8Array | undefined,
): Promise<void> {
  const { fs } = folder;
  const target = absolute(folder, path);
  const rename = (temporary: string): Promise<void> => fs.rename(temporary, target);
  await makeFolders(folder, parentOf(path));
  try {
    await withTemporary(folder, path, (file) => writeAll(file, bytes, 0), rename);
    try {
      await fs.syncFolder(absolute(folder, parentOf(path)));
    } catch (error) {
      await (
        previous ? withTemporary(folder, path, (file) => writeAll(file, previous, 0), rename) : fs.remove(target)
      ).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}

/**
 * Writes a file that nobody may change afterwards. The same bytes again are welcome.
 *
 * @returns false when the file holds other bytes
 * @throws SettlementError `LEDGER_WRITE_FAILED`, `LEDGER_UNREADABLE`, `LEDGER_FILE_NOT_PLAIN`
 */
export async function writeOnce(folder: Folder, path: string, bytes: Uint8Array): Promise<boolean> {
  await makeFolders(folder, parentOf(path));
  const existing = await readFile(folder, path);
  if (existing && !equalBytes(existing, bytes)) return false;
  try {
    const publish = (temporary: string): Promise<void> => folder.fs.link(temporary, absolute(folder, path));
    if (!existing) await withTemporary(folder, path, (file) => writeAll(file, bytes, 0), publish);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return writeOnce(folder, path, bytes);
    throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
  try {
    await folder.fs.syncFolder(absolute(folder, parentOf(path)));
    return true;
  } catch (error) {
    if (!existing) await folder.fs.remove(absolute(folder, path)).catch(() => undefined);
    throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}

/**
 * Writes over the end of a file in place, with one fsync. When that fails, the old end is put back; a crash may leave
 * the new bytes in part.
 *
 * @param version - the file's, as it is known; no longer being that, it is left alone
 * @returns the facts afterwards; undefined when the file was changed by somebody else
 * @throws SettlementError `LEDGER_WRITE_FAILED`
 */
export async function overwriteEnd(
  folder: Folder,
  path: string,
  version: string,
  end: { readonly at: number; readonly bytes: Uint8Array },
): Promise<FileFacts | undefined> {
  try {
    await using file = await opened(folder, path, "update");
    const before = await file.facts();
    if (before.version !== version) return undefined;
    const old = await readFrom(file, end.at, before.size);
    try {
      await writeAll(file, end.bytes, end.at);
      await file.sync();
      return await file.facts();
    } catch (error) {
      const isRestored = await restore(file, end.at, before.size, old);
      throw fileFault("LEDGER_WRITE_FAILED", path, error, isRestored ? undefined : tornEnd);
    }
  } catch (error) {
    throw error instanceof SettlementError ? error : fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}

const tornEnd =
  "could not be written, and its end could not be put back; the next append cuts it back to its last whole event first";

/** Puts the old end of a file back; false when that fails too. */
async function restore(file: OpenFile, at: number, size: number, old: Uint8Array): Promise<boolean> {
  try {
    await file.truncate(size);
    await writeAll(file, old, at);
    await file.sync();
    return true;
  } catch {
    return false;
  }
}

/** Removes a folder with all that is in it; welcome when there is none. @throws SettlementError `LEDGER_WRITE_FAILED` */
export async function removeFolder(folder: Folder, path: string): Promise<void> {
  const facts = await factsOf(folder, path);
  if (!facts) return;
  if (facts.kind !== "folder") throw notPlain(path, facts.kind, "folder");
  try {
    await folder.fs.removeFolder(absolute(folder, path));
    await folder.fs.syncFolder(absolute(folder, parentOf(path)));
  } catch (error) {
    throw fileFault("LEDGER_WRITE_FAILED", path, error);
  }
}
