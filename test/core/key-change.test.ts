import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { didKey } from "../../src/core/identity-did.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { SettlementError } from "../../src/core/error.ts";
import { keyNamed, keysFrom, revokeKey, rotateKey } from "../../src/core/key-change.ts";
import { keyVerdict } from "../../src/core/key-window.ts";
import { type NodeManifest, parseNodeManifest } from "../../src/core/node-manifest.ts";
import { type Json, nodeJson, pemOf, seedOf } from "../support/build-ledger.ts";

const dayMs = 86_400_000;
const noon = Date.parse("2026-03-20T12:00:00Z");
const taking = { name: "new", keyId: "new-1", publicKey: pemOf("new"), contact: "ops@example.org" };

function node(window: Json = {}): NodeManifest {
  return parseNodeManifest(nodeJson("a/b", "compute", {}, window));
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return "ok";
  } catch (error) {
    if (error instanceof SettlementError) return error.code;
    throw error;
  }
}

test("at every instant exactly one of the two keys of a rotation is valid", () => {
  const seconds = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(seconds, seconds, (at, claimed) => {
      const atUnixMs = noon + at * 1000;
      const change = rotateKey(node(), { retiring: "a-b-1", taking, atUnixMs });
      const { maintainers } = parseNodeManifest(change.node);
      const time = { claimed: noon + claimed * 1000 };
      const valid = maintainers.map(({ window }) => keyVerdict(window, time).valid);
      expect(valid).toEqual([claimed < at, claimed >= at]);
      expect(change.event["key"]).toMatchObject({ retiringKeyId: "a-b-1", newKeyId: "new-1" });
    }),
  );
});

describe("a key that cannot hand over", () => {
  test.for<[string, Json, Partial<typeof taking>, string]>([
    ["one that has ended", { validUntil: "2026-03-20T12:00:00Z" }, {}, "KEY_CHANGE_CONFLICT"],
    ["one that has not begun", { validFrom: "2026-03-20T12:00:00Z" }, {}, "KEY_CHANGE_CONFLICT"],
    [
      "one that is revoked",
      { revokedAt: "2026-03-01T00:00:00Z", revocationReason: "rotation" },
      {},
      "KEY_CHANGE_CONFLICT",
    ],
    ["to a name that is taken", {}, { keyId: "a-b-1" }, "KEY_CHANGE_CONFLICT"],
    ["to itself", {}, { publicKey: pemOf("a/b") }, "KEY_CHANGE_CONFLICT"],
    ["one that ends later", { validUntil: "2026-03-20T12:00:01Z" }, {}, "ok"],
  ])("%s", ([, window, more, code]) => {
    const change = { retiring: "a-b-1", taking: { ...taking, ...more }, atUnixMs: noon };
    expect(codeOf(() => rotateKey(node(window), change))).toBe(code);
  });
});

test("a compromise ends what the key signed from its date on, and needs a witness for what came before", () => {
  const since = noon - 10 * dayMs;
  const change = revokeKey(node(), { key: "a-b-1", reason: "compromise", atUnixMs: noon, invalidAfterUnixMs: since });
  const [key] = parseNodeManifest(change.node).maintainers;
  const isGood = (claimed: number, witnessed?: number): boolean =>
    keyVerdict(key?.window ?? {}, { claimed, ...(witnessed === undefined ? {} : { witnessed }) }).valid;
  expect([isGood(since), isGood(since, since - 1), isGood(since - 1)]).toEqual([false, false, false]);
  expect([isGood(since - 2, since - 1), isGood(since - 2, since)]).toEqual([true, false]);
  expect(keysFrom(change.node, noon)).toEqual([]);
});

test("a key that stands under two names is revoked under both", () => {
  const [first] = nodeJson("a/b", "compute")["maintainers"] as Json[];
  const twice = nodeJson("a/b", "compute", { maintainers: [{ ...first }, { ...first, keyId: "other-1" }] });
  const change = revokeKey(parseNodeManifest(twice), { key: "a-b-1", reason: "retirement", atUnixMs: noon });
  expect(keysFrom(change.node, noon)).toEqual([]);
});

test("a key is found by its id, its owner's name or itself", () => {
  const [first] = nodeJson("a/b", "compute")["maintainers"] as Json[];
  const nameless = { name: "Ada", publicKey: pemOf("ada") };
  const both = parseNodeManifest(nodeJson("a/b", "compute", { maintainers: [first ?? {}, nameless] }));
  const names = ["a-b-1", "Ada", didKey(publicKeyOf(seedOf("a/b"))), pemOf("ada")];
  expect(names.map((name) => keyNamed(both, name))).toEqual([0, 1, 0, 1]);
  for (const name of ["", "a-b", pemOf("x"), "a-b-2"]) expect(codeOf(() => keyNamed(both, name))).toBe("KEY_NOT_FOUND");
});
