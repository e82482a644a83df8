import type { PGlite } from "@electric-sql/pglite";
import { createPostgresBackend, DEFAULT_SCHEMA, type PgPool, runMigrations } from "bullmq";
import { SettlementError } from "../core/error.ts";
import type { QueueStore } from "./queue-store.ts";
import { openPglite } from "./pglite.ts";
import { pglitePool } from "./pglite-pool.ts";

const tables = ["job", "meta", "scheduler"];
const tidyMs = 3_600_000;

/**
 * The queue in a folder of its own, which no other process has open. A damaged one is moved aside and made anew.
 *
 * @param onNotice - told when that happened
 * @throws SettlementError `QUEUE_UNAVAILABLE`
 */
export async function openEmbeddedQueue(folder: string, onNotice: (message: string) => void): Promise<QueueStore> {
  const onRenew = (damaged: string): void =>
    onNotice(`the job queue was damaged; it was moved to ${damaged}, and a new one is made from what is due`);
  try {
    const { db, close } = await openPglite(folder, 0, { prepare, onRenew });
    const pool = pglitePool(db);
    const timer = setInterval(() => void tidy(pool).catch(() => undefined), tidyMs).unref();
    return {
      factory: (name, options, more) => createPostgresBackend(name, { ...options, connection: pool }, more),
      healthy: async () => void (await pool.query("select 1 from migration limit 1")),
      async close() {
        clearInterval(timer);
        await close();
      },
    };
  } catch (cause) {
    const reason = cause instanceof SettlementError ? cause.message : "it cannot be made ready";
    throw new SettlementError("QUEUE_UNAVAILABLE", `the job queue in the data folder: ${reason}`, { cause });
  }
}

/** What the processes beside a PostgreSQL server do: without it the log and the tables would grow while this one runs. */
async function tidy(pool: PgPool): Promise<void> {
  for (const table of [...tables, "event"]) await pool.query(`vacuum ${table}`);
  await pool.query("checkpoint");
}

async function prepare(db: PGlite): Promise<void> {
  const client = await pglitePool(db).connect();
  await runMigrations(client, DEFAULT_SCHEMA);
  client.release();
  await db.exec(`set search_path to "${DEFAULT_SCHEMA}", public`);
  // Nobody reads events. Writing the other tables anew shows damage now and not when a job is due, mends indexes, and
  // frees what nothing else frees in a database without a process of its own for it.
  await db.exec("truncate event");
  for (const table of tables) await db.exec(`vacuum full ${table}`);
  // Nobody else has this folder open, so whoever ran these jobs is gone: they need not wait for their locks to expire.
  await db.exec(`
    update job set locked_until_ms = 0, stalled_marked = true where state = 'active';
    delete from meta where field = 'stalled-check'`);
}
