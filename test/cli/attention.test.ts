import { expect, test } from "vitest";
import { attentionOf, type Known } from "../../src/cli/attention.ts";
import type { MonthStatus } from "../../src/settle/node-status.ts";

const nowUnixMs = 1_000_000_000;

function month(name: string, state: MonthStatus["state"], reason: string | null = null): MonthStatus {
  const nothing = { root: null, manifestHash: null, transactionHash: null, ledgerIndex: null, closeTime: null };
  return { month: name, state, events: 1, published: null, ...nothing, reason, attempts: 0, underWay: null };
}

const running: NonNullable<Known["worker"]> = {
  pid: 7,
  startedUnixMs: 0,
  heardUnixMs: nowUnixMs,
  queue: "embedded",
  paused: false,
  jobs: {},
  chain: {},
  attention: [],
  attempts: [],
  records: [],
};
const next = (overdue: number): Known["next"] => ({ month: "2026-03", closableAt: "2026-04-02T00:00:00Z", overdue });
const stuck = "The worker is down, paused or stuck";

test.for<readonly [what: string, known: Partial<Known>, expected: readonly object[]]>([
  ["a worker that does what is due", { worker: running, next: next(3) }, []],
  ["no worker and nothing due", { months: [month("2026-02", "proven")], next: next(0) }, []],
  [
    "no worker and months to close",
    { next: next(2) },
    [{ text: "no worker runs on this data folder, and 2 months are over and open", section: stuck, months: [] }],
  ],
  [
    "no worker and a month to anchor",
    { months: [month("2026-02", "closed")], next: next(1) },
    [
      {
        text: expect.stringContaining("1 month is over and open, 1 month is closed and not anchored") as string,
        section: stuck,
      },
    ],
  ],
  [
    "a worker that is silent",
    { worker: { ...running, heardUnixMs: nowUnixMs - 61_000 } },
    [{ text: expect.stringContaining("process 7 gives no sign of life") as string, section: stuck }],
  ],
  [
    "one trouble of two months",
    { worker: running, months: ["2026-01", "2026-02"].map((name) => month(name, "closed", "FEE_ABOVE_CAP: 20 drops")) },
    [{ months: ["2026-01", "2026-02"], code: "FEE_ABOVE_CAP" }],
  ],
])("%s", ([, known, expected]) => {
  const whole: Known = { months: [], next: undefined, worker: undefined, disks: [], ...known };
  const attention = attentionOf(whole, nowUnixMs);
  expect(attention).toMatchObject(expected);
  expect(attention).toHaveLength(expected.length);
});
