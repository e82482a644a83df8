import { Redis } from "ioredis";
import { Client } from "pg";
import type { Backend, KillOptions } from "./kill-loop.ts";

interface Services {
  /** A fresh PostgreSQL database and an empty Redis, as the backend needs them. */
  readonly next: KillOptions["services"];
  close(): Promise<void>;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Fresh databases on the servers of `SETTLEMENT_TEST_POSTGRES` and `SETTLEMENT_TEST_REDIS`: jobs on Redis go with a state
 * in PostgreSQL, as on a server.
 */
export function freshServices(backend: Backend, env: Readonly<Record<string, string | undefined>>): Services {
  const postgres = env["SETTLEMENT_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
  const redis = env["SETTLEMENT_TEST_REDIS"] ?? "redis://127.0.0.1:6379";
  const made: string[] = [];
  return {
    async next(year) {
      if (backend === "embedded") return {};
      const name = `settlement_kills_${backend}_${process.pid}_${year}`;
      await onServer(postgres, `create database ${name}`);
      made.push(name);
      const stateUrl = new URL(postgres);
      stateUrl.pathname = `/${name}`;
      if (backend === "postgres") return { stateUrl: stateUrl.href };
      const redisUrl = new URL(redis);
      redisUrl.pathname = "/15";
      const client = new Redis(redisUrl.href);
      await client.flushdb();
      client.disconnect();
      return { stateUrl: stateUrl.href, redisUrl: redisUrl.href };
    },
    async close() {
      for (const name of made) await onServer(postgres, `drop database if exists ${name} with (force)`);
    },
  };
}
