import { availableParallelism } from "node:os";
import { nodeVerifyAsync } from "./adapters/node-crypto.ts";
import { idlestOf, startThread, type Thread } from "./threads.ts";
import type { DoorOptions } from "./validate/door.ts";
import { canPack, packSigned, type Signed } from "./verify-layout.ts";

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

/** Packed signatures to one byte each. */
type Verifier = Thread<Uint8Array, Uint8Array>;

const limits = { maxYoungGenerationSizeMb: 4 };

/**
 * Verification as a door takes it, that leaves this thread to the rules. Its threads keep no process alive. Disposing of
 * it ends them; what is under way is verified all the same.
 */
export interface VerifyPool extends Required<Pick<DoorOptions, "verifyAhead" | "verifiedAtOnce">>, AsyncDisposable {}

/** Signatures that are asked for in one turn of the event loop go to threads, many at once; a few go to Node's own pool. */
export function verifyThreads(options: VerifyThreads = {}): VerifyPool {
  const { size = Math.min(availableParallelism(), mostThreads), worthThreads = 256 } = options;
  const threads = new Set<Verifier>();
  let gathered: Waiting[] = [];
  let [asked, alone] = [0, 0];

  const verifyAlone: VerifyAhead = async (...signed) => {
    alone++;
    try {
      return await nodeVerifyAsync(...signed);
    } finally {
      alone--;
    }
  };
  /** A thread that dies leaves its signatures to Node's pool. */
  const verifyThere = async (some: readonly Waiting[]): Promise<void> => {
    const packed = packSigned(some.map(({ signed }) => signed));
    const areGood = await idlestOf(threads)
      ?.ask(packed, [packed.buffer])
      .catch(() => undefined);
    for (const [at, { signed, resolve }] of some.entries()) {
      resolve(areGood ? areGood[at] === 1 : verifyAlone(...signed));
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
    while (threads.size < size) startThread("verify-thread", limits, threads);
    const each = Math.min(Math.max(Math.ceil(all.length / size), leastTogether), mostTogether);
    for (let at = 0; at < all.length; at += each) {
      void verifyThere(all.slice(at, at + each));
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
      await Promise.all(Array.from(threads, (thread) => thread.end()));
    },
  };
}
