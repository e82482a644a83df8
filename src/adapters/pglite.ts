import { closeSync, fsyncSync, openSync } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { SettlementError } from "../core/error.ts";
import { errnoOf } from "./file-system.ts";
import type { Sql, SqlStatements } from "./sql.ts";

/**
 * A PostgreSQL in this process. It has one session: whoever needs several statements to be one uses `db.transaction`,
 * never a bare `begin`, or other callers' statements would fall into it.
 */
export interface OpenPglite extends Sql {
  readonly db: PGlite;
  close(): Promise<void>;
}

/** How a database is opened whose content can be made anew. */
export interface RenewablePglite {
  /** Makes the opened database fit for use; it counts as damaged when this rejects. */
  readonly prepare: (db: PGlite) => Promise<void>;
  /** A damaged database was moved to this folder, and a new one is made. */
  readonly onRenew: (damaged: string) => void;
}

/**
 * Opens the database in a folder that no other process has open, and makes it when there is none; without a folder,
 * one in memory.
 *
 * @param lockWaitMs - waits so long for another process to leave the folder; nothing else runs meanwhile
 * @param renewable - the content can be made anew: it is not synced, so it survives a killed process and not always a
 *   power cut, and a database that cannot be opened is replaced
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
export async function openPglite(folder?: string, lockWaitMs = 0, renewable?: RenewablePglite): Promise<OpenPglite> {
  if (folder === undefined) return opened(new PGlite(), () => undefined);
  const lock = await locked(folder, lockWaitMs);
  try {
    const files = join(folder, "postgres");
    const release = (): void => lock.close();
    if (renewable !== undefined) return await opened(await renewed(folder, files, renewable), release);
    if (!(await exists(files))) await create(folder, files);
    const database = await opened(new PGlite(durable(files)), release);
    return tidied(database);
  } catch (cause) {
    lock.close();
    throw unavailable("the state database cannot be opened; restore its folder, or name another data folder", cause);
  }
}

/** One damaged database is kept, for whoever wants to know what happened. */
async function renewed(folder: string, files: string, { prepare, onRenew }: RenewablePglite): Promise<PGlite> {
  const open = async (): Promise<PGlite> => {
    const db = new PGlite(files, { startParams: [...PGlite.defaultStartParams, "-c", "max_wal_size=64MB"] });
    try {
      await db.waitReady;
      await prepare(db);
      return db;
    } catch (cause) {
      await db.close().catch(() => undefined);
      throw cause;
    }
  };
  if (!(await exists(files))) await create(folder, files);
  try {
    return await open();
  } catch {
    const damaged = join(folder, "postgres.damaged");
    await rm(damaged, { recursive: true, force: true });
    await rename(files, damaged);
    onRenew(damaged);
    await create(folder, files);
    return open();
  }
}

async function opened(db: PGlite, release: () => void): Promise<OpenPglite> {
  await db.waitReady;
  return {
    db,
    ...statementsOf(db),
    async transaction(work) {
      let fault: unknown;
      try {
        return await db.transaction(async (one) => {
          try {
            return await work(statementsOf(one));
          } catch (error) {
            fault = error;
            throw error;
          }
        });
      } catch (cause) {
        throw fault ?? unavailable("the state database refuses a transaction", cause);
      }
    },
    async close() {
      try {
        await db.close();
      } finally {
        release();
      }
    },
  };
}

/** Time between two checkpoints, milliseconds. */
const checkpointMs = 3_600_000;

/** What a process beside a PostgreSQL server does: without it the log would grow while this one runs. */
function tidied(database: OpenPglite): OpenPglite {
  const timer = setInterval(() => void database.db.exec("checkpoint").catch(() => undefined), checkpointMs).unref();
  return {
    ...database,
    async close() {
      clearInterval(timer);
      await database.close();
    },
  };
}

function statementsOf(db: Pick<PGlite, "query">): SqlStatements {
  return {
    async query(text, values = []) {
      try {
        return (await db.query<Record<string, unknown>>(text, [...values])).rows;
      } catch (cause) {
        throw unavailable("the state database refuses a statement", cause);
      }
    },
  };
}

function unavailable(message: string, cause: unknown): SettlementError {
  const code = errnoOf(cause);
  return new SettlementError("STATE_UNAVAILABLE", code === "" ? message : `${message} (${code})`, { cause });
}

/** A lock that the operating system frees when the process ends, however it ends: SQLite holds one on its file. */
async function locked(folder: string, lockWaitMs: number): Promise<DatabaseSync> {
  let lock: DatabaseSync | undefined;
  try {
    await mkdir(folder, { recursive: true });
    lock = new DatabaseSync(join(folder, "lock"), { timeout: lockWaitMs });
    lock.exec("pragma journal_mode = memory; begin exclusive");
    return lock;
  } catch (cause) {
    lock?.close();
    const isTaken = cause instanceof Error && "errcode" in cause && cause.errcode === 5;
    throw unavailable(
      isTaken
        ? "another process has the data folder open; stop it, or name another data folder"
        : "the data folder cannot be used; check its path and permissions",
      isTaken ? undefined : cause,
    );
  }
}

/** A database comes to its place whole, so that a crash while it is made leaves none. */
async function create(folder: string, files: string): Promise<void> {
  const unfinished = join(folder, "postgres.new");
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  const db = new PGlite(durable(unfinished));
  await db.waitReady;
  await db.close();
  await rename(unfinished, files);
  sync(folder);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Makes a file durable, or the names in a folder. */
function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

interface EmscriptenStream {
  /** Descriptor of Node; folders have none. */
  readonly nfd?: number;
  readonly node: object;
}

interface EmscriptenNodeFs {
  readonly stream_ops: { fsync?: (stream: EmscriptenStream) => number };
  realPath(node: object): string;
}

/**
 * PGlite runs PostgreSQL without fsync, and its file system has none: a commit would survive a killed process and not
 * a power cut. This turns both on.
 */
class DurableNodeFs extends NodeFS {
  override async init(...args: Parameters<NodeFS["init"]>): Promise<Awaited<ReturnType<NodeFS["init"]>>> {
    const { emscriptenOpts } = await super.init(...args);
    const turnOn = (module: unknown): void => {
      const { NODEFS } = module as { readonly NODEFS: EmscriptenNodeFs };
      NODEFS.stream_ops.fsync = ({ nfd, node }) => {
        if (nfd === undefined) sync(NODEFS.realPath(node));
        else fsyncSync(nfd);
        return 0;
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...[emscriptenOpts.preRun ?? []].flat(), turnOn] } };
  }
}

function durable(files: string): PGliteOptions {
  const withFsync = PGlite.defaultStartParams.filter((param) => param !== "-F");
  // `fdatasync`, the default, does not reach the file system either.
  const settings = ["-c", "wal_sync_method=fsync", "-c", "max_wal_size=64MB"];
  return { fs: new DurableNodeFs(files), startParams: [...withFsync, ...settings] };
}
