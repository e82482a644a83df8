import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { SettlementError } from "../../core/error.ts";

const chunkBytes = 1 << 20;
const newline = 10;

/** A text file that only grows, a line at a time, each on the disk before it counts. */
export interface Journal {
  /** @throws SettlementError `LOCALNET_DATA_UNWRITABLE`, `LOCALNET_DATA_SHARED`; nothing of the line stays then */
  append(line: string): void;
}

/**
 * Reads every whole line and leaves the file open to more. A last line without its end was torn by a crash: it is cut
 * off, and `report` hears of it.
 *
 * @param onLine - may throw to stop
 */
export function openJournal(path: string, onLine: (line: string) => void, report: (notice: string) => void): Journal {
  const isNew = !existsSync(path);
  const file = attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "a+");
  });
  let size: number;
  try {
    size = readLines(file, onLine);
    const torn = fstatSync(file).size - size;
    if (torn > 0) {
      ftruncateSync(file, size);
      fsyncSync(file);
      report(`${path}: the last ${torn} bytes were torn by a crash and are cut off`);
    }
  } finally {
    closeSync(file);
  }
  if (isNew) attempt(path, () => syncFolder(dirname(path)));
  return {
    append(line) {
      size = appendAt(path, size, Buffer.from(`${line}\n`));
    },
  };
}

function appendAt(path: string, size: number, bytes: Uint8Array): number {
  return attempt(path, () => {
    const file = openSync(path, "r+");
    try {
      if (fstatSync(file).size !== size) {
        throw new SettlementError(
          "LOCALNET_DATA_SHARED",
          `${path} was changed by somebody else; one process alone may run a local network on it`,
        );
      }
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, size + at);
        fsyncSync(file);
      } catch (cause) {
        ftruncateSync(file, size);
        throw cause;
      }
      return size + bytes.length;
    } finally {
      closeSync(file);
    }
  });
}

/** Bytes up to the end of the last whole line. */
function readLines(file: number, onLine: (line: string) => void): number {
  const chunk = Buffer.alloc(chunkBytes);
  let rest: Buffer = Buffer.alloc(0);
  let size = 0;
  for (let at = 0; ;) {
    const read = readSync(file, chunk, 0, chunkBytes, at);
    if (read === 0) return size;
    at += read;
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      onLine(rest.toString("utf8", 0, end));
      size += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function attempt<Value>(path: string, act: () => Value): Value {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof SettlementError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettlementError("LOCALNET_DATA_UNWRITABLE", `${path} cannot be written: ${reason}`, { cause });
  }
}
