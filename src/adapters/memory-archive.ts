import { equalBytes } from "../core/bytes.ts";
import { isMonth } from "../core/month.ts";
import type { Archive } from "../ports.ts";
import { alreadyClosed, archiveConflict, archivePath } from "./archive-names.ts";

/** An archive that lives as long as the process. */
export function memoryArchive(): Archive {
  const files = new Map<string, Uint8Array>();
  const write: Archive["write"] = async (month, name, bytes) => {
    const path = archivePath(month, name);
    const existing = files.get(path);
    if (existing && !equalBytes(existing, bytes)) throw archiveConflict(path);
    files.set(path, bytes.slice());
  };
  return {
    months: async () =>
      Array.from(files.keys(), (path) => /^anchors\/([^/]*)\/manifest\.json$/.exec(path)?.[1])
        .filter(isMonth)
        .toSorted(),
    read: async (month, name) => files.get(archivePath(month, name))?.slice(),
    part: async (month, name, start, length) => files.get(archivePath(month, name))?.slice(start, start + length),
    write,
    async writeAll(month, added) {
      for (const [name, bytes] of added) await write(month, name, bytes);
    },
    async discard(month) {
      if (files.has(archivePath(month, "manifest.json"))) throw alreadyClosed(month);
      for (const path of files.keys()) if (path.startsWith(`anchors/${month}/`)) files.delete(path);
    },
  };
}
