/**
 * WebAssembly that hashes the leaves and nodes of a tree, and other messages of one block, four at once: each SHA-256 in
 * a lane of 128-bit vectors. A hash of so few bytes takes a call of any library longer than the hashing itself.
 *
 * Its memory begins with the constants and scratch space; what is hashed is at {@link dataStart}. `leaves(groups)`,
 * `nodes(groups)` and `blocks(groups)`, of at least one group, put the hashes of each group of four in the place of what
 * is hashed, from the start of the data on.
 */

/** Where the data begin in the memory. A byte before them is read. */
export const dataStart = 2048;

/** Most bytes of data at once; a few behind them are read. */
export const mostData = 32_768;

const keyAt = 0;
const wordsAt = 1024;
const stateAt = 1280;

const i32 = 0x7f;
const v128 = 0x7b;

/** The first 32 bits of the fractional parts of roots of primes, FIPS 180-4 §4.2.2 and §5.3.3. */
function fractions(count: number, root: (prime: number) => number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes.map((prime) => Math.floor((root(prime) % 1) * 2 ** 32));
}

const roundKeys = fractions(64, Math.cbrt);
const initialState = fractions(8, Math.sqrt);

type Code = readonly number[];

function unsigned(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...unsigned(Math.floor(value / 128))];
}

function constant(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
    bytes.push(isLast ? low : low + 128);
    if (isLast) return [0x41, ...bytes];
  }
}

const simd = (opcode: number, ...operands: readonly number[]): Code => [0xfd, ...unsigned(opcode), ...operands];
const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];
const and = simd(0x4e);
const or = simd(0x50);
const xor = simd(0x51);
const select = simd(0x52);
const splat = simd(0x11);
const add = simd(0xae);
const addScalar: Code = [0x6a];
const call = (index: number): Code => [0x10, index];
const left = (bits: number): Code => [...constant(bits), ...simd(0xab)];
const right = (bits: number): Code => [...constant(bits), ...simd(0xad)];
const load = (at: number): Code => simd(0x00, 4, ...unsigned(at));
const store = (at: number): Code => simd(0x0b, 4, ...unsigned(at));
const loadLane = (at: number, lane: number): Code => simd(0x56, 0, ...unsigned(at), lane);
const storeLane = (at: number, lane: number): Code => simd(0x5a, 0, ...unsigned(at), lane);

/** Puts the bytes of each word in the other order. The vector is on the stack twice before it. */
const swapBytes = simd(0x0d, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);

const rotated = (local: number, bits: number): Code => [
  ...get(local),
  ...right(bits),
  ...get(local),
  ...left(32 - bits),
  ...or,
];
const mixed = (local: number, a: number, b: number, last: Code): Code => [
  ...rotated(local, a),
  ...rotated(local, b),
  ...xor,
  ...last,
  ...xor,
];

/** One block of each lane, FIPS 180-4 §6.2.2: words and state are in the memory. */
function compression(): Code {
  const word = (round: number): number => 8 + (round % 16);
  const temporary = 24;
  const code: number[] = [];
  for (let at = 0; at < 8; at++) code.push(...constant(0), ...load(stateAt + 16 * at), ...set(at));
  for (let at = 0; at < 16; at++) code.push(...constant(0), ...load(wordsAt + 16 * at), ...set(word(at)));
  for (let round = 0; round < 64; round++) {
    const own = (name: number): number => (name + 64 - round) % 8;
    const [a, b, c, d, e, f, g, h] = [own(0), own(1), own(2), own(3), own(4), own(5), own(6), own(7)];
    if (round >= 16) {
      const [w2, w7, w15, w] = [word(round - 2), word(round - 7), word(round - 15), word(round)];
      code.push(...get(w), ...mixed(w15, 7, 18, [...get(w15), ...right(3)]), ...add, ...get(w7), ...add);
      code.push(...mixed(w2, 17, 19, [...get(w2), ...right(10)]), ...add, ...set(w));
    }
    code.push(...get(h), ...get(word(round)), ...add, ...constant(0), ...load(keyAt + 16 * round), ...add);
    code.push(...mixed(e, 6, 11, rotated(e, 25)), ...add, ...get(f), ...get(g), ...get(e), ...select, ...add);
    code.push(...set(temporary), ...get(d), ...get(temporary), ...add, ...set(d), ...get(temporary));
    code.push(...mixed(a, 2, 13, rotated(a, 22)), ...add);
    code.push(...get(c), ...get(b), ...get(a), ...get(b), ...xor, ...select, ...add, ...set(h));
  }
  for (let at = 0; at < 8; at++) {
    code.push(
      ...constant(0),
      ...constant(0),
      ...load(stateAt + 16 * at),
      ...get(at),
      ...add,
      ...store(stateAt + 16 * at),
    );
  }
  return body([[25, v128]], code);
}

const storeWord = (word: number, vector: Code): Code => [...constant(0), ...vector, ...store(wordsAt + 16 * word)];
const sameWord = (word: number, value: number): Code => storeWord(word, [...constant(value), ...splat]);

