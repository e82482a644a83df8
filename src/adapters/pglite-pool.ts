import type { PGlite } from "@electric-sql/pglite";
import type { PgPool, PgPoolClient } from "bullmq";
import { lentClient, type Query } from "./lent-client.ts";

/** Resolves when the session is free, to what frees it again. */
type TakeSession = () => Promise<() => void>;

/**
 * A pool of `pg` over the one session of a PGlite that nobody else uses. Statements of others wait while a client is in a
 * transaction, so that they never fall into it.
 */
export function pglitePool(db: PGlite): PgPool {
  const takeSession = oneAtATime();
  const query: Query = async (text, values) => {
    const giveBack = await takeSession();
    try {
      return await run(db, text, values);
    } finally {
      giveBack();
    }
  };
  const pool = {
    query,
    connect: async () => connect(db, takeSession, query),
    end: async () => undefined,
    // A database in the process has no idle connection that could break: there is nothing to tell.
    on: () => pool,
    removeAllListeners: () => pool,
  } as PgPool;
  return pool;
}

function connect(db: PGlite, takeSession: TakeSession, outside: Query): PgPoolClient {
  let giveBack: (() => void) | undefined;
  const endTransaction = (): void => {
    giveBack?.();
    giveBack = undefined;
  };
  const query: Query = async (text, values) => {
    if (giveBack === undefined && !/^\s*begin\b/i.test(text)) return outside(text, values);
    giveBack ??= await takeSession();
    try {
      return await run(db, text, values);
    } finally {
      if (/^\s*(commit|rollback)\b/i.test(text)) endTransaction();
    }
  };
  const stopListening = db.onNotification((channel, payload) => lent.emit("notification", { channel, payload }));
  const lent = lentClient(query, () => {
    stopListening();
    if (giveBack !== undefined) void run(db, "rollback").then(endTransaction, endTransaction);
  });
  return lent.client;
}

/** Only a text without values may hold several statements, as migrations do. */
async function run(db: PGlite, text: string, values: readonly unknown[] = []): ReturnType<Query> {
  const result = values.length === 0 ? (await db.exec(text)).at(-1) : await db.query(text, [...values]);
  return { rows: result?.rows ?? [], rowCount: result?.affectedRows ?? 0 };
}

function oneAtATime(): TakeSession {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  };
}
