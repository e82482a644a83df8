import fc from "fast-check";
import { expect, test } from "vitest";
import { byteCache } from "../../src/http/byte-cache.ts";

const acts = fc.array(
  fc.record({
    name: fc.constantFrom(...Array.from("abcdefghijklmnop")),
    length: fc.integer({ min: 0, max: 1500 }),
    isSet: fc.boolean(),
  }),
  { maxLength: 200 },
);

test("it never holds more than it may, and what it gives back is what was put there last", () => {
  fc.assert(
    fc.property(acts, fc.integer({ min: 0, max: 10_000 }), (list, maxBytes) => {
      const cache = byteCache<Uint8Array>(maxBytes);
      const put = new Map<string, Uint8Array>();
      for (const { name, length, isSet } of list) {
        if (isSet) {
          put.set(name, new Uint8Array(length));
          cache.set(name, put.get(name) as Uint8Array, length);
        }
        const found = cache.get(name);
        expect(found === undefined || found === put.get(name)).toBe(true);
        expect(cache.size).toBeLessThanOrEqual(maxBytes);
      }
    }),
  );
});

test("what was asked for least recently goes first, and what is too large is not kept", () => {
  const cache = byteCache<string>(8 * 1000);
  const names = Array.from("abcdefgh");
  for (const name of names) cache.set(name, name, 700);
  cache.get("a");
  cache.set("i", "i", 790);
  expect([...names, "i"].filter((name) => cache.get(name) === undefined)).toEqual(["b"]);
  cache.set("a", "a", 1001);
  expect(cache.get("a")).toBeUndefined();
});
