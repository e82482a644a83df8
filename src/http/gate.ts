export interface GateLimits {
  /** Requests that are worked on at once. */
  readonly running: number;
  /** Requests that wait beside them. */
  readonly waiting: number;
  /** Longest time that one waits, milliseconds. */
  readonly waitMs: number;
}

/** Why somebody is not let in: there is no place to wait, he waited too long, or he has gone. */
export type Refusal = "full" | "late" | "gone";

export type Entry = { readonly leave: () => void } | { readonly refused: Refusal };

export interface Gate {
  /**
   * Resolves once there is a place, or none. Whoever gets in calls `leave` when he is done, once.
   *
   * @param isGone - nobody waits for the answer any more
   */
  enter(isGone?: () => boolean): Promise<Entry>;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly sinceMs: number;
  readonly isGone: () => boolean;
  readonly resolve: (entry: Entry) => void;
}

/** Most that begin in one turn of the event loop. */
const largestBatch = 8;
/** Time above which a turn was slow: fewer begin in the next one, and none in some. */
const slowTurnMs = 10;
/** The loop takes one new connection a turn: without turns that are for nothing else, many would wait long to be seen. */
const restTurns = 32;

/** How many begin in each turn of the loop: more while turns are quick, one and then none for a while when they are slow. */
function turnPace(): { readonly next: () => number; readonly begun: () => void } {
  let batch = 1;
  let rest = 0;
  let begunMs = Infinity;
  return {
    next() {
      if (performance.now() - begunMs > slowTurnMs) {
        batch = Math.max(1, batch >> 1);
        rest = restTurns;
      } else if (rest === 0) batch = Math.min(largestBatch, batch + 1);
      begunMs = Infinity;
      if (rest === 0) return batch;
      rest--;
      return 0;
    },
    // Only when the next turn comes at once: else it says nothing about this one.
    begun: () => void (begunMs = performance.now()),
  };
}

function dropGone(waiters: Set<Waiter>): void {
  for (const waiter of waiters) {
    if (waiter.isGone() && waiters.delete(waiter)) waiter.resolve({ refused: "gone" });
  }
}

/**
 * Lets in so many at a time, in the order they came, and a few wait.
 *
 * Nobody starts before the event loop has read what has come on all connections: work that never yields would else hide
 * behind one request how many there are, and nothing would ever be refused. For the same reason few begin in one turn of
 * the loop when each is slow: others are refused, and who watches is answered, in between.
 */
export function openGate(limits: GateLimits): Gate {
  const waiters = new Set<Waiter>();
  let running = 0;
  let isDue = false;
  const pace = turnPace();
  let timer: NodeJS.Timeout | undefined;

  const leave = (): void => {
    running--;
    arrange();
  };
  const isFull = (): boolean => waiters.size >= limits.waiting + limits.running - running;
  const turn = (): void => {
    let left = pace.next();
    if (left === 0) return void setImmediate(turn);
    isDue = false;
    dropGone(waiters);
    for (const waiter of waiters) {
      if (running >= limits.running || left-- === 0) break;
      waiters.delete(waiter);
      running++;
      waiter.resolve({ leave });
    }
    arrange();
    if (isDue) pace.begun();
  };
  const expire = (): void => {
    timer = undefined;
    const longAgoMs = performance.now() - limits.waitMs;
    for (const waiter of waiters) {
      if (waiter.sinceMs > longAgoMs + 1) break;
      waiters.delete(waiter);
      waiter.resolve({ refused: "late" });
    }
    arrange();
  };
  function arrange(): void {
    const [oldest] = waiters;
    if (oldest === undefined) return;
    if (!isDue && running < limits.running) {
      isDue = true;
      setImmediate(turn);
    }
    timer ??= setTimeout(expire, Math.max(1, oldest.sinceMs + limits.waitMs - performance.now())).unref();
  }
  return {
    enter: (isGone = () => false) =>
      new Promise((resolve) => {
        if (isFull()) dropGone(waiters);
        if (isFull()) return resolve({ refused: "full" });
        waiters.add({ sinceMs: performance.now(), isGone, resolve });
        arrange();
      }),
    get running() {
      return running;
    },
    get waiting() {
      return waiters.size;
    },
  };
}
