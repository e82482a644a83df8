import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BullMQOtel } from "bullmq-otel";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type JobContext,
  type JobEvent,
  type Lane,
  type LaneJob,
  type LaneOptions,
  startLane,
} from "../../jobs/lane.ts";
import { openLaneQueue } from "../../jobs/lane-queue.ts";
import type { JobResult } from "../../jobs/work.ts";
import { type JobBackend, type JobBackendOptions, openJobBackend } from "../../src/adapters/job-backend.ts";
import { SettlementError } from "../../src/core/error.ts";

interface Data {
  readonly job: { readonly mark?: number };
}

export const done: JobResult = { done: undefined };
/** A failure that may pass. */
const unavailable = new SettlementError("STATE_UNAVAILABLE", "gone fishing");
const backoff = { firstMs: 10, maxMs: 40 };

export interface Started {
  readonly lane: Lane<Data>;
  readonly events: JobEvent[];
  readonly faults: string[];
  /** Ends it now; it ends with the test otherwise. */
  stop(): Promise<void>;
}

export type Run = (data: Data["job"], context: JobContext) => Promise<JobResult>;

/** A lane of one kind of job, whose failures are tried again at once. */
export async function started(
  backend: JobBackend,
  run: Run,
  { name = laneName(), ...more }: Partial<LaneOptions<Data> & LaneJob<Data["job"]>> = {},
): Promise<Started> {
  const [events, faults]: [JobEvent[], string[]] = [[], []];
  const { attempts, ...options } = more;
  const job = { run, backoff, ...(attempts === undefined ? {} : { attempts }) };
  const lane = await startLane<Data>({
    backend,
    name,
    jobs: { job },
    onJob: (event) => events.push(event),
    onFault: (message) => faults.push(message),
    ...options,
  });
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (isOpen) await lane.close({ graceMs: 0, handBackMs: 100 });
    isOpen = false;
  };
  onTestFinished(stop);
  return { lane, events, faults, stop };
}

let lanes = 0;
export const laneName = (): string => `lane-${++lanes}`;

/** Asks again until it holds. */
export const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 30_000, interval: 20 });

const outcomes = (events: readonly JobEvent[]): string[] => events.map(({ outcome }) => outcome);

