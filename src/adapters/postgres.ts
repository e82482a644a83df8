import { Pool, type PoolClient } from "pg";
import { SettlementError } from "../core/error.ts";
import type { Sql, SqlStatements } from "./sql.ts";

/** A PostgreSQL server, and its pool for whoever needs more than statements. */
export interface OpenPostgres extends Sql {
  readonly pool: Pool;
  close(): Promise<void>;
}

const connections = 10;
const connectTimeoutMs = 10_000;
/** A statement that takes longer has met a lock or a lost server. */
const statementTimeoutMs = 60_000;

function unavailable(message: string, cause: unknown): SettlementError {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return new SettlementError("STATE_UNAVAILABLE", code === "" ? message : `${message} (${code})`, { cause });
}

function statementsOf(client: Pick<PoolClient, "query">): SqlStatements {
  return {
    async query(text, values = []) {
      try {
        return (await client.query<Record<string, unknown>>(text, [...values])).rows;
      } catch (cause) {
        throw unavailable("the state database refuses a statement", cause);
      }
    },
  };
}

/**
 * Connects to a PostgreSQL server; a lost connection is opened again by the next statement.
 *
 * @param url - `postgres://…`; a secret, for it may hold a password
 * @throws SettlementError `STATE_UNAVAILABLE`; the message never holds the address
 */
export async function openPostgres(url: string): Promise<OpenPostgres> {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    // Attempts must survive a power cut whatever the server's default is.
    options: "-c synchronous_commit=on",
  });
  // An idle connection that breaks is no concern of anybody: the pool opens another.
  pool.on("error", () => undefined);
  try {
    await pool.query("select 1");
  } catch (cause) {
    await pool.end();
    throw unavailable("the PostgreSQL of --state-url-file cannot be reached; is it running?", cause);
  }
  return { pool, ...statementsOf(pool), transaction: (work) => inTransaction(pool, work), close: () => pool.end() };
}

async function inTransaction<T>(pool: Pool, work: (sql: SqlStatements) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (cause) {
    throw unavailable("the state database cannot be reached", cause);
  }
  const one = statementsOf(client);
  let isBroken = true;
  // A connection that is cut between two statements says so here; the next statement rejects by itself.
  const cut = (): void => undefined;
  client.on("error", cut);
  try {
    await one.query("begin");
    const result = await work(one);
    await one.query("commit");
    isBroken = false;
    return result;
  } catch (error) {
    isBroken = !(await client.query("rollback").then(
      () => true,
      () => false,
    ));
    throw error;
  } finally {
    client.removeListener("error", cut);
    client.release(isBroken);
  }
}
