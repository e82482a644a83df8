import { existsSync, linkSync, lstatSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SettlementError } from "../core/error.ts";
import { errnoOf } from "./file-system.ts";

/** A file that is to be made, by its path below a folder, with `/`. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Refuses to go on where one of the files is there already.
 *
 * @throws SettlementError `OUTPUT_UNWRITABLE`, naming all of them
 */
export function refuseExisting(folder: string, files: readonly Pick<NewFile, "path">[]): void {
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length === 0) return;
  const verb = there.length === 1 ? "is" : "are";
  throw new SettlementError(
    "OUTPUT_UNWRITABLE",
    `${there.join(", ")} ${verb} there already in ${folder}, and nothing is overwritten; move what is there away, or name another folder`,
  );
}

/**
 * Makes files that are not there yet, each whole, and the folders they need: all of them or none. What is below the folder
 * may be somebody else's: no link in it is followed.
 *
 * @throws SettlementError `OUTPUT_UNWRITABLE`, also where one is there already, which stays as it is
 */
export function writeNewFiles(folder: string, files: readonly NewFile[]): void {
  refuseExisting(folder, files);
  const undo: (() => void)[] = [];
  let current = folder;
  try {
    for (const { path, text } of files) {
      current = join(folder, path);
      refuseLinks(folder, path);
      writeNewFile(current, text, undo);
    }
  } catch (cause) {
    for (const step of undo.toReversed()) step();
    if (cause instanceof SettlementError) throw cause;
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `${current} cannot be written (${errnoOf(cause)}), so nothing was; check its folder, its permissions and the space on its disk`,
      { cause },
    );
  }
}

function refuseLinks(folder: string, path: string): void {
  let current = folder;
  for (const name of path.split("/").slice(0, -1)) {
    current = join(current, name);
    if (lstatSync(current, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `${current} is a link, and what it leads to may be anywhere; put a folder there, or move it away`,
    );
  }
}

function writeNewFile(path: string, text: string, undo: (() => void)[]): void {
  makeFolders(dirname(path), undo);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: "wx", flush: true });
    // A name is taken once: a file that appeared meanwhile is not replaced.
    linkSync(temporary, path);
    undo.push(() => rmSync(path, { force: true }));
  } finally {
    rmSync(temporary, { force: true });
  }
}

function makeFolders(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => {
    try {
      rmdirSync(folder);
    } catch {
      // Somebody put something there meanwhile; it stays.
    }
  });
}
