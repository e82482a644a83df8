import { describe, expect, test } from "vitest";
import { fieldsOf } from "../../src/core/fields.ts";
import { keyVerdict, parseKeyWindow, type KeyWindow, type SignatureTime } from "../../src/core/key-window.ts";

const march = Date.UTC(2026, 2, 1);
const april = Date.UTC(2026, 3, 1);
const may = Date.UTC(2026, 4, 1);
const june = Date.UTC(2026, 5, 1);

const cases: readonly (readonly [string, KeyWindow, SignatureTime, string])[] = [
  ["no window: always", {}, { claimed: april }, "valid"],
  ["before validFrom", { validFrom: april }, { claimed: april - 1 }, "early"],
  ["at validFrom", { validFrom: april }, { claimed: april }, "valid"],
  ["just before validUntil", { validUntil: april }, { claimed: april - 1 }, "valid"],
  ["at validUntil", { validUntil: april }, { claimed: april }, "expired"],
  [
    "signed before the rotation, witnessed after it",
    { validUntil: april },
    { claimed: march, witnessed: may },
    "valid",
  ],
  ["retired later", { revokedAt: april, revocationReason: "retirement" }, { claimed: march }, "valid"],
  ["retired before", { revokedAt: april, revocationReason: "retirement" }, { claimed: april }, "revoked"],
  [
    "compromised later, nobody witnessed",
    { revokedAt: june, revocationReason: "compromise", invalidAfter: may },
    { claimed: march },
    "compromised",
  ],
  [
    "compromised later, witnessed before",
    { revokedAt: june, revocationReason: "compromise", invalidAfter: may },
    { claimed: march, witnessed: april },
    "valid",
  ],
  [
    "compromised later, witnessed after the invalidity date",
    { revokedAt: june, revocationReason: "compromise", invalidAfter: may },
    { claimed: march, witnessed: may },
    "compromised",
  ],
  [
    "claimed after the invalidity date",
    { revokedAt: june, revocationReason: "compromise", invalidAfter: may },
    { claimed: may, witnessed: april },
    "compromised",
  ],
  [
    "without an invalidity date the revocation counts",
    { revokedAt: june, revocationReason: "compromise" },
    { claimed: march, witnessed: may },
    "valid",
  ],
];

test.each(cases)("%s", (_, window, time, expected) => {
  const verdict = keyVerdict(window, time);
  expect(verdict.valid ? "valid" : verdict.why).toBe(expected);
});

describe("windows as manifests write them", () => {
  const parse = (members: Record<string, string>): KeyWindow =>
    parseKeyWindow(fieldsOf("NODE_MALFORMED", "maintainer", members));

  test("an unknown reason is a compromise", () => {
    expect(parse({ revokedAt: "2026-06-01T00:00:00Z", revocationReason: "who knows" }).revocationReason).toBe(
      "compromise",
    );
    expect(parse({ revokedAt: "2026-06-01T00:00:00Z" }).revocationReason).toBe("compromise");
  });

  test("times may carry an offset", () => {
    expect(parse({ validFrom: "2026-04-01T02:00:00+02:00" })).toEqual({ validFrom: april });
  });

  test.each([
    ["a time that is none", { validFrom: "soon" }],
    ["a reason without a date", { revocationReason: "rotation" }],
  ])("refused: %s", (_, members) => {
    expect(() => parse(members)).toThrowError(expect.objectContaining({ code: "KEY_WINDOW_MALFORMED" }));
  });
});
