import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Small files by name, any of which may be gone at any time. */
export interface CacheFolder {
  read(name: string): Uint8Array | undefined;
  write(name: string, bytes: Uint8Array): void;
}

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
    write(name, bytes) {
      const path = pathOf(name);
      const temporary = `${path}.${randomUUID()}`;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(temporary, bytes, { mode: 0o600 });
        renameSync(temporary, path);
      } catch {
        // Nothing is kept, and the next run takes longer.
      }
    },
  };
}

/** Where this user's programs keep what can be made again (XDG Base Directory). */
export function userCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env["XDG_CACHE_HOME"];
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "repomesh-settlement");
}
