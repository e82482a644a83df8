import { setImmediate } from "node:timers/promises";

/** Virtual time: nothing happens but what was put here, one thing after the other. */
export interface Timeline {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** @param act - what happens then; whatever it resolves is worked off before the next thing happens */
  after(delayMs: number, act: () => void | Promise<void>): void;
  /** Lets things happen until `isDone`, or until that time. */
  run(isDone: () => boolean, untilMs: number): Promise<void>;
}

interface Moment {
  readonly atMs: number;
  /** Settles which of two moments at one time comes first. */
  readonly number: number;
  readonly act: () => void | Promise<void>;
}

function isBefore(one: Moment, other: Moment): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

export function timelineFrom(startMs: number): Timeline {
  const heap = momentHeap();
  let nowMs = startMs;
  let number = 0;
  return {
    nowMs: () => nowMs,
    after(delayMs, act) {
      heap.push({ atMs: nowMs + Math.max(0, delayMs), number: number++, act });
    },
    async run(isDone, untilMs) {
      while (!isDone()) {
        const moment = heap.first();
        if (!moment || moment.atMs > untilMs) break;
        heap.takeFirst();
        nowMs = moment.atMs;
        await moment.act();
        // What was resolved runs on in promises alone; when those are done, everybody waits for this timeline again.
        await setImmediate();
      }
      if (!isDone()) nowMs = Math.max(nowMs, untilMs);
    },
  };
}

function momentHeap(): { first(): Moment | undefined; takeFirst(): void; push(moment: Moment): void } {
  const items: Moment[] = [];
  const at = (place: number): Moment => items[place] as Moment;
  const swap = (one: number, other: number): void => {
    [items[one], items[other]] = [at(other), at(one)];
  };
  return {
    first: () => items[0],
    push(moment) {
      items.push(moment);
      for (let place = items.length - 1; place > 0;) {
        const parent = (place - 1) >> 1;
        if (!isBefore(at(place), at(parent))) break;
        swap(place, parent);
        place = parent;
      }
    },
    takeFirst() {
      const last = items.pop();
      if (last === undefined || items.length === 0) return;
      items[0] = last;
      for (let place = 0; ;) {
        const left = 2 * place + 1;
        if (left >= items.length) break;
        const child = left + 1 < items.length && isBefore(at(left + 1), at(left)) ? left + 1 : left;
        if (!isBefore(at(child), at(place))) break;
        swap(child, place);
        place = child;
      }
    },
  };
}