/** What every job backend promises, and lanes on it. @param options - a store that is empty */
export function jobBackendContract(name: string, options: () => JobBackendOptions): void {
  describe(`jobs on ${name}`, () => {
    let backend: JobBackend;
    beforeAll(async () => {
      backend = await openJobBackend(options());
    });
    afterAll(() => backend.close());
    const reopen = async (): Promise<void> => {
      await backend.close();
      backend = await openJobBackend(options());
    };

    test("says that it is well", async () => {
      await expect(backend.healthy()).resolves.toBeUndefined();
      expect(backend.kind).toBe(options().kind);
    });

    test("500 jobs run in order, one at a time", async () => {
      const [marks, running]: [number[], Set<number>] = [[], new Set()];
      let most = 0;
      const { lane, events } = await started(backend, async ({ mark = 0 }) => {
        most = Math.max(most, running.add(mark).size);
        await sleep(0);
        marks.push(mark);
        running.delete(mark);
        return done;
      });
      const wanted = Array.from({ length: 500 }, (_, mark) => mark);
      for (const mark of wanted) await lane.enqueue("job", { mark }, { id: `job-${mark}` });
      await until(() => expect(events).toHaveLength(500));
      expect([marks, most]).toEqual([wanted, 1]);
      expect(events[7]).toEqual({
        lane: events[0]?.lane,
        job: "job",
        id: "job-7",
        outcome: "done",
        durationMs: expect.any(Number) as number,
        error: undefined,
      });
      await until(async () => expect(await lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }));
    });

    test("as many jobs run at once as the lane allows", async () => {
      const gate = Promise.withResolvers<JobResult>();
      const { lane, events } = await started(backend, () => gate.promise, { concurrency: 3 });
      for (let mark = 0; mark < 5; mark++) await lane.enqueue("job", { mark }, { id: `job-${mark}` });
      await until(async () => expect(await lane.counts()).toMatchObject({ waiting: 2, active: 3 }));
      gate.resolve(done);
      await until(() => expect(events).toHaveLength(5));
    });

    test("work is queued once: while it waits, is delayed or runs", async () => {
      const gate = Promise.withResolvers<JobResult>();
      const marks: unknown[] = [];
      const { lane, events } = await started(backend, ({ mark }) => {
        marks.push(mark);
        return gate.promise;
      });
      await lane.enqueue("job", { mark: 1 }, { id: "running" });
      await until(() => expect(marks).toEqual([1]));
      await Promise.all([2, 3, 4].map((mark) => lane.enqueue("job", { mark }, { id: "running" })));
      for (const mark of [5, 6]) await lane.enqueue("job", { mark }, { id: "waiting" });
      await lane.enqueue("job", { mark: 7 }, { id: "delayed", delayMs: 3_600_000 });
      await lane.enqueue("job", { mark: 8 }, { id: "delayed" });
      expect(await lane.counts()).toEqual({ waiting: 1, active: 1, delayed: 1, failed: 0 });
      gate.resolve(done);
      await until(() => expect(events).toHaveLength(2));
      await lane.enqueue("job", { mark: 9 }, { id: "running" });
      await until(() => expect(events).toHaveLength(3));
      expect(marks).toEqual([1, 5, 9]);
    });

    test.each(["", "a:b"])("%j is no id", async (id) => {
      const { lane } = await started(backend, async () => done);
      await expect(lane.enqueue("job", {}, { id })).rejects.toThrowError(TypeError);
    });

    test.each(["42", "delayed", "wait", "meta", "id", "../x", "{a}"])("%j is an id", async (id) => {
      const { lane, events } = await started(backend, async () => done);
      await lane.enqueue("job", {}, { id });
      await until(() => expect(events).toMatchObject([{ id, outcome: "done" }]));
      await until(async () => expect(await lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }));
    });

    test("a delayed job lets others pass", async () => {
      const { lane, events } = await started(backend, async () => done);
      await lane.enqueue("job", {}, { id: "late", delayMs: 2000 });
      await lane.enqueue("job", {}, { id: "soon" });
      await until(() => expect(events).toHaveLength(2));
      expect(events.map(({ id }) => id)).toEqual(["soon", "late"]);
    });

    test("a job is put off many times, is no failure, and stands in nobody's way", async () => {
      const failures = new Set<number>();
      let looks = 0;
      const { lane, events } = await started(backend, async (_, context) => {
        if (context.id === "other") return done;
        failures.add(context.failures);
        const isOver = ++looks >= 50 && events.some(({ id }) => id === "other");
        return isOver ? done : { againInMs: 0 };
      });
      await lane.enqueue("job", {}, { id: "patient" });
      await until(() => expect(looks).toBeGreaterThan(10));
      await lane.enqueue("job", {}, { id: "other" });
      await until(() => expect(events.at(-1)).toMatchObject({ id: "patient", outcome: "done" }));
      expect(new Set(outcomes(events.slice(0, -1).filter(({ id }) => id === "patient")))).toEqual(new Set(["again"]));
      expect([...failures]).toEqual([0]);
    });

    test("a failure that may pass is tried again until it has", async () => {
      const failures: number[] = [];
      const { lane, events } = await started(backend, async (_, context) => {
        failures.push(context.failures);
        if (failures.length <= 5) throw unavailable;
        return done;
      });
      await lane.enqueue("job", {}, { id: "stubborn" });
      await until(() => expect(outcomes(events)).toEqual([...Array<string>(5).fill("retry"), "done"]));
      expect(failures).toEqual([0, 1, 2, 3, 4, 5]);
      expect(events[0]?.error).toBe(unavailable);
    });

    test("a failure that may pass is one for good after as many tries as the job allows", async () => {
      const { lane, events } = await started(backend, () => Promise.reject(unavailable), { attempts: 3 });
      await lane.enqueue("job", {}, { id: "weary" });
      await until(() => expect(outcomes(events)).toEqual(["retry", "retry", "failed"]));
      await until(async () => expect(await lane.failed()).toMatchObject([{ id: "weary", reason: "gone fishing" }]));
    });

    test("any other failure is one for good: it is kept, and can be retried or replaced", async () => {
      const faults: unknown[] = [new SettlementError("PARTITION_REJECTED", "a rule is broken"), new TypeError("a bug")];
      const marks: unknown[] = [];
      const { lane, events } = await started(backend, async ({ mark }) => {
        marks.push(mark);
        if (faults.length > 0) throw faults.shift();
        return done;
      });
      await lane.enqueue("job", { mark: 1 }, { id: "refused" });
      await lane.enqueue("job", { mark: 2 }, { id: "wrong" });
      await until(async () => expect((await lane.counts()).failed).toBe(2));
      const reasons = await lane.failed();
      expect(reasons).toMatchObject([
        { id: "wrong", job: "job", data: { mark: 2 }, reason: expect.stringContaining("TypeError: a bug") as string },
        { id: "refused", job: "job", data: { mark: 1 }, reason: "PARTITION_REJECTED: a rule is broken" },
      ]);
      expect(await lane.failed(1)).toEqual(reasons.slice(0, 1));
      await lane.enqueue("job", { mark: 3 }, { id: "wrong" });
      expect(await lane.retry("refused")).toBe(true);
      await until(() => expect(outcomes(events)).toEqual(["failed", "failed", "done", "done"]));
      expect(marks).toEqual([1, 2, 3, 1]);
      expect([await lane.retry("refused"), await lane.retry("unheard-of")]).toEqual([false, false]);
      await until(async () => expect(await lane.failed()).toEqual([]));
    });

    test("a job that this program does not know fails for good", async () => {
      const { lane, events } = await started(backend, async () => done);
      const { name: lanesName } = (lane as unknown as { readonly queue: { readonly name: string } }).queue;
      const other = await openLaneQueue<{ future: object }>({ backend, name: lanesName });
      await other.enqueue("future", {}, { id: "unknown" });
      await until(() => expect(events).toMatchObject([{ job: "future", outcome: "failed" }]));
      await other.close();
    });

    test("a job whose lock is lost is told to stop, and nothing else comes of it", async () => {
      const name = laneName();
      const reasons: unknown[] = [];
      const untilStopped: Run = async ({ mark }, { signal }) => {
        if (mark === undefined) return done;
        await once(signal, "abort");
        reasons.push(signal.reason);
        throw new Error("told to stop");
      };
      const { lane, events } = await started(backend, untilStopped, { name, lockMs: 400 });
      await lane.enqueue("job", { mark: 1 }, { id: "lost" });
      await until(async () => expect((await lane.counts()).active).toBe(1));
      const queue = backend.queue(name);
      await queue.pause();
      await queue.obliterate({ force: true });
      await until(() => expect(events).toMatchObject([{ id: "lost", outcome: "again" }]));
      expect(reasons).toEqual(["another worker may have this job"]);
      await lane.enqueue("job", {}, { id: "lost" });
      await until(() => expect(outcomes(events)).toEqual(["again", "done"]));
      expect(await lane.failed()).toEqual([]);
    });

    test("spans of BullMQ can be had", async () => {
      const { lane, events } = await started(backend, async () => done, {
        telemetry: new BullMQOtel({ tracerName: "test" }),
      });
      await lane.enqueue("job", {}, { id: "traced" });
      await until(() => expect(events).toMatchObject([{ id: "traced", outcome: "done" }]));
    });

    test("what is queued while no worker runs is run by the next one, after a restart too", async () => {
      const name = laneName();
      const queue = await openLaneQueue<Data>({ backend, name });
      await queue.enqueue("job", { mark: 7 }, { id: "early" });
      await queue.close();
      await reopen();
      const marks: unknown[] = [];
      await started(backend, async ({ mark }) => (marks.push(mark), done), { name });
      await until(() => expect(marks).toEqual([7]));
    });

    test("a paused lane stays paused after a restart, and its neighbour runs", async () => {
      const name = laneName();
      const first = await started(backend, async () => done, { name });
      await first.lane.pause();
      await first.lane.enqueue("job", {}, { id: "held" });
      await first.stop();
      await reopen();
      const [held, free] = [
        await started(backend, async () => done, { name }),
        await started(backend, async () => done),
      ];
      await free.lane.enqueue("job", {}, { id: "free" });
      await until(() => expect(free.events).toHaveLength(1));
      expect([await held.lane.isPaused(), await free.lane.isPaused()]).toEqual([true, false]);
      expect(await held.lane.counts()).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
      expect(held.events).toEqual([]);
      await held.lane.resume();
      await until(() => expect(held.events).toMatchObject([{ id: "held", outcome: "done" }]));
    });

    test("a lane whose job takes long does not hold up another", async () => {
      const gate = Promise.withResolvers<JobResult>();
      const slow = await started(backend, () => gate.promise);
      const quick = await started(backend, async () => done);
      await slow.lane.enqueue("job", {}, { id: "long" });
      await quick.lane.enqueue("job", {}, { id: "short" });
      await until(() => expect(quick.events).toHaveLength(1));
      expect(slow.events).toEqual([]);
      gate.resolve(done);
      await until(() => expect(slow.events).toHaveLength(1));
    });

    schedulesContract(() => backend);
    stopContract(() => backend);

    test("the job of a worker that was killed runs again", async () => {
      const isAlone = options().kind === "embedded";
      if (isAlone) await backend.close();
      const child = spawn(process.execPath, [childPath, JSON.stringify(options())], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      child.kill("SIGKILL");
      await once(child, "exit");
      if (isAlone) backend = await openJobBackend(options());
      const events: JobEvent[] = [];
      const lane = await startLane<{ hang: object }>({
        backend,
        name: "killed",
        // Whoever has the folder alone knows that the other is gone, and need not wait for its lock to expire.
        lockMs: isAlone ? 3_600_000 : 1000,
        jobs: { hang: { run: async () => done } },
        onJob: (event) => events.push(event),
      });
      await until(() => expect(events).toMatchObject([{ id: "left", outcome: "done" }]));
      await lane.close();
    });
  });
}

