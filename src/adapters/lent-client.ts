import { EventEmitter } from "node:events";
import type { PgPoolClient, PgQueryResult } from "bullmq";

export type Query = (text: string, values?: readonly unknown[]) => Promise<PgQueryResult>;

/** A client of a pool, with its events: what becomes of its connection reaches whoever borrowed it, never as a crash. */
export interface LentClient {
  readonly client: PgPoolClient;
  /** For `notification` and `error`; dropped when nobody listens. */
  emit(event: string, content: unknown): void;
}

/** What BullMQ asks of a client of `pg`: statements, notifications, and to be given back. */
export function lentClient(query: Query, release: (destroy?: boolean) => void): LentClient {
  const events = new EventEmitter();
  return {
    client: Object.assign(events, { query, release }) as PgPoolClient,
    emit(event, content) {
      if (events.listenerCount(event) > 0) events.emit(event, content);
    },
  };
}
