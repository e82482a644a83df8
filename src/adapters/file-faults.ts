import { type ErrorCode, SettlementError } from "../core/error.ts";
import { errnoOf, type FileKind } from "./file-system.ts";

/** What people can do about an errno. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and try again",
  EDQUOT: "the disk quota is used up; free some space and try again",
  EFBIG: "the file would be larger than the file system allows",
  EACCES: "permission is denied; give this user access to it and try again",
  EPERM: "the operation is not permitted; give this user access to it and try again",
  EROFS: "the file system is mounted read-only; mount it for writing and try again",
  EIO: "the disk reports an input/output error; check the disk, then try again",
  EMFILE: "too many files are open; raise the limit of open files and try again",
  ENFILE: "too many files are open on this machine; try again later",
  ENAMETOOLONG: "the name is longer than the file system allows",
};

const kindNames: Readonly<Record<FileKind, string>> = {
  file: "a file",
  executable: "an executable file",
  folder: "a folder",
  link: "a link",
  other: "neither a file nor a folder",
};

/**
 * @param path - relative to the ledger, never more, since messages are shown to anybody
 * @param what - what became of the file
 */
export function fileFault(
  code: Extract<ErrorCode, "LEDGER_UNREADABLE" | "LEDGER_WRITE_FAILED">,
  path: string,
  cause: unknown,
  what = code === "LEDGER_UNREADABLE" ? "cannot be read" : "could not be written, and nothing of it was kept",
): SettlementError {
  if (cause instanceof SettlementError) return cause;
  const errno = errnoOf(cause);
  const why = remedies[errno] ?? `the system answers ${errno === "" ? "with an unknown error" : errno}; try again`;
  return new SettlementError(code, `${path} ${what}: ${why}`, { cause });
}

export function notPlain(path: string, kind: FileKind, wanted: "file" | "folder"): SettlementError {
  return new SettlementError(
    "LEDGER_FILE_NOT_PLAIN",
    `${path} is ${kindNames[kind]} where a ${wanted} belongs, and links are never followed; put a plain ${wanted} in its place`,
  );
}

/** Most bytes of one file that are read into memory. */
export const maxFileBytes = 500 * 1024 * 1024;

export function tooLarge(path: string, bytes: number): SettlementError {
  return new SettlementError(
    "LEDGER_FILE_TOO_LARGE",
    `${path} has ${bytes} bytes; at most ${maxFileBytes} of one file are read`,
  );
}

export function noLedger(): SettlementError {
  return new SettlementError(
    "LEDGER_NOT_FOUND",
    "there is no ledger here: no month file (YYYY-MM.json), no events/events.jsonl, no nodes/ and no settlement.json; " +
      "name the folder that holds them, or create a ledger first",
  );
}

/** @param two - where an event of each is */
export function mixed([one = "", other = ""]: readonly string[]): SettlementError {
  return new SettlementError(
    "LEDGER_MIXED_DIALECTS",
    `a ledger has events of one dialect in one form, and these two are not: ${one}, and ${other}; keep one of them here`,
  );
}
