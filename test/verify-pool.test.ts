import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nodeSha256, nodeSign, nodeVerify } from "../src/adapters/node-crypto.ts";
import { utf8 } from "../src/core/bytes.ts";
import { publicKeyOf } from "../src/core/ed25519.ts";
import { privateKeyPem } from "../src/core/public-key.ts";
import { canPack, packSigned, type Signed, unpackSigned } from "../src/verify-layout.ts";
import { verifyThreads } from "../src/verify-pool.ts";
import { seedOf } from "./support/build-ledger.ts";

const keys = ["one", "two", "three"].map((name) => ({
  publicKey: publicKeyOf(seedOf(name)),
  sign: nodeSign(privateKeyPem(seedOf(name))),
}));
const noPoint = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 2 : 0));

/** Good ones, and bad ones of every kind, in turn. */
function signedNumber(at: number): Signed {
  const message = nodeSha256(utf8(`message ${at}`));
  const [own, other] = [keys[at % 3], keys[(at + 1) % 3]];
  if (!own || !other) throw new TypeError("no key");
  const signature = own.sign(message);
  switch (at % 7) {
    case 1:
      return [other.publicKey, message, signature];
    case 2:
      return [own.publicKey, nodeSha256(message), signature];
    case 3:
      return [own.publicKey, message, signature.with(at % 64, (signature[at % 64] ?? 0) ^ 1)];
    case 4:
      return [own.publicKey, utf8("of another length"), own.sign(utf8("of another length"))];
    case 5:
      return [own.publicKey, message, signature.subarray(0, at % 64)];
    default:
      return at % 11 === 0 ? [noPoint, message, signature] : [own.publicKey, message, signature];
  }
}

const some = Array.from({ length: 700 }, (_, at) => signedNumber(at));
const verdicts = some.map((signed) => nodeVerify(...signed));

test("what is packed is unpacked", () => {
  const packable = some.filter(canPack);
  expect(packable.length).toBeGreaterThan(400);
  expect(unpackSigned(packSigned(packable))).toEqual(packable);
  expect(unpackSigned(packSigned([]))).toEqual([]);
  expect(some.filter((signed) => !canPack(signed)).length).toBeGreaterThan(150);
});

test.for([
  { name: "many on threads", worthThreads: 0, count: 700 },
  { name: "many before threads are worth it", worthThreads: 1000, count: 700 },
  { name: "more than a few", worthThreads: 0, count: 40 },
  { name: "a few", worthThreads: 0, count: 3 },
])("$name: each gets its verdict", async ({ worthThreads, count }) => {
  const [from, to] = [6, 6 + count];
  await using pool = verifyThreads({ size: 2, worthThreads });
  const answers = await Promise.all(some.slice(from, to).map((signed) => pool.verifyAhead(...signed)));
  expect(answers).toEqual(verdicts.slice(from, to));
  expect(new Set(answers).size).toBe(2);
});

test("one after the other, and many beside them, each gets its verdict", async () => {
  await using pool = verifyThreads({ size: 1, worthThreads: 0 });
  const many = Promise.all(some.map((signed) => pool.verifyAhead(...signed)));
  for (const [at, signed] of some.slice(0, 40).entries()) {
    expect(await pool.verifyAhead(...signed)).toBe(verdicts[at]);
  }
  expect(await many).toEqual(verdicts);
});

test("threads that end in the middle leave no signature undone, and others take their place", async () => {
  await using pool = verifyThreads({ size: 2, worthThreads: 0 });
  const answers = some.map((signed) => pool.verifyAhead(...signed));
  // The signatures are on their way to the threads by then.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await pool[Symbol.asyncDispose]();
  expect(await Promise.all(answers)).toEqual(verdicts);
  expect(await Promise.all(some.map((signed) => pool.verifyAhead(...signed)))).toEqual(verdicts);
});

test("a process ends when its work has: threads that wait keep it not, those that verify do", async () => {
  const src = (path: string): string => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);
  const script = `
    import { verifyThreads } from ${src("verify-pool.ts")};
    import { nodeSign } from ${src("adapters/node-crypto.ts")};
    import { publicKeyOf } from ${src("core/ed25519.ts")};
    import { privateKeyPem } from ${src("core/public-key.ts")};
    const seed = new Uint8Array(32).fill(7);
    const message = new Uint8Array(32).fill(8);
    const signature = nodeSign(privateKeyPem(seed))(message);
    const { verifyAhead } = verifyThreads({ size: 2, worthThreads: 0 });
    const asked = Array.from({ length: 300 }, () => verifyAhead(publicKeyOf(seed), message, signature));
    void Promise.all(asked).then((good) => console.log(good.filter(Boolean).length));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    timeout: 60_000,
  });
  expect(stdout).toBe("300\n");
});
