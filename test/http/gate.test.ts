import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, openGate } from "../../src/http/gate.ts";

/** As many turns of the loop as it takes to begin what can begin, one each on a busy machine. */
async function turns(): Promise<void> {
  for (let at = 0; at < 50; at++) await new Promise((resolve) => setImmediate(resolve));
}
const hour = 3_600_000;

describe("the gate", () => {
  test("lets in so many, in order; a few wait; the rest is refused at once; everybody gets an answer", async () => {
    const sizes = fc.record({
      running: fc.integer({ min: 1, max: 5 }),
      waiting: fc.integer({ min: 0, max: 5 }),
      waves: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ running, waiting, waves }) => {
        const gate = openGate({ running, waiting, waitMs: hour });
        const started: number[] = [];
        const inside: (() => void)[] = [];
        let [asked, refused] = [0, 0];
        const settle = (number: number, entry: Entry): void => {
          if (!("leave" in entry)) return void refused++;
          started.push(number);
          inside.push(entry.leave);
        };
        for (const many of waves) {
          const places = running + waiting - gate.running - gate.waiting;
          const before = refused;
          for (let at = 0; at < many; at++) {
            const number = asked++;
            void gate.enter().then((entry) => settle(number, entry));
          }
          await turns();
          expect(refused - before).toBe(Math.max(0, many - places));
          expect(gate.running).toBe(inside.length);
          expect(gate.running).toBeLessThanOrEqual(running);
          expect(gate.waiting).toBeLessThanOrEqual(waiting);
          // Nobody waits while there is a place.
          expect(gate.waiting === 0 || gate.running === running).toBe(true);
          inside.shift()?.();
          await turns();
        }
        while (gate.running + gate.waiting > 0) {
          inside.shift()?.();
          await turns();
        }
        expect(started).toEqual(started.toSorted((a, b) => a - b));
        expect(started.length + refused).toBe(asked);
      }),
    );
  });

  test("sees how many have come although none of them ever yields", async () => {
    const gate = openGate({ running: 2, waiting: 3, waitMs: hour });
    const entries = await Promise.all(
      Array.from({ length: 9 }, async () => {
        const entry = await gate.enter();
        if ("leave" in entry) entry.leave();
        return "leave" in entry ? "in" : entry.refused;
      }),
    );
    expect(entries).toEqual([...Array(5).fill("in"), ...Array(4).fill("full")]);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  test("refuses who waited too long, the others go on waiting for their turn", async () => {
    const gate = openGate({ running: 1, waiting: 2, waitMs: 30 });
    const first = await gate.enter();
    expect(await Promise.all([gate.enter(), gate.enter()])).toEqual([{ refused: "late" }, { refused: "late" }]);
    const next = gate.enter();
    if ("leave" in first) first.leave();
    expect(await next).toHaveProperty("leave");
  });

  test("gives the place of who has gone to others", async () => {
    const gate = openGate({ running: 1, waiting: 1, waitMs: hour });
    const first = await gate.enter();
    let hasGone = false;
    const second = gate.enter(() => hasGone);
    expect(await gate.enter()).toEqual({ refused: "full" });
    hasGone = true;
    const third = gate.enter();
    expect(await second).toEqual({ refused: "gone" });
    if ("leave" in first) first.leave();
    expect(await third).toHaveProperty("leave");
  });
});
