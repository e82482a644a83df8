import { createRedisBackend, type QueueOptions } from "bullmq";
import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from "ioredis";
import { SettlementError } from "../core/error.ts";
import { type QueueStore, within } from "./queue-store.ts";

/** A `redis://` or `rediss://` address, options of ioredis (Sentinel, TLS …), or a Redis Cluster. May hold a password. */
export type RedisConnection =
  | string
  | RedisOptions
  | { readonly cluster: { readonly nodes: readonly ClusterNode[]; readonly options?: ClusterOptions } };

type Client = Redis | Cluster;

const connectTimeoutMs = 10_000;
/** A server that leaves a command so long without any answer is gone; the longest that a worker asks to wait is ten seconds. */
const socketTimeoutMs = 30_000;
/** Reconnections after which a queue gives a command up; a worker waits for ever. */
const producerTries = 3;
/** Keys of all queues are in one slot, as scripts on a Redis Cluster need. */
const prefix = "{settlement}";

/**
 * The queue in a Redis. Its errors are told and never thrown at the process; a lost connection comes back by itself.
 *
 * @param onNotice - told when the connection is lost and when it is back; never holds a password
 * @throws SettlementError `QUEUE_UNAVAILABLE`
 */
export async function openRedisQueue(
  connection: RedisConnection,
  onNotice: (message: string) => void,
): Promise<QueueStore> {
  const copies = new Set<Client>();
  const producer = connect(connection, producerTries);
  const consumer = connect(connection, null);
  let isClosing = false;
  const close = async (): Promise<void> => {
    isClosing = true;
    for (const client of [producer, consumer, ...copies]) if (client.status !== "end") client.disconnect();
  };
  keepCopies(consumer, copies);
  const lastFault = tellFaults(consumer, (message) => {
    if (!isClosing) onNotice(message);
  });
  producer.on("error", () => undefined);
  try {
    await Promise.all([isReady(producer), isReady(consumer)]);
  } catch {
    await close();
    throw new SettlementError("QUEUE_UNAVAILABLE", `the Redis of the job queue cannot be used${lastFault()}`);
  }
  return {
    factory: (name, options, more) => {
      const client = more?.withBlockingConnection === true ? consumer : producer;
      const backendOptions: QueueOptions = { ...options, connection: client, prefix };
      return createRedisBackend(name, backendOptions, more);
    },
    healthy: async () => void (await producer.ping()),
    close,
  };
}

function connect(connection: RedisConnection, maxRetriesPerRequest: number | null): Client {
  // BullMQ reads replies in the shapes of RESP2, whichever protocol brings them.
  const forced = { maxRetriesPerRequest, replyMapping: "legacy" } as const;
  // After a failover the old primary refuses writes: look for the new one, and ask it again.
  const reconnectOnError = ({ message }: Error): 2 | false => (message.startsWith("READONLY") ? 2 : false);
  const defaults = { reconnectOnError, socketTimeout: socketTimeoutMs };
  if (typeof connection === "string") return new Redis(connection, { ...defaults, ...forced });
  if (!("cluster" in connection)) return new Redis({ ...defaults, ...connection, ...forced });
  const { nodes, options = {} } = connection.cluster;
  return new Cluster([...nodes], { ...options, redisOptions: { ...defaults, ...options.redisOptions, ...forced } });
}

/** A worker makes a copy of its connection to wait on; whatever becomes of the worker, the copy is known here. */
function keepCopies(client: Client, copies: Set<Client>): void {
  const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => Client;
  client.duplicate = ((...args: unknown[]) => {
    const copy = duplicate(...args);
    copy.on("error", () => undefined);
    copies.add(copy);
    return copy;
  }) as typeof client.duplicate;
}

/** An outage is told once, by its code alone: an error of ioredis bears the arguments of its command, a password too. */
function tellFaults(client: Client, onNotice: (message: string) => void): () => string {
  let isDown = true;
  let wasUp = false;
  let fault = "";
  const down = (): void => {
    if (wasUp && !isDown) onNotice(`the Redis of the job queue cannot be reached${fault}; it is tried again`);
    isDown = true;
  };
  client.on("error", ({ code, message }: Error & { code?: string }) => {
    // The first word of an answer of Redis is its code.
    const word = code ?? /^[A-Z]{2,}(?= )/.exec(message)?.[0];
    fault = word === undefined ? "" : ` (${word})`;
    down();
  });
  client.on("close", down);
  client.on("ready", () => {
    if (wasUp && isDown) onNotice("the Redis of the job queue is back");
    [isDown, wasUp, fault] = [false, true, ""];
  });
  return () => fault;
}

async function isReady(client: Client): Promise<void> {
  const ready = new Promise<void>((resolve) => void client.once("ready", resolve));
  if (client.status !== "ready") await within(connectTimeoutMs, ready);
}
