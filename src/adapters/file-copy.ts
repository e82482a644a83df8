import { equalBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { makeFolders, withTemporary, writeAll } from "./durable-file.ts";
import { fileFault } from "./file-faults.ts";
import { errnoOf, type OpenFile } from "./file-system.ts";
import { absolute, type Folder, openPlain, parentOf, readFrom } from "./plain-file.ts";

/** Bytes of a file that are in memory at a time. */
const blockBytes = 1_048_576;

/** A file that is copied, or its beginning. */
export interface Copied {
  readonly from: Folder;
  readonly to: Folder;
  readonly path: string;
  /** Bytes from the start on; all of them when left out. */
  readonly length?: number | undefined;
}

function wentAway(path: string): SettlementError {
  return new SettlementError(
    "LEDGER_UNREADABLE",
    `${path} went away, or became shorter, while it was copied; try again`,
  );
}

/** Runs `work` on a file that has to be there, told how many of its bytes are meant. */
async function withSource<T>(
  { from, path, length }: Copied,
  work: (file: OpenFile, size: number) => Promise<T>,
): Promise<T> {
  const file = await openPlain(from, path);
  if (!file) throw wentAway(path);
  try {
    return await work(file, length ?? (await file.facts()).size);
  } finally {
    await file.close();
  }
}

async function* blocksOf(file: OpenFile, size: number, path: string): AsyncGenerator<[number, Uint8Array]> {
  for (let at = 0; at < size; at += blockBytes) {
    const block = await readFrom(file, at, Math.min(size, at + blockBytes));
    if (block.length < Math.min(blockBytes, size - at)) throw wentAway(path);
    yield [at, block];
  }
}

/** What the copy holds already: nothing, the same bytes, or others. */
async function compared(copied: Copied, source: OpenFile, size: number): Promise<"absent" | "same" | "other"> {
  const file = await openPlain(copied.to, copied.path);
  if (!file) return "absent";
  try {
    if ((await file.facts()).size !== size) return "other";
    for await (const [at, block] of blocksOf(source, size, copied.path)) {
      if (!equalBytes(block, await readFrom(file, at, at + block.length))) return "other";
    }
    return "same";
  } finally {
    await file.close();
  }
}

/** Puts a whole file in place, by link where none may be there yet, or by rename. */
async function put(copied: Copied, source: OpenFile, size: number, how: "link" | "rename"): Promise<void> {
  const { to, path } = copied;
  const fill = async (file: OpenFile): Promise<void> => {
    for await (const [at, block] of blocksOf(source, size, path)) await writeAll(file, block, at);
  };
  const parent = parentOf(path);
  await makeFolders(to, parent);
  await withTemporary(to, path, fill, (temporary) => to.fs[how](temporary, absolute(to, path)));
  await to.fs.syncFolder(absolute(to, parent));
}

/**
 * Copies a file that nobody may change afterwards, a block at a time; the same bytes again are welcome.
 *
 * @returns false when the copy holds other bytes, which stay
 * @throws SettlementError `LEDGER_UNREADABLE`, `LEDGER_WRITE_FAILED`, `LEDGER_FILE_NOT_PLAIN`
 */
export async function copyOnce(copied: Copied): Promise<boolean> {
  return withSource(copied, async (source, size) => {
    const found = await compared(copied, source, size);
    if (found !== "absent") return found === "same";
    try {
      await put(copied, source, size, "link");
      return true;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return (await compared(copied, source, size)) === "same";
      throw fileFault("LEDGER_WRITE_FAILED", copied.path, error);
    }
  });
}

/** Copies a file in place of the one that is there, a block at a time: one or the other after a crash. @throws SettlementError as {@link copyOnce} */
export async function copyOver(copied: Copied): Promise<void> {
  await withSource(copied, async (source, size) => {
    if ((await compared(copied, source, size)) === "same") return;
    try {
      await put(copied, source, size, "rename");
    } catch (error) {
      throw fileFault("LEDGER_WRITE_FAILED", copied.path, error);
    }
  });
}
