import { expect, test } from "vitest";
import { compareSemver, isSemver } from "../../src/validate/semver.ts";

// Semantic Versioning 2.0.0 §11 and a few numbers that doubles cannot hold.
const ascending = [
  "0.9.9",
  "1.0.0-0",
  "1.0.0-1",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.10",
  "1.2.0",
  "2.0.0",
  "9007199254740993.0.0",
  "9007199254740994.0.0",
];

test("precedence is that of the standard", () => {
  for (const [at, lower] of ascending.entries()) {
    for (const [other, higher] of ascending.entries()) {
      expect(Math.sign(compareSemver(lower, higher) ?? Number.NaN)).toBe(Math.sign(at - other));
    }
  }
});

test("build metadata does not count, and other texts have no precedence", () => {
  expect(compareSemver("1.0.0+a", "1.0.0+b")).toBe(0);
  expect(compareSemver("1.0", "1.0.0")).toBeUndefined();
  expect(["1.0.0", "1.0.0-rc.1+5", "v1.0.0", "1.0", "01.0.0", "1.0.0-01", ""].map(isSemver)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
