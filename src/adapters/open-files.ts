import { fileFault } from "./file-faults.ts";
import type { OpenFile } from "./file-system.ts";
import { type Folder, openPlain, readFrom } from "./plain-file.ts";

/** Reads parts of files that stay open for a while, so that a small read costs one call of the system. */
export interface OpenFiles {
  /** Part of a plain file, shorter where the file ends. See `readPart` for errors. */
  part(path: string, start: number, length: number): Promise<Uint8Array | undefined>;
}

interface Kept {
  readonly file: Promise<OpenFile | undefined>;
  readonly openedMs: number;
  readers: number;
  isDropped: boolean;
}

/** What is replaced by another file is noticed after this long, milliseconds. */
const keptMs = 1000;
const keptFiles = 32;

export function openFiles(folder: Folder): OpenFiles {
  const kept = new Map<string, Kept>();
  const drop = (path: string, entry: Kept): void => {
    kept.delete(path);
    entry.isDropped = true;
    if (entry.readers === 0) closeQuietly(entry);
  };
  const take = (path: string): Kept => {
    const found = kept.get(path);
    if (found && performance.now() - found.openedMs < keptMs) return found;
    if (found) drop(path, found);
    for (const [old, entry] of kept) if (kept.size >= keptFiles) drop(old, entry);
    const entry: Kept = {
      file: openPlain(folder, path),
      openedMs: performance.now(),
      readers: 0,
      isDropped: false,
    };
    kept.set(path, entry);
    // Nobody waits for a file that is not asked for any more.
    setTimeout(() => kept.get(path) === entry && drop(path, entry), keptMs).unref();
    return entry;
  };
  return {
    async part(path, start, length) {
      const entry = take(path);
      entry.readers++;
      try {
        const file = await entry.file;
        if (!file) drop(path, entry);
        return file && (await readFrom(file, start, start + length));
      } catch (error) {
        drop(path, entry);
        throw fileFault("LEDGER_UNREADABLE", path, error);
      } finally {
        entry.readers--;
        if (entry.isDropped && entry.readers === 0) closeQuietly(entry);
      }
    },
  };
}

function closeQuietly({ file }: Kept): void {
  void file.then(
    (opened) => opened?.close(),
    () => undefined,
  );
}
