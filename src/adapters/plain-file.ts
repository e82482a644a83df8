import { SettlementError } from "../core/error.ts";
import { fileFault, maxFileBytes, notPlain, tooLarge } from "./file-faults.ts";
import { errnoOf, type FileFacts, type FileSystem, type OpenFile } from "./file-system.ts";

/** Files below a folder. Paths are relative to it, with `/`. The root may be a link; below it none is followed. */
export interface Folder {
  readonly root: string;
  readonly fs: FileSystem;
}

/** Is this a relative path that stays below its folder, in one spelling? */
export function isTreePath(path: string): boolean {
  const parts = path.split("/");
  return !/[\0\\]/.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..");
}

export function absolute(folder: Folder, path: string): string {
  if (path !== "" && !isTreePath(path)) throw new TypeError(`${JSON.stringify(path)} is not a path below a folder`);
  return `${folder.root}/${path}`;
}

/** Path of the folder that holds a file; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** So long a folder is taken for one that was, milliseconds. */
const knownMs = 1000;
const knownFolders = 10_000;
const known = new WeakMap<Folder, Map<string, number>>();

/**
 * Is there a folder of the name of each parent?
 *
 * @throws SettlementError `LEDGER_FILE_NOT_PLAIN` when a parent is something else
 */
async function hasPlainParents(folder: Folder, path: string): Promise<boolean> {
  const seen = known.get(folder) ?? new Map<string, number>();
  known.set(folder, seen);
  const nearest = parentOf(path);
  const now = performance.now();
  if (nearest === "" || now - (seen.get(nearest) ?? -Infinity) < knownMs) return true;
  try {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      const facts = await folder.fs.facts(absolute(folder, parent));
      if (!facts) return false;
      if (facts.kind !== "folder") throw notPlain(parent, facts.kind, "folder");
    }
  } catch (error) {
    throw error instanceof SettlementError ? error : fileFault("LEDGER_UNREADABLE", path, error);
  }
  if (seen.size >= knownFolders) seen.clear();
  seen.set(nearest, now);
  return true;
}

/**
 * What has this name, its parents being folders and no links.
 *
 * @throws SettlementError `LEDGER_UNREADABLE`, and `LEDGER_FILE_NOT_PLAIN` when a parent is something else
 */
export async function factsOf(folder: Folder, path: string): Promise<FileFacts | undefined> {
  if (!(await hasPlainParents(folder, path))) return undefined;
  try {
    return await folder.fs.facts(absolute(folder, path));
  } catch (error) {
    throw fileFault("LEDGER_UNREADABLE", path, error);
  }
}

/**
 * Opens a plain file to read it; undefined when nothing has this name.
 *
 * @throws SettlementError `LEDGER_UNREADABLE`, `LEDGER_FILE_NOT_PLAIN`
 */
export async function openPlain(folder: Folder, path: string): Promise<OpenFile | undefined> {
  return (await openSized(folder, path))?.file;
}

interface SizedFile {
  readonly file: OpenFile;
  readonly size: number;
}

async function openSized(folder: Folder, path: string): Promise<SizedFile | undefined> {
  if (!(await hasPlainParents(folder, path))) return undefined;
  try {
    const file = await folder.fs.open(absolute(folder, path), "read");
    try {
      const { kind, size } = await file.facts();
      if (kind === "file" || kind === "executable") return { file, size };
      throw notPlain(path, kind, "file");
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ENAMETOOLONG") return undefined;
    if (errno === "ELOOP" || errno === "ENXIO") throw notPlain(path, errno === "ELOOP" ? "link" : "other", "file");
    throw fileFault("LEDGER_UNREADABLE", path, error);
  }
}

/**
 * A plain file, whole; undefined when nothing has this name.
 *
 * @throws SettlementError `LEDGER_UNREADABLE`, `LEDGER_FILE_NOT_PLAIN`, `LEDGER_FILE_TOO_LARGE`
 */
export async function readFile(folder: Folder, path: string): Promise<Uint8Array | undefined> {
  const opened = await openSized(folder, path);
  if (!opened) return undefined;
  const { file, size } = opened;
  try {
    if (size > maxFileBytes) throw tooLarge(path, size);
    return await readFrom(file, 0, size);
  } catch (error) {
    throw fileFault("LEDGER_UNREADABLE", path, error);
  } finally {
    await file.close();
  }
}

/** Bytes from `start` up to `end`, fewer where the file ends. */
export async function readFrom(file: OpenFile, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  let length = 0;
  while (length < bytes.length) {
    const count = await file.read(bytes.subarray(length), start + length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
