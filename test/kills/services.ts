import { Redis } from "ioredis";
import { Client } from "pg";
import type { Backend, KillOptions } from "./kill-loop.ts";

interface Services {
  /** A fresh PostgreSQL database and an empty Redis, as the backend needs them. */
  readonly next: KillOptions["services"];
  /** Lets the locks of a worker that was killed expire now, and not when their time is over. */
  readonly expireLocks: KillOptions["expireLocks"];
  close(): Promise<void>;
}

async function onRedis(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  try {
    await work(client);
  } finally {
    client.disconnect();
  }
}

/** The next worker looks at once, and takes the jobs that are active for those of a worker that is gone. */
const expireInPostgres = `do $$ begin
  if to_regclass('bullmq.job') is not null and to_regclass('bullmq.meta') is not null then
    update bullmq.job set locked_until_ms = 0, stalled_marked = true where state = 'active';
    delete from bullmq.meta where field = 'stalled-check';
  end if;
end $$`;

async function expireInRedis(client: Redis): Promise<void> {
  for (const active of await client.keys("{settlement}:*:active")) {
    const lane = active.slice(0, -"active".length);
    const jobs = await client.lrange(active, 0, -1);
    if (jobs.length > 0) await client.sadd(`${lane}stalled`, ...jobs);
    await client.del(`${lane}stalled-check`, ...jobs.map((job) => `${lane}${job}:lock`));
  }
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
  let addresses: Awaited<ReturnType<Services["next"]>> = {};
  const make = async (year: number): Promise<typeof addresses> => {
    const name = `settlement_kills_${backend}_${process.pid}_${year}`;
    await onServer(postgres, `create database ${name}`);
    made.push(name);
    const stateUrl = new URL(postgres);
    stateUrl.pathname = `/${name}`;
    if (backend === "postgres") return { stateUrl: stateUrl.href };
    const redisUrl = new URL(redis);
    redisUrl.pathname = "/15";
    await onRedis(redisUrl.href, (client) => client.flushdb());
    return { stateUrl: stateUrl.href, redisUrl: redisUrl.href };
  };
  return {
    async next(year) {
      if (backend !== "embedded") addresses = await make(year);
      return addresses;
    },
    async expireLocks() {
      const { stateUrl, redisUrl } = addresses;
      if (redisUrl !== undefined) await onRedis(redisUrl, expireInRedis);
      else if (stateUrl !== undefined) await onServer(stateUrl, expireInPostgres);
    },
    async close() {
      for (const name of made) await onServer(postgres, `drop database if exists ${name} with (force)`);
    },
  };
}
