import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { type JobBackend, type JobBackendOptions, openJobBackend } from "../../src/adapters/job-backend.ts";
import { done, jobBackendContract, laneName, type Run, started, until } from "../support/job-backend-contract.ts";
import { freshDatabase, freshRedis } from "../support/services.ts";
import { failure, outcome } from "../support/temporary-folder.ts";

const [url, connection] = [await freshDatabase(), await freshRedis()];
const [spareUrl, spareConnection] = [await freshDatabase(), await freshRedis()];

jobBackendContract("a PostgreSQL server", () => ({ kind: "postgres", url }));
jobBackendContract("Redis", () => ({ kind: "redis", connection }));

async function opened(options: JobBackendOptions): Promise<JobBackend> {
  const backend = await openJobBackend(options);
  onTestFinished(() => backend.close());
  return backend;
}

/** The way to a server, which can be blocked: connections are cut, and none is made until it is open again. */
async function wayTo(address: string): Promise<{ address: string; block(): Promise<void>; open(): Promise<void> }> {
  const target = new URL(address);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  const open = async (port = 0): Promise<void> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await open();
  const { port } = server.address() as AddressInfo;
  const block = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  onTestFinished(block);
  const near = new URL(address);
  [near.hostname, near.port] = ["127.0.0.1", String(port)];
  return { address: near.href, block, open: () => open(port) };
}

interface Target {
  readonly name: string;
  readonly address: string;
  readonly options: (address: string) => JobBackendOptions;
}

const servers: readonly Target[] = [
  { name: "a PostgreSQL server", address: spareUrl, options: (address) => ({ kind: "postgres", url: address }) },
  { name: "Redis", address: spareConnection, options: (address) => ({ kind: "redis", connection: address }) },
];

describe.each(servers)("jobs on $name", ({ address, options }) => {
  test("two workers share a lane, and each job runs once", async () => {
    const name = laneName();
    const backends = [await opened(options(address)), await opened(options(address))];
    const runs: [worker: number, mark: unknown][] = [];
    const run =
      (worker: number): Run =>
      async ({ mark }) => {
        await sleep(1);
        runs.push([worker, mark]);
        return done;
      };
    const workers = await Promise.all(backends.map((backend, at) => started(backend, run(at), { name })));
    const marks = Array.from({ length: 200 }, (_, mark) => mark);
    const queue = workers[0]?.lane;
    await Promise.all(marks.map(async (mark) => queue?.enqueue("job", { mark }, { id: `job-${mark}` })));
    await until(() => expect(workers.flatMap(({ events }) => events)).toHaveLength(200));
    expect(runs.map(([, mark]) => mark).toSorted((a, b) => Number(a) - Number(b))).toEqual(marks);
    expect(new Set(runs.map(([worker]) => worker))).toEqual(new Set([0, 1]));
  });

  test("a connection that is lost comes back, and nothing is lost with it", async () => {
    const way = await wayTo(address);
    const backend = await opened(options(way.address));
    const marks = new Set<unknown>();
    const gate = Promise.withResolvers<void>();
    const { lane } = await started(
      backend,
      async ({ mark }) => {
        if (mark === 1) await gate.promise;
        marks.add(mark);
        return done;
      },
      { lockMs: 2000 },
    );
    for (const mark of [1, 2]) await lane.enqueue("job", { mark }, { id: `job-${mark}` });
    await until(async () => expect((await lane.counts()).active).toBe(1));
    await way.block();
    gate.resolve();
    expect(await outcome(lane.enqueue("job", { mark: 3 }, { id: "job-3" }))).toBe("QUEUE_UNAVAILABLE");
    expect(await outcome(backend.healthy())).toBe("QUEUE_UNAVAILABLE");
    await way.open();
    await until(async () => expect(await outcome(lane.enqueue("job", { mark: 3 }, { id: "job-3" }))).toBe("ok"));
    await until(() => expect(marks).toEqual(new Set([1, 2, 3])));
    await until(async () => expect(await lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }));
    expect(await outcome(backend.healthy())).toBe("ok");
  });

  test("a server that is not there, or lets nobody in, is told of without its password", async () => {
    const way = await wayTo(address);
    await way.block();
    const [stranger, hidden] = [new URL(address), new URL(way.address)];
    for (const each of [stranger, hidden]) [each.username, each.password] = ["nobody", "hunter2"];
    const faults = await Promise.all([stranger, hidden].map(({ href }) => failure(openJobBackend(options(href)))));
    expect(faults.map((fault) => fault?.code)).toEqual(["QUEUE_UNAVAILABLE", "QUEUE_UNAVAILABLE"]);
    expect(inspect(faults, { depth: 10 })).not.toContain("hunter2");
    expect(faults[1]?.message).toContain("ECONNREFUSED");
  });
});

describe("jobs on Redis", () => {
  test("what was queued in a Redis that is emptied is lost, and the lane goes on, with its schedules", async () => {
    const backend = await opened({ kind: "redis", connection: spareConnection });
    const marks: unknown[] = [];
    const { lane } = await started(
      backend,
      async ({ mark }) => {
        marks.push(mark);
        return done;
      },
      { scheduleCheckMs: 200, schedules: { tick: { job: "job", data: { mark: 0 }, everyMs: 200 } } },
    );
    await lane.enqueue("job", { mark: 1 }, { id: "lost", delayMs: 3_600_000 });
    await until(() => expect(marks).toContain(0));
    const client = new Redis(spareConnection);
    // Nobody else may take the database for an empty one.
    await client.multi().flushdb().set("taken", "1").exec();
    await client.quit();
    const before = marks.length;
    await lane.enqueue("job", { mark: 2 }, { id: "lost" });
    await until(() => expect(marks).toContain(2));
    await until(() => expect(marks.length).toBeGreaterThan(before + 3));
  });

  test("an outage is told once, and its end", async () => {
    const way = await wayTo(spareConnection);
    const notices: string[] = [];
    const backend = await opened({ kind: "redis", connection: way.address, onNotice: (each) => notices.push(each) });
    await way.block();
    await until(() => expect(notices).toHaveLength(1));
    await outcome(backend.healthy());
    await way.open();
    await until(() => expect(notices).toHaveLength(2));
    expect(notices).toEqual([expect.stringContaining("cannot be reached"), "the Redis of the job queue is back"]);
    expect(await outcome(backend.healthy())).toBe("ok");
  });

  test("options of ioredis are passed on", async () => {
    const { hostname: host, port, pathname } = new URL(spareConnection);
    const connection = { host, port: Number(port), db: Number(pathname.slice(1)), connectionName: "settlement-queue" };
    await opened({ kind: "redis", connection });
    const client = new Redis(spareConnection);
    expect(await client.client("LIST")).toContain("name=settlement-queue");
    await client.quit();
  });
});
