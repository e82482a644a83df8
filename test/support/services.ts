import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll } from "vitest";

function addressOf(variable: string): string {
  const address = process.env[variable];
  if (!address) throw new Error(`${variable} is not set: run the tests with npm run test:services`);
  return address;
}

async function onServer(work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: addressOf("SETTLEMENT_TEST_POSTGRES") });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes a database for the test file that calls this at its top; it is dropped after the file, whoever is connected.
 *
 * @returns its `postgres://` address
 */
export async function freshDatabase(): Promise<string> {
  const name = `settlement_test_${randomBytes(8).toString("hex")}`;
  await onServer((client) => client.query(`create database ${name} template template0 encoding 'UTF8'`));
  afterAll(() => onServer((client) => client.query(`drop database ${name} with (force)`)));
  const address = new URL(addressOf("SETTLEMENT_TEST_POSTGRES"));
  address.pathname = name;
  return address.href;
}

const claimName = "settlement-test-claim";
const claimLastsMs = 3_600_000;

/**
 * Takes a database of the Redis for the test file that calls this at its top, one that was empty; it is emptied after the file.
 *
 * @returns its `redis://` address
 */
export async function freshRedis(): Promise<string> {
  const address = new URL(addressOf("SETTLEMENT_TEST_REDIS"));
  const client = new Redis(address.href, { maxRetriesPerRequest: 2 });
  try {
    const [, count] = await client.config("GET", "databases");
    for (let at = 1; at < Number(count); at++) {
      await client.select(at);
      if (!(await claim(client))) continue;
      address.pathname = String(at);
      afterAll(() => emptied(address.href));
      return address.href;
    }
  } finally {
    client.disconnect();
  }
  throw new Error("no database of the Redis of SETTLEMENT_TEST_REDIS is empty; empty one above 0");
}

/** Takes a database that is empty, or that a run of tests took and never gave back. */
async function claim(client: Redis): Promise<boolean> {
  await client.watch(claimName);
  const claimedUnixMs = await client.get(claimName);
  const isFree =
    claimedUnixMs === null ? (await client.dbsize()) === 0 : Date.now() - Number(claimedUnixMs) > claimLastsMs;
  if (!isFree) {
    await client.unwatch();
    return false;
  }
  const taking = client.multi();
  if (claimedUnixMs !== null) taking.flushdb();
  // Of two who found it free, one has it: the other's claim is undone by the watch.
  return (await taking.set(claimName, Date.now()).exec()) !== null;
}

async function emptied(address: string): Promise<void> {
  const client = new Redis(address, { maxRetriesPerRequest: 2 });
  await client.flushdb();
  client.disconnect();
}
