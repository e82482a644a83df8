import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMonth, monthEndUnixMs, monthOf, monthsBetween, monthStartUnixMs, nextMonth } from "../../src/core/month.ts";
import { formatTimestamp, parseRfc3339, parseTimestamp } from "../../src/core/time.ts";

const year9999 = Date.UTC(9998, 11, 31);

test("timestamps are those of Date, both ways", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: year9999 }), (unixMs) => {
      const iso = new Date(unixMs).toISOString();
      expect(parseTimestamp(iso)).toBe(unixMs);
      expect(parseRfc3339(iso)).toBe(unixMs);
      expect(parseTimestamp(formatTimestamp(unixMs))).toBe(unixMs);
      expect(formatTimestamp(unixMs)).toBe(iso.replace(".000Z", "Z"));
    }),
  );
});

test("offsets are those of Date", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: year9999 }),
      fc.integer({ min: -23 * 60, max: 23 * 60 }),
      (unixMs, offset) => {
        const local = new Date(unixMs + offset * 60_000).toISOString().replace("Z", "");
        const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
          String(part).padStart(2, "0"),
        );
        expect(parseRfc3339(`${local}${offset < 0 ? "-" : "+"}${hours ?? ""}:${minutes ?? ""}`)).toBe(unixMs);
      },
    ),
  );
});

describe("refused as timestamps", () => {
  test.each([
    ["no milliseconds but a dot", "2026-03-05T12:00:00.Z"],
    ["two digits of a second's fraction", "2026-03-05T12:00:00.12Z"],
    ["an offset", "2026-03-05T12:00:00+00:00"],
    ["lower case", "2026-03-05t12:00:00z"],
    ["no such day", "2026-02-29T12:00:00Z"],
    ["century without leap day", "2100-02-29T12:00:00Z"],
    ["month 13", "2026-13-01T12:00:00Z"],
    ["hour 24", "2026-03-05T24:00:00Z"],
    ["leap second", "2016-12-31T23:59:60Z"],
    ["trailing line feed", "2026-03-05T12:00:00Z\n"],
    ["other digits", "２０２６-03-05T12:00:00Z"],
    ["before 1970", "1969-12-31T23:59:59.999Z"],
    ["after 9998", "9999-01-01T00:00:00Z"],
    ["empty", ""],
  ])("%s", (_, text) => {
    expect(() => parseTimestamp(text)).toThrowError(expect.objectContaining({ code: "TIMESTAMP_MALFORMED" }));
  });
});

test("months follow one another", () => {
  expect(monthsBetween("2025-11", "2026-02")).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
  expect(monthsBetween("2026-02", "2026-01")).toEqual([]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: year9999 }), (unixMs) => {
      const month = monthOf(unixMs);
      expect(isMonth(month)).toBe(true);
      expect(monthStartUnixMs(month)).toBeLessThanOrEqual(unixMs);
      expect(monthEndUnixMs(month)).toBeGreaterThan(unixMs);
      expect(monthOf(monthEndUnixMs(month))).toBe(nextMonth(month));
    }),
  );
});

test.each(["2026-00", "2026-13", "2026-1", "26-01", "9999-12", "2026-01\n", "../2026-01", "2026-01/..", 202_601, null])(
  "%j is no month",
  (value) => {
    expect(isMonth(value)).toBe(false);
  },
);
