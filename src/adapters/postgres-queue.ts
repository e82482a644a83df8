import { createPostgresBackend, DEFAULT_SCHEMA, type PgPool, type PgPoolClient, runMigrations } from "bullmq";
import { type ClientBase, Pool } from "pg";
import { SettlementError } from "../core/error.ts";
import type { QueueStore } from "./queue-store.ts";
import { lentClient } from "./lent-client.ts";

const statementConnections = 10;
/** Each worker keeps one; they are opened as they are needed. */
const listenConnections = 100;
const connectTimeoutMs = 10_000;
/** The server gives up first; when it is gone without a word, this side does. */
const [statementTimeoutMs, answerTimeoutMs] = [30_000, 35_000];

/**
 * The queue in the schema `bullmq` of a PostgreSQL server.
 *
 * @param url - `postgres://…`; a secret, for it may hold a password
 * @throws SettlementError `QUEUE_UNAVAILABLE`; the message never holds the address
 */
export async function openPostgresQueue(url: string): Promise<QueueStore> {
  const common = {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
  };
  const statements = new Pool({
    ...common,
    max: statementConnections,
    statement_timeout: statementTimeoutMs,
    ...findingQueue,
  });
  const listening = new Pool({ ...common, max: listenConnections });
  // An idle connection that breaks is no concern of anybody: the pool opens another.
  for (const pool of [statements, listening]) pool.on("error", () => undefined);
  const lent = new Set<PgPoolClient>();
  const close = async (): Promise<void> => {
    for (const client of lent) client.release(true);
    await Promise.all([statements.end(), listening.end()]);
  };
  try {
    const client = await lend(listening, lent);
    await runMigrations(client, DEFAULT_SCHEMA);
    client.release();
  } catch (cause) {
    await close();
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new SettlementError("QUEUE_UNAVAILABLE", `the PostgreSQL of the job queue cannot be used${code}`, { cause });
  }
  const pool = {
    query: (text: string, values: readonly unknown[] = []) => statements.query(text, [...values]),
    connect: () => lend(listening, lent),
    end: async () => undefined,
    on: () => pool,
    removeAllListeners: () => pool,
  } as unknown as PgPool;
  return {
    factory: (name, options, more) => createPostgresBackend(name, { ...options, connection: pool }, more),
    healthy: async () => void (await statements.query("select 1 from migration limit 1")),
    close,
  };
}

/** Not an option of the connection: those of an address would replace it. The pool waits for it, whatever its type says. */
const findingQueue = {
  onConnect: async (client: ClientBase): Promise<void> => {
    await client.query(`set search_path to "${DEFAULT_SCHEMA}", public`);
  },
};

/**
 * A client that may be kept. BullMQ is not shown its socket: seeing it alive, an idle worker would trust it for an hour,
 * and otherwise looks for work every ten seconds at least.
 */
async function lend(pool: Pool, lent: Set<PgPoolClient>): Promise<PgPoolClient> {
  const real = await pool.connect();
  const onNotification = (content: unknown): void => borrowed.emit("notification", content);
  const onError = (error: unknown): void => borrowed.emit("error", error);
  const borrowed = lentClient(
    (text, values = []) => real.query(text, [...values]),
    (destroy) => {
      if (!lent.delete(borrowed.client)) return;
      real.off("notification", onNotification);
      real.release(destroy);
    },
  );
  lent.add(borrowed.client);
  real.on("notification", onNotification);
  // Kept after it is given back: a destroyed connection may still report an error.
  real.on("error", onError);
  return borrowed.client;
}
