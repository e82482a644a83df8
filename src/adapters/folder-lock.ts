import { DatabaseSync } from "node:sqlite";
import { SettlementError } from "../core/error.ts";

/** Time between two tries to take a lock that another process holds, milliseconds. */
const betweenMs = 5;

/** SQLite's word for a file that another connection has locked. */
const busy = 5;

/** Runs work while no other process, and nobody else in this one, runs work under the same lock file. */
export type FolderLock = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A lock that the operating system frees when the process ends, however it ends: SQLite holds one on its file, which
 * stays empty.
 *
 * @param waitMs - gives up after so long
 * @throws SettlementError from the lock: `LEDGER_IN_USE`, `LEDGER_WRITE_FAILED`
 */
export function folderLock(path: string, waitMs: number): FolderLock {
  let turns: Promise<unknown> = Promise.resolve();
  const held = async <T>(work: () => Promise<T>): Promise<T> => {
    const file = await locked(path, waitMs);
    try {
      return await work();
    } finally {
      file.close();
    }
  };
  return (work) => {
    const result = turns.then(() => held(work));
    turns = result.catch(() => undefined);
    return result;
  };
}

/** Opened anew each time: whoever removes the file takes the lock away from nobody who comes later. */
async function locked(path: string, waitMs: number): Promise<DatabaseSync> {
  const until = performance.now() + waitMs;
  for (;;) {
    const file = tryLock(path);
    if (file) return file;
    if (performance.now() > until) {
      throw new SettlementError("LEDGER_IN_USE", "another process keeps writing to the ledger folder; try again later");
    }
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
}

function tryLock(path: string): DatabaseSync | undefined {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: 0 });
    file.exec("pragma journal_mode = memory; begin exclusive");
    return file;
  } catch (cause) {
    file?.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode === busy) return undefined;
    throw new SettlementError(
      "LEDGER_WRITE_FAILED",
      "the lock file of the ledger folder cannot be made; check that the folder is there and its permissions",
      { cause },
    );
  }
}