/** Local 0: groups to go; 1: where the next is; 2: where its hashes go; 3: a vector. */
const [groups, from, to, vector] = [0, 1, 2, 3];

/** The word of each lane of which the last three bytes, or all four, are at an offset of its block. */
function gathered(width: number, offset: number): Code {
  const lanes = [0, 1, 2, 3].flatMap((lane) => [
    ...get(from),
    ...get(vector),
    ...loadLane(lane * width + offset, lane),
    ...set(vector),
  ]);
  return [...lanes, ...get(vector), ...get(vector), ...swapBytes];
}

/**
 * Hashes a byte and `width` bytes in each lane.
 *
 * @param lead - the byte
 */
function leadAndBytes(lead: number, width: 32 | 64): Code {
  // The words are those of the bytes from one before the data on.
  const whole = width / 4;
  const isLead = [...constant(lead << 24), ...splat, ...or];
  const code = [...storeWord(0, [...gathered(width, 0), ...constant(0x00ffffff), ...splat, ...and, ...isLead])];
  for (let word = 1; word < whole; word++) code.push(...storeWord(word, gathered(width, 4 * word)));
  const lastByte = [...gathered(width, width), ...constant(-0x1000000), ...splat, ...and];
  const end = [...lastByte, ...constant(0x00800000), ...splat, ...or];
  if (whole === 16) code.push(...call(0));
  code.push(...storeWord(whole % 16, end));
  for (let word = (whole % 16) + 1; word < 15; word++) code.push(...sameWord(word, 0));
  return [...code, ...sameWord(15, 8 * (1 + width)), ...call(0)];
}

/** Hashes a block in each lane. */
function wholeBlock(): Code {
  const words = Array.from({ length: 16 }, (_, word) => storeWord(word, gathered(64, 1 + 4 * word)));
  return [...words.flat(), ...call(0)];
}

/** Hashes group after group. @param width - bytes of each lane */
function hashing(width: 32 | 64, group: Code): Code {
  const code: number[] = [];
  for (const [at, value] of initialState.entries()) {
    code.push(...constant(0), ...constant(value), ...splat, ...store(stateAt + 16 * at));
  }
  code.push(...group);
  for (let word = 0; word < 8; word++) {
    code.push(...constant(0), ...load(stateAt + 16 * word), ...set(vector), ...get(vector), ...get(vector));
    code.push(...swapBytes, ...set(vector));
    for (const lane of [0, 1, 2, 3]) code.push(...get(to), ...get(vector), ...storeLane(32 * lane + 4 * word, lane));
  }
  const next = (local: number, step: number): Code => [...get(local), ...constant(step), ...addScalar, ...set(local)];
  const loop = [...code, ...next(from, 4 * width), ...next(to, 128), ...next(groups, -1), ...get(groups), 0x0d, 0];
  const start = [...constant(dataStart - 1), ...set(from), ...constant(dataStart), ...set(to)];
  const locals: readonly (readonly [number, number])[] = [
    [2, i32],
    [1, v128],
  ];
  return body(locals, [...start, 0x03, 0x40, ...loop, 0x0b]);
}

function vectorOf(values: readonly number[]): Code {
  return [...unsigned(values.length), ...values];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function body(locals: readonly (readonly [count: number, type: number])[], code: Code): Code {
  return vectorOf([...list(locals.map(([count, type]) => [...unsigned(count), type])), ...code, 0x0b]);
}

function section(id: number, items: readonly Code[]): Code {
  return [id, ...vectorOf(list(items))];
}

function exported(name: string, kind: number, index: number): Code {
  return [...vectorOf(Array.from(name, (char) => char.charCodeAt(0))), kind, index];
}

/** Each key four times, as the memory has it. */
function keyBytes(): number[] {
  return roundKeys.flatMap((key) =>
    [0, 1, 2, 3].flatMap(() => [key, key >>> 8, key >>> 16, key >>> 24].map((byte) => byte & 255)),
  );
}

const magic: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** The module. */
export function laneSha256(): Uint8Array<ArrayBuffer> {
  const types = [
    [0x60, 0, 0],
    [0x60, 1, i32, 0],
  ];
  return Uint8Array.from([
    ...magic,
    ...section(1, types),
    ...section(3, [[0], [1], [1], [1]]),
    ...section(5, [[0x01, 1, 1]]),
    ...section(7, [
      exported("memory", 2, 0),
      ...["leaves", "nodes", "blocks"].map((name, at) => exported(name, 0, 1 + at)),
    ]),
    ...section(10, [
      compression(),
      hashing(32, leadAndBytes(0, 32)),
      hashing(64, leadAndBytes(1, 64)),
      hashing(64, wholeBlock()),
    ]),
    ...section(11, [[0x00, ...constant(keyAt), 0x0b, ...vectorOf(keyBytes())]]),
  ]);
}
