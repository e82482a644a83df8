import { randomUUID } from "node:crypto";
import {
  closeSync,
  type Dirent,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** An open file; see `RandomFile`. */
interface CachedFile extends Disposable {
  readonly size: number;
  read(start: number, length: number): Uint8Array;
}

/** Files by name, any of which may be gone at any time. */
export interface CacheFolder {
  read(name: string): Uint8Array | undefined;
  open(name: string): CachedFile | undefined;
  /** @param bytes - of the file, in pieces where it is large */
  write(name: string, bytes: Uint8Array | Iterable<Uint8Array>): void;
  remove(name: string): void;
  /** Drops what was written long ago. */
  prune(): void;
}

const dayMs = 86_400_000;

/** What is older than this is made again when it is wanted, milliseconds; of what was never finished, nothing is. */
const keptMs = { whole: 120 * dayMs, unfinished: dayMs } as const;

/** @param dir - made with the first write; a folder that cannot be written keeps nothing */
export function cacheFolder(dir: string): CacheFolder {
  const pathOf = (name: string): string => join(dir, name.slice(0, 2), name);
  return {
    read(name) {
      try {
        return readFileSync(pathOf(name));
      } catch {
        return undefined;
      }
    },
    open(name) {
      try {
        return openFile(pathOf(name));
      } catch {
        return undefined;
      }
    },
    write(name, bytes) {
      const path = pathOf(name);
      const temporary = `${path}.${randomUUID()}`;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writePieces(temporary, bytes instanceof Uint8Array ? [bytes] : bytes);
        renameSync(temporary, path);
      } catch {
        // Nothing is kept, and the next run takes longer.
        removeQuietly(temporary);
      }
    },
    remove: (name) => removeQuietly(pathOf(name)),
    prune() {
      for (const entry of namesBelow(dir)) {
        const path = join(entry.parentPath, entry.name);
        const ageMs = entry.isFile() ? Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) : 0;
        if (ageMs > (entry.name.includes(".") ? keptMs.unfinished : keptMs.whole)) removeQuietly(path);
      }
    },
  };
}

function namesBelow(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true });
  } catch {
    // Another process prunes as well, or nothing was ever written.
    return [];
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It cannot be there either.
  }
}

function openFile(path: string): CachedFile | undefined {
  const file = openSync(path, "r");
  const facts = fstatSync(file);
  if (!facts.isFile()) {
    closeSync(file);
    return undefined;
  }
  return {
    size: facts.size,
    read(start, length) {
      const bytes = new Uint8Array(length);
      try {
        return bytes.subarray(0, readSync(file, bytes, 0, length, start));
      } catch {
        // What cannot be read is as good as cut off.
        return new Uint8Array();
      }
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

function writePieces(path: string, pieces: Iterable<Uint8Array>): void {
  const file = openSync(path, "wx", 0o600);
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
    }
  } finally {
    closeSync(file);
  }
}

/** Where this user's programs keep what can be made again (XDG Base Directory). */
export function userCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env["XDG_CACHE_HOME"];
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "repomesh-settlement");
}
