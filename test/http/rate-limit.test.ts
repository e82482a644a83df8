import fc from "fast-check";
import { expect, test } from "vitest";
import { clientOf, rateLimit } from "../../src/http/rate-limit.ts";

/** A bucket as textbooks have it, in whole thousandths of a token, so that nothing is rounded. */
function textbookBucket(perSecond: number, burst: number): (nowMs: number) => boolean {
  let [thousandths, atMs] = [burst * 1000, 0];
  return (nowMs) => {
    thousandths = Math.min(burst * 1000, thousandths + (nowMs - atMs) * perSecond);
    atMs = nowMs;
    if (thousandths < 1000) return false;
    thousandths -= 1000;
    return true;
  };
}

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 2000 }), burst: fc.integer({ min: 1, max: 30 }) });
const steps = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 1500 })), { maxLength: 200 });

test("each client has a token bucket of its own", () => {
  fc.assert(
    fc.property(rates, steps, (rate, requests) => {
      let now = 0;
      const wait = rateLimit(rate, () => now);
      const buckets = new Map(["a", "b"].map((name) => [name, textbookBucket(rate.perSecond, rate.burst)] as const));
      for (const [client, laterMs] of requests) {
        now += laterMs;
        expect(wait(client) === 0).toBe(buckets.get(client)?.(now));
      }
    }),
  );
});

test("whoever waits as long as he was told is let in, and not before", () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 1e9 }), (rate, startMs) => {
      let now = startMs;
      const wait = rateLimit(rate, () => now);
      for (let at = 0; at < rate.burst; at++) expect(wait("a")).toBe(0);
      const waitMs = wait("a");
      expect(waitMs).toBeGreaterThan(0);
      now += waitMs * 0.9;
      expect(wait("a")).toBeGreaterThan(0);
      now = startMs + Math.ceil(waitMs);
      expect(wait("a")).toBe(0);
    }),
  );
});

test("who is refused without end is let in as often as others", () => {
  let now = 0;
  const wait = rateLimit({ perSecond: 10, burst: 1 }, () => now);
  let taken = 0;
  for (; now < 10_000; now++) taken += wait("a") === 0 ? 1 : 0;
  expect(taken).toBe(100);
});

test("only so many clients are remembered, those seen last", () => {
  const wait = rateLimit({ perSecond: 1, burst: 1 }, () => 0, 3);
  const wave = (names: string): number[] => Array.from(names, (name) => (wait(name) === 0 ? 1 : 0));
  expect(wave("abc")).toEqual([1, 1, 1]);
  expect(wave("cba")).toEqual([0, 0, 0]);
  // d pushes out c, who was seen least recently; a refusal counts as being seen.
  expect(wave("dabc")).toEqual([1, 0, 0, 1]);
});

test.for([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::ffff:c000:207", "192.0.2.7"],
  ["0:0:0:0:0:FFFF:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
  ["192.0.2.7:443", undefined],
  ["unknown", undefined],
  ["", undefined],
  [undefined, undefined],
] as const)("%s is counted as %s", ([address, client]) => {
  expect(clientOf(address)).toBe(client);
});
