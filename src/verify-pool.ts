import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { nodeVerifyAsync } from "./adapters/node-crypto.ts";
import type { DoorOptions } from "./validate/door.ts";
import { canPack, packSigned, type Signed } from "./verify-layout.ts";
import type { VerifyAnswer, VerifyTask } from "./verify-thread.ts";

/** More threads than this wait for the one that reads events. */
const mostThreads = 4;

/** So many are under way one by one in Node's own pool: a few are done sooner there, and others get a thread of it soon. */
const fewSignatures = 8;

/** Signatures that go to a thread in one message. */
const [leastTogether, mostTogether] = [16, 64] as const;

/** Of all who ask. */
const mostAtOnce = 4096;

export interface VerifyThreads {
  /** Threads. */
  readonly size?: number;
  /** Threads start once so many signatures were asked for; fewer are verified before a thread has started. */
  readonly worthThreads?: number;
}

type VerifyAhead = DoorOptions["verifyAhead"];

interface Waiting {
  readonly signed: Signed;
  readonly resolve: (isGood: boolean | Promise<boolean>) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly tasks: Map<number, readonly Waiting[]>;
}

/**
 * Verification as a door takes it, that leaves this thread to the rules. Its threads keep no process alive. Disposing of
 * it ends them; what is under way is verified all the same.
 */
export interface VerifyPool extends Required<Pick<DoorOptions, "verifyAhead" | "verifiedAtOnce">>, AsyncDisposable {}

const thread = new URL(import.meta.url.endsWith(".ts") ? "./verify-thread.ts" : "./verify-thread.js", import.meta.url);

/** Signatures that are asked for in one turn of the event loop go to threads, many at once; a few go to Node's own pool. */
export function verifyThreads(options: VerifyThreads = {}): VerifyPool {
  const { size = Math.min(availableParallelism(), mostThreads), worthThreads = 256 } = options;
  const threads = new Set<Thread>();
  let gathered: Waiting[] = [];
  let [asked, alone, number] = [0, 0, 0];

  const verifyAlone: VerifyAhead = async (...signed) => {
    alone++;
    try {
      return await nodeVerifyAsync(...signed);
    } finally {
      alone--;
    }
  };
  const send = (): void => {
    const all = gathered;
    gathered = [];
    asked += all.length;
    if (asked < worthThreads || alone + all.length <= fewSignatures) {
      for (const { signed, resolve } of all) resolve(verifyAlone(...signed));
      return;
    }
    while (threads.size < size) startThread(threads, verifyAlone);
    const each = Math.min(Math.max(Math.ceil(all.length / size), leastTogether), mostTogether);
    for (let at = 0; at < all.length; at += each) {
      const idlest = [...threads].reduce((a, b) => (b.tasks.size < a.tasks.size ? b : a));
      post(idlest, number++, all.slice(at, at + each));
    }
  };
  return {
    verifiedAtOnce: mostAtOnce,
    verifyAhead(...signed) {
      if (!canPack(signed)) return verifyAlone(...signed);
      return new Promise((resolve) => {
        if (gathered.push({ signed, resolve }) === 1) setImmediate(send);
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(threads, ({ worker }) => worker.terminate()));
    },
  };
}

function post({ worker, tasks }: Thread, number: number, waiting: readonly Waiting[]): void {
  if (tasks.size === 0) worker.ref();
  tasks.set(number, waiting);
  const packed = packSigned(waiting.map(({ signed }) => signed));
  worker.postMessage({ number, packed } satisfies VerifyTask, [packed.buffer]);
}

/**
 * Adds a thread for as long as it runs.
 *
 * @param verify - for what it leaves undone
 */
function startThread(threads: Set<Thread>, verify: VerifyAhead): void {
  const worker = new Worker(thread, { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  const started: Thread = { worker, tasks: new Map() };
  const { tasks } = started;
  threads.add(started);
  worker.unref();
  worker.on("message", ({ number, areGood }: VerifyAnswer) => {
    for (const [at, { resolve }] of tasks.get(number)?.entries() ?? []) resolve(areGood[at] === 1);
    tasks.delete(number);
    if (tasks.size === 0) worker.unref();
  });
  // A thread that dies leaves its signatures to Node's pool.
  worker.on("error", () => undefined);
  worker.once("exit", () => {
    threads.delete(started);
    for (const { signed, resolve } of [...tasks.values()].flat()) resolve(verify(...signed));
    tasks.clear();
  });
}
