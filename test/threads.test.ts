import { expect, test } from "vitest";
import { nodeSign } from "../src/adapters/node-crypto.ts";
import { publicKeyOf } from "../src/core/ed25519.ts";
import { privateKeyPem } from "../src/core/public-key.ts";
import { idlestOf, startThread, type Thread } from "../src/threads.ts";
import { packSigned } from "../src/verify-layout.ts";

/** Signatures; at null it fails. */
type Verifier = Thread<Uint8Array | null, Uint8Array>;

const seed = new Uint8Array(32).fill(7);
const message = new Uint8Array(32).fill(8);
const good = packSigned([[publicKeyOf(seed), message, nodeSign(privateKeyPem(seed))(message)]]);

function start(threads = new Set<Verifier>()): Verifier {
  return startThread("verify-thread", {}, threads);
}

test("each question gets its own answer, and memory goes over", async () => {
  const thread = start();
  const bad = good.with(good.length - 1, (good.at(-1) ?? 0) ^ 1);
  const asked = [good, bad, good].map((packed) => thread.ask(packed));
  expect(thread.waiting).toBe(3);
  expect((await Promise.all(asked)).map((areGood) => areGood[0])).toEqual([1, 0, 1]);
  expect(thread.waiting).toBe(0);
  const moved = good.slice();
  await thread.ask(moved, [moved.buffer]);
  expect(moved.length).toBe(0);
  await thread.end();
});

test("a thread that fails says with what, to all who wait for it, and is none of the threads any more", async () => {
  const threads = new Set<Verifier>();
  const thread = start(threads);
  const asked = await Promise.allSettled([thread.ask(null), thread.ask(good)]);
  for (const each of asked) expect(String(each.status === "rejected" && each.reason)).toContain("TypeError");
  expect(threads.size).toBe(0);
  await expect(thread.ask(good)).rejects.toThrow("a verify-thread has ended");
});

test("a thread that is ended leaves nobody waiting", async () => {
  const threads = new Set<Verifier>();
  const thread = start(threads);
  const asked = Promise.allSettled(Array.from({ length: 50 }, () => thread.ask(good)));
  await thread.end();
  for (const each of await asked) expect(each.status).toBe("rejected");
  expect([threads.size, idlestOf(threads)]).toEqual([0, undefined]);
});

test("who has the fewest questions is asked", async () => {
  const threads = new Set<Verifier>();
  const [first, second] = [start(threads), start(threads)];
  expect(idlestOf(threads)).toBe(first);
  const asked = first.ask(good);
  expect(idlestOf(threads)).toBe(second);
  await asked;
  await Promise.all([first.end(), second.end()]);
});
