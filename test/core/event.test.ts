import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toBase64, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519, verifyEd25519 } from "../../src/core/ed25519.ts";
import { type EventContent, eventIdBytes, eventPreimage, parseEvent, parseSignature } from "../../src/core/event.ts";
import { eventTypes } from "../../src/core/event-types.ts";
import { sha256 } from "../../src/core/hash.ts";
import { type JsonObject, parseJson } from "../../src/core/json.ts";
import { formatTimestamp } from "../../src/core/time.ts";

interface EventVector {
  readonly comment: string;
  readonly event: JsonObject;
  readonly publicKey: string;
  readonly id: string;
  readonly preimage: string;
}

// Read by our own parser: a bundler's would lose a member called __proto__.
const vectors = parseJson(readFileSync(new URL("../vectors/event.json", import.meta.url))) as unknown as {
  readonly events: readonly EventVector[];
};

const seed = sha256(new TextEncoder().encode("an event test key"));

function signed(content: EventContent): EventContent & { readonly id: string; readonly signature: string } {
  const id = eventIdBytes(content);
  return { id: toHex(id), ...content, signature: toBase64(signEd25519(seed, id)) };
}

const part = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/).filter((text) => text !== "." && text !== "..");
const content: fc.Arbitrary<EventContent> = fc.record({
  type: fc.constantFrom(...eventTypes),
  nodeId: fc.tuple(part, part).map(([org, repo]) => `${org}/${repo}`),
  timestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }).map(formatTimestamp),
  payload: fc.dictionary(
    fc.string({ unit: "grapheme" }).filter((key) => key.isWellFormed()),
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[ -~]*$/)),
  ),
});

test.each(vectors.events)("$comment", ({ event, publicKey, id, preimage }) => {
  const parsed = parseEvent(event);
  expect(parsed.id).toBe(id);
  expect(new TextDecoder().decode(eventPreimage(parsed))).toBe(preimage);
  expect(verifyEd25519(fromHex(publicKey), eventIdBytes(parsed), parseSignature(parsed.signature))).toBe(true);
});

test("an honest event parses, and signs the raw bytes of its id", () => {
  fc.assert(
    fc.property(content, (made) => {
      const event = parseEvent(parseJson(JSON.stringify(signed(made))));
      expect(verifyEd25519(publicKeyOf(seed), eventIdBytes(event), parseSignature(event.signature))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("two different valid events never share an id preimage: the preimage can be read back", () => {
  const readBack = new RegExp(
    `^(${eventTypes.join("|")})([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]*?)(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{3})?Z)(\\{.*)$`,
    "su",
  );
  fc.assert(
    fc.property(content, (made) => {
      const [, type, nodeId, timestamp, payload] = readBack.exec(new TextDecoder().decode(eventPreimage(made))) ?? [];
      expect({ type, nodeId, timestamp, payload: JSON.parse(payload ?? "") as unknown }).toEqual(made);
    }),
  );
  const prefixes = eventTypes.flatMap((a) => eventTypes.filter((b) => a !== b && b.startsWith(a)));
  expect(prefixes).toEqual([]);
});

test("whoever shifts a character between neighbours makes another id or no event", () => {
  fc.assert(
    fc.property(content, content, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(toHex(eventIdBytes(a)) === toHex(eventIdBytes(b))).toBe(same);
    }),
  );
});

describe("refused", () => {
  const good = signed({
    type: "ReleasePublished",
    nodeId: "org/repo",
    timestamp: "2026-03-05T12:00:00Z",
    payload: { repo: "org/repo" },
  });
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["no object", [], "EVENT_MALFORMED"],
    ["null", null, "EVENT_MALFORMED"],
    ["a missing member", { ...good, payload: undefined }, "EVENT_MALFORMED"],
    ["an unknown member", { ...good, more: 1 }, "EVENT_MALFORMED"],
    ["a type nobody knows", { ...good, type: "Release" }, "EVENT_TYPE_UNKNOWN"],
    ["a type of the other dialect", { ...good, type: "KeyRotation" }, "EVENT_TYPE_UNKNOWN"],
    ["a node without organisation", { ...good, nodeId: "repo" }, "EVENT_MALFORMED"],
    ["a path in the node id", { ...good, nodeId: "../repo" }, "EVENT_MALFORMED"],
    ["two slashes", { ...good, nodeId: "a/b/c" }, "EVENT_MALFORMED"],
    ["a backslash", { ...good, nodeId: "a\\b/c" }, "EVENT_MALFORMED"],
    ["a time that is none", { ...good, timestamp: "2026-02-30T12:00:00Z" }, "TIMESTAMP_MALFORMED"],
    ["a payload that is a list", { ...good, payload: [] }, "EVENT_MALFORMED"],
    ["an id in upper case", { ...good, id: good.id.toUpperCase() }, "EVENT_MALFORMED"],
    ["another content", { ...good, payload: { repo: "org/other" } }, "EVENT_ID_MISMATCH"],
    [
      "a signature without padding",
      { ...good, signature: good.signature.replace(/=+$/, "") },
      "EVENT_SIGNATURE_MALFORMED",
    ],
    ["a signature of 63 bytes", { ...good, signature: toBase64(new Uint8Array(63)) }, "EVENT_SIGNATURE_MALFORMED"],
    ["a signature in the URL alphabet", { ...good, signature: `${"-".repeat(86)}==` }, "EVENT_SIGNATURE_MALFORMED"],
  ];
  test.each(cases)("%s", (_, event, code) => {
    expect(() => parseEvent(event as JsonObject)).toThrowError(expect.objectContaining({ code }));
  });
});
