import fc from "fast-check";
import { toBase64, toHex } from "../../src/core/bytes.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import { eventTypes, jsonlEventTypes } from "../../src/core/event-types.ts";
import { jsonlEventHash } from "../../src/core/event-jsonl.ts";
import { type JsonObject, parseJson } from "../../src/core/json.ts";
import { hostileTexts } from "./hostile-texts.ts";

const signature = toBase64(new Uint8Array(64).fill(7));

/** Texts of JSON, and of what is nearly JSON: spellings that are not canonical, and such as are wrong. */
const scalar = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "-7",
    "1.0",
    "90.50",
    "90.5",
    "1e2",
    "1E2",
    "0.1",
    "-0.5",
    "0.0000001",
    "0.000001",
    "00",
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "Infinity",
    "123456789012345",
    "1234567890123456",
    "0.1234567",
    "12345678901.123456",
    "9007199254740993",
    "1e400",
    "true",
    "false",
    "null",
    "truex",
    "nul",
    "tru",
    '"a',
    "'a'",
    "",
    '"\\u00e9"',
    '"\\ud83d"',
    '"\\/"',
    '"\t"',
    '"a\\"b"',
    '"\\\\"',
    '"é😀\u2028"',
    '"\u007f"',
    '" "',
  ),
  fc.integer().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc.constantFrom(...hostileTexts).map((text) => JSON.stringify(text)),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text)),
);
const name = fc.oneof(
  fc.constantFrom("a", "b", "ab", "", "B", "10", "9", "__proto__", "constructor", "a!", "a b", "é", "😀", "\ufffe"),
  fc.constantFrom("repo", "version", "toVersion", "targetEventId", "payload", "signature", "nodeId", "id", "type"),
  fc.string({ maxLength: 3 }),
);
const comma = fc.constantFrom(",", ",", ",", ",", ",", ",", ", ", ",\t", ",,", "");

function joined(parts: readonly string[], commas: readonly string[]): string {
  return parts.map((part, at) => (at === 0 ? part : `${commas[at % commas.length] ?? ","}${part}`)).join("");
}

const { value } = fc.letrec<{ value: string; members: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(tie("value"), { maxLength: 4 }), fc.array(comma, { minLength: 3, maxLength: 3 }))
      .map(([items, commas]) => `[${joined(items, commas)}]`),
    tie("members").map((members) => `{${members}}`),
  ),
  members: fc
    .tuple(fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }), fc.array(comma, { minLength: 3, maxLength: 3 }))
    .map(([pairs, commas]) =>
      joined(
        pairs.map(([key, text]) => `${JSON.stringify(key)}:${text}`),
        commas,
      ),
    ),
}));

const tame = fc.oneof(
  fc
    .constantFrom("1.0.0", "org/repo", "x", "é", "", "ledger.anchor", "a".repeat(70))
    .map((text) => JSON.stringify(text)),
  fc.constantFrom("12", "90.5", "true", "null", "[]", "{}", "[1,2]", '{"b":1,"a":[{"d":1,"c":2}]}', '["a"]'),
  fc.constant('[{"type":"ledger.anchor","uri":"x"}]'),
);
const tameName = fc.constantFrom(
  ..."repo version toVersion targetEventId artifacts commit b a ab attestations".split(" "),
);
const content = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.tuple(tameName, tame), { maxLength: 6 }) },
  { weight: 2, arbitrary: fc.uniqueArray(fc.tuple(tameName, tame), { maxLength: 6, selector: ([key]) => key }) },
  { weight: 2, arbitrary: fc.array(fc.tuple(name, value), { maxLength: 5 }) },
);
const time = fc.oneof(
  fc.date({ min: new Date(0), max: new Date("9998-12-31"), noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    "2026-03-05T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2024-02-29T23:59:59.999Z",
    "2026-03-05T24:00:00Z",
    "2026-03-05T12:00:60Z",
    "2026-03-05T12:00:00.1Z",
    "2026-03-05t12:00:00z",
    "2026-03-05T12:00:00+01:00",
    "1969-12-31T23:59:59Z",
    "9999-01-01T00:00:00Z",
    "2026-3-05T12:00:00Z",
    "2026-03-05T12:0:000Z",
  ),
);
const nodeId = fc.constantFrom("org/repo", "org/repo", "org/repo", "../repo", "org", "é/é", `${"a".repeat(100)}/b`);
const signed = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64) },
  fc.constantFrom(signature, `${signature.slice(0, 85)}x==`, signature.slice(0, 86), `${signature}=`, "", "é"),
);

type Pair = readonly [name: string, text: string];

function textOf(pairs: readonly Pair[]): string {
  return `{${pairs.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
}

function hashOr(text: string, hash: (value: JsonObject) => Uint8Array): string {
  try {
    return toHex(hash(parseJson(text) as JsonObject));
  } catch {
    return "0".repeat(64);
  }
}

function shuffled<T>(items: readonly T[], keys: readonly number[]): T[] {
  return items
    .map((item, at) => [keys[at % keys.length] ?? 0, item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}

const order = fc.oneof(fc.constant([0]), fc.array(fc.nat(9), { minLength: 3, maxLength: 6 }));

const native = fc
  .record({ type: fc.constantFrom(...eventTypes, "KeyRotation"), nodeId, timestamp: time, content, signed, order })
  .map((made) => {
    const payload = textOf(made.content);
    const { type, timestamp } = made;
    const id = hashOr(payload, (json) =>
      eventIdBytes({ type, nodeId: made.nodeId, timestamp, payload: json } as never),
    );
    const texts = { id, type, nodeId: made.nodeId, timestamp, signature: made.signed };
    const pairs = Object.entries(texts).map(([key, text]): Pair => [key, JSON.stringify(text)]);
    return textOf(shuffled([...pairs, ["payload", payload]], made.order));
  });

const jsonl = fc
  .record({ type: fc.constantFrom(...jsonlEventTypes, "x"), repo: nodeId, timestamp: time, content, signed, order })
  .map((made) => {
    const texts = { type: made.type, repo: made.repo, timestamp: made.timestamp };
    const own = Object.entries(texts).map(([key, text]): Pair => [key, JSON.stringify(text)]);
    const pairs: readonly Pair[] = [...own, ...made.content.filter(([key]) => key !== "repo")];
    const canonicalHash = hashOr(textOf(pairs), (json) => jsonlEventHash(json));
    const proof = { alg: "ed25519", keyId: "ci-2026", value: made.signed, canonicalHash };
    const members = Object.entries(proof).map(([key, text]): Pair => [key, JSON.stringify(text)]);
    return textOf(shuffled([...pairs, ["signature", textOf(shuffled(members, made.order))]], made.order));
  });

const spot = fc.record({
  at: fc.nat(2000),
  by: fc.constantFrom("", " ", "0", "a", '"', "{", "}", ",", ":", "\\", "é", "\t"),
});

function changed(text: string, { at, by }: { readonly at: number; readonly by: string }): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + by + text.slice(start + 1);
}

/** Texts of events of both dialects on one line each, good ones and such as are wrong in every way. */
export const eventText: fc.Arbitrary<string> = fc
  .oneof(
    native,
    jsonl,
    fc.tuple(fc.oneof(native, jsonl), spot).map(([text, where]) => changed(text, where)),
  )
  .map((text) => text.replaceAll("\n", " "));