const childPath = fileURLToPath(new URL("lane-child.ts", import.meta.url));

function schedulesContract(backend: () => JobBackend): void {
  test("a schedule runs its job again and again, until it is removed", async () => {
    const name = laneName();
    const marks: unknown[] = [];
    const run: Run = async ({ mark }) => (marks.push(mark), done);
    const every = (mark: number, everyMs: number): Partial<LaneOptions<Data>> => ({
      name,
      schedules: { tick: { job: "job", data: { mark }, everyMs } },
    });
    const first = await started(backend(), run, every(1, 100));
    await until(() => expect(first.events.length).toBeGreaterThan(3));
    expect(first.events[0]).toMatchObject({ job: "job", id: "tick", outcome: "done" });
    await first.stop();
    const second = await started(backend(), run, every(2, 150));
    await until(() => expect(marks.slice(-3)).toEqual([2, 2, 2]));
    // What was queued before the stop is run all the same.
    expect(marks.slice(first.events.length).filter((mark) => mark === 1).length).toBeLessThanOrEqual(1);
    await second.stop();
    const third = await started(backend(), run, { name });
    await until(async () =>
      expect(await third.lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
    );
    expect(await backend().queue(name).getJobSchedulers()).toEqual([]);
  });

  test("a schedule by cron is in UTC, is replaced when it changes, and left alone when it does not", async () => {
    const name = laneName();
    const cron = async (text: string): Promise<unknown> => {
      const { stop } = await started(backend(), async () => done, {
        name,
        schedules: { month: { job: "job", data: {}, cron: text } },
      });
      const [found, ...others] = await backend().queue(name).getJobSchedulers();
      await stop();
      expect(others).toEqual([]);
      const next = new Date(found?.next ?? 0).toISOString();
      return [found?.pattern, next.slice(found?.pattern?.endsWith("1 *") ? 5 : 8)];
    };
    expect(await cron("20 0 1 1 *")).toEqual(["20 0 1 1 *", "01-01T00:20:00.000Z"]);
    expect(await cron("20 0 1 * *")).toEqual(["20 0 1 * *", "01T00:20:00.000Z"]);
    expect(await cron("20 0 1 * *")).toEqual(["20 0 1 * *", "01T00:20:00.000Z"]);
  });

  test("a time that passed while nothing ran is made up for, once", async () => {
    const name = laneName();
    const schedules = { month: { job: "job", data: {}, cron: "20 0 1 1 *" } } as const;
    const before = await started(backend(), async () => done, { name, schedules });
    await before.stop();
    const queue = backend().queue(name);
    const [next] = await queue.getDelayed();
    await next?.changeDelay(1);
    const after = await started(backend(), async () => done, { name, schedules });
    await until(() => expect(after.events).toMatchObject([{ id: "month", outcome: "done" }]));
    await until(async () =>
      expect(await after.lane.counts()).toEqual({ waiting: 0, active: 0, delayed: 1, failed: 0 }),
    );
    expect(after.events).toHaveLength(1);
  });

  test("a schedule that the store has lost is there again", async () => {
    const name = laneName();
    const schedules = { tick: { job: "job", data: {}, everyMs: 200 } } as const;
    const { events } = await started(backend(), async () => done, { name, schedules, scheduleCheckMs: 100 });
    await until(() => expect(events).not.toEqual([]));
    await backend().queue(name).removeJobScheduler("tick");
    const before = events.length;
    // One more may have been on its way.
    await until(() => expect(events.length).toBeGreaterThan(before + 2));
  });

  test("a schedule does not pile up behind a job that fails or runs", async () => {
    const { lane, events } = await started(
      backend(),
      async () => {
        await sleep(200);
        throw unavailable;
      },
      { concurrency: 2, schedules: { tick: { job: "job", data: {}, everyMs: 50 } } },
    );
    await until(() => expect(events.length).toBeGreaterThan(4));
    const { waiting, active, delayed } = await lane.counts();
    // The job, wherever it is, a tick that is being taken, and the next one of its schedule.
    expect(waiting + active + delayed).toBeLessThanOrEqual(3);
  });

  test.each(["20 0 1 * * nonsense", "0 0 31 2 *", "61 * * * *"])("%s is no time", async (cron) => {
    const schedules = { never: { job: "job", data: {}, cron } } as const;
    await expect(started(backend(), async () => done, { schedules })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
}

function stopContract(backend: () => JobBackend): void {
  test("a lane that is closed waits for its jobs, and begins no other", async () => {
    const runs = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<JobResult>();
    const { lane, events } = await started(backend(), () => {
      runs.resolve();
      return gate.promise;
    });
    await lane.enqueue("job", {}, { id: "first" });
    await lane.enqueue("job", {}, { id: "second" });
    // What the store counts as active may still be on its way here, and would be handed back.
    await runs.promise;
    const closed = lane.close();
    await sleep(50);
    gate.resolve(done);
    await closed;
    expect(events).toMatchObject([{ id: "first", outcome: "done" }]);
  });

  test("a job that does not end in time is told to hand back, and runs again as if it never had", async () => {
    const name = laneName();
    const runs = Promise.withResolvers<void>();
    const first = await started(
      backend(),
      async (_, { signal }) => {
        runs.resolve();
        await once(signal, "abort");
        throw new Error("told to stop");
      },
      { name },
    );
    await first.lane.enqueue("job", { mark: 4 }, { id: "long" });
    await runs.promise;
    await first.lane.close({ graceMs: 10 });
    expect(first.events).toMatchObject([{ id: "long", outcome: "again" }]);
    const seen: unknown[] = [];
    await started(backend(), async ({ mark }, { failures }) => (seen.push([mark, failures]), done), { name });
    await until(() => expect(seen).toEqual([[4, 0]]));
  });

  test("a job that does not listen is handed back all the same, and runs again before its lock expires", async () => {
    const name = laneName();
    const runs = Promise.withResolvers<void>();
    const deaf: Run = () => (runs.resolve(), new Promise(() => undefined));
    const first = await started(backend(), deaf, { name, lockMs: 600_000 });
    await first.lane.enqueue("job", {}, { id: "deaf" });
    await runs.promise;
    await first.lane.close({ graceMs: 10 });
    expect(first.events).toMatchObject([{ id: "deaf", outcome: "again" }]);
    const { events } = await started(backend(), async () => done, { name, lockMs: 600_000 });
    await until(() => expect(events).toMatchObject([{ id: "deaf", outcome: "done" }]));
  });
}
