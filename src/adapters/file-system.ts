import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { link, lstat, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import type { TreeEntry } from "../ports.ts";

export type FileKind = TreeEntry["kind"];

/** What is known of a name without opening it. */
export interface FileFacts {
  readonly kind: FileKind;
  readonly size: number;
  /** Changes whenever the content may have changed. */
  readonly version: string;
}

export interface OpenFile {
  facts(): Promise<FileFacts>;
  /** Bytes read into `buffer`, fewer at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Bytes written, which may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few calls through which files are reached. A path that ends in a slash is the folder
 * behind a link; otherwise no link in the last part of a path is followed. They reject with Node's error, whose `code` names the errno.
 */
export interface FileSystem {
  /** Undefined when there is no such name. */
  facts(path: string): Promise<FileFacts | undefined>;
  names(folder: string): Promise<readonly string[]>;
  open(path: string, how: "read" | "update" | "create"): Promise<OpenFile>;
  /** Makes a folder and those above it; welcome when it is there. */
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, unless that is taken (`EEXIST`). */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Part of a temporary file's name that no other has. */
  unique(): string;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
// Without O_NONBLOCK, opening a pipe waits for somebody at its other end.
const flags = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  update: O_RDWR | O_NOFOLLOW | O_NONBLOCK,
  create: O_WRONLY | O_CREAT | O_EXCL,
} as const;

function kindOf(stats: Stats): FileKind {
  if (stats.isSymbolicLink()) return "link";
  if (stats.isDirectory()) return "folder";
  if (!stats.isFile()) return "other";
  return (stats.mode & 0o100) !== 0 ? "executable" : "file";
}

function factsOf(stats: Stats): FileFacts {
  const { ino, size, mtimeMs, ctimeMs } = stats;
  return { kind: kindOf(stats), size, version: [ino, size, mtimeMs, ctimeMs].join(" ") };
}

/** The error code of a rejected system call, such as `ENOSPC`. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Files of this machine. */
export const nodeFileSystem: FileSystem = {
  async facts(path) {
    try {
      return factsOf(await lstat(path));
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(errnoOf(error))) return undefined;
      throw error;
    }
  },
  names: (folder) => readdir(folder),
  async open(path, how) {
    const handle = await open(path, flags[how], 0o644);
    return {
      facts: async () => factsOf(await handle.stat()),
      read: async (buffer, position) => (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      truncate: (size) => handle.truncate(size),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  rename,
  link,
  remove: unlink,
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  async syncFolder(path) {
    const handle = await open(path, O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  unique: randomUUID,
};
