// Writes test/vectors/merkle.json and test/vectors/note.json. It shares no code with src: trees are made by the
// recursive definitions of RFC 9162 §2.1, signatures by OpenSSL.
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { writeFileSync } from "node:fs";

const sha256 = (...parts: (Uint8Array | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hex = (bytes: Buffer): string => bytes.toString("hex");
const base64 = (bytes: Buffer): string => bytes.toString("base64");

const entryAt = (index: number): Buffer => sha256(`entry ${index}`);
const entriesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, index) => entryAt(index));

function split(count: number): number {
  let left = 1;
  while (left * 2 < count) left *= 2;
  return left;
}

function treeHash(entries: Buffer[]): Buffer {
  const [first] = entries;
  if (!first) return sha256("");
  if (entries.length === 1) return sha256(Buffer.of(0), first);
  const left = split(entries.length);
  return sha256(Buffer.of(1), treeHash(entries.slice(0, left)), treeHash(entries.slice(left)));
}

function path(index: number, entries: Buffer[]): Buffer[] {
  if (entries.length === 1) return [];
  const left = split(entries.length);
  return index < left
    ? [...path(index, entries.slice(0, left)), treeHash(entries.slice(left))]
    : [...path(index - left, entries.slice(left)), treeHash(entries.slice(0, left))];
}

function subproof(older: number, entries: Buffer[], whole: boolean): Buffer[] {
  if (older === entries.length) return whole ? [] : [treeHash(entries)];
  const left = split(entries.length);
  return older <= left
    ? [...subproof(older, entries.slice(0, left), whole), treeHash(entries.slice(left))]
    : [...subproof(older - left, entries.slice(left), false), treeHash(entries.slice(0, left))];
}

function oldTreeHash(level: Buffer[]): Buffer {
  const parents = level.flatMap((node, at) => (at % 2 === 0 ? [sha256(node, level[at + 1] ?? node)] : []));
  return parents.length === 1 ? (parents[0] ?? sha256("")) : oldTreeHash(parents);
}

function tiles(size: number): { path: string; sha256: string }[] {
  const files: { path: string; sha256: string }[] = [];
  let level = 0;
  for (let hashes = entriesOf(size).map((entry) => treeHash([entry])); hashes.length > 0; level++) {
    const above: Buffer[] = [];
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256);
      const name = `${String(at / 256).padStart(3, "0")}${tile.length < 256 ? `.p/${tile.length}` : ""}`;
      files.push({ path: `tile/${level}/${name}`, sha256: hex(sha256(...tile)) });
      const bundle = tile.flatMap((_, n) => [Buffer.of(0, 32), entryAt(at + n)]);
      if (level === 0) files.push({ path: `tile/entries/${name}`, sha256: hex(sha256(...bundle)) });
      const first = at * 256 ** level;
      if (tile.length === 256) above.push(treeHash(entriesOf(first + 256 ** (level + 1)).slice(first)));
    }
    hashes = above;
  }
  return files;
}

const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 21, 31, 32, 33, 64, 100, 255, 256, 257, 1000];
const leaves = [
  [1, 0],
  [2, 1],
  [3, 2],
  [7, 0],
  [7, 6],
  [8, 5],
  [21, 20],
  [100, 42],
  [257, 256],
] as const;
const steps = [
  [1, 2],
  [2, 3],
  [3, 7],
  [4, 7],
  [6, 8],
  [7, 7],
  [8, 21],
  [21, 100],
  [64, 100],
  [256, 257],
  [255, 1000],
] as const;

const trees = {
  comment:
    "RFC 9162 §2.1 trees with SHA-256. Entry i is SHA-256 of the ASCII text `entry <i>`, 32 bytes. Hashes in hex.",
  source: "scripts/make-tree-vectors.ts, by the recursive definitions of the RFC",
  roots: sizes.map((size) => ({ size, root: hex(treeHash(entriesOf(size))) })),
  inclusion: leaves.map(([size, index]) => ({ size, index, path: path(index, entriesOf(size)).map(hex) })),
  consistency: steps.map(([older, newer]) => ({
    older,
    newer,
    proof: subproof(older, entriesOf(newer), true).map(hex),
  })),
  rootsV1: [1, 2, 3, 4, 5, 6, 7, 8, 11].map((size) => ({
    size,
    root: hex(size === 1 ? entryAt(0) : oldTreeHash(entriesOf(size))),
  })),
  tiles: [1, 255, 256, 257, 700].map((size) => ({ size, files: tiles(size) })),
};

interface Key {
  readonly name: string;
  readonly seed: Buffer;
  readonly publicKey: Buffer;
}

function keyOf(name: string, label: string): Key {
  const seed = sha256(`throwaway key for vectors: ${label}`);
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
  return { name, seed, publicKey: createPublicKey(key).export({ format: "der", type: "spki" }).subarray(12) };
}

function signWith({ seed }: Key, message: string): Buffer {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  return sign(
    null,
    Buffer.from(message),
    createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" }),
  );
}

const keyId = ({ name, publicKey }: Key, type: number): Buffer =>
  sha256(`${name}\n`, Buffer.of(type), publicKey).subarray(0, 4);
const vkey = (key: Key, type = 1): string =>
  `${key.name}+${hex(keyId(key, type))}+${base64(Buffer.concat([Buffer.of(type), key.publicKey]))}`;
const line = (name: string, ...parts: Buffer[]): string => `— ${name} ${base64(Buffer.concat(parts))}\n`;
const signed = (key: Key, text: string): string => line(key.name, keyId(key, 1), signWith(key, text));

function cosigned(key: Key, text: string, timeUnixS: bigint): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(timeUnixS);
  return line(key.name, keyId(key, 4), time, signWith(key, `cosignature/v1\ntime ${timeUnixS}\n${text}`));
}

const log = keyOf("ledger.example.org/ledger", "log");
const month = { ...log, name: "ledger.example.org/ledger/2026-03" };
const witness = keyOf("witness.example.org/w", "witness");
const stranger = keyOf("ledger.example.org/ledger", "stranger");

const bodyOf = (origin: string, size: number): string => `${origin}\n${size}\n${base64(treeHash(entriesOf(size)))}\n`;
const body = bodyOf(log.name, 21);
const monthBody = bodyOf(month.name, 7);
const good = `${body}\n${signed(log, body)}`;
const [goodLine = ""] = good.split("\n").slice(-2);
const broken = goodLine.replace(/.{5}$/, (end) => (end === "AAAA=" ? "BAAA=" : "AAAA="));
const repeat = (count: number): string =>
  Array.from({ length: count }, (_, n) => line(`w${n}.example`, Buffer.alloc(68, n))).join("");

const notes = {
  comment:
    "C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof. Trees as in merkle.json. `code` is what a refused note is refused with; `signers` are name and key id of the keys that count.",
  source: "scripts/make-tree-vectors.ts, signatures by OpenSSL; the keys are public, for tests only",
  keys: [log, witness, stranger].map((key) => ({
    name: key.name,
    seed: hex(key.seed),
    publicKey: hex(key.publicKey),
    vkey: vkey(key),
    cosignerVkey: vkey(key, 4),
  })),
  notes: [
    { id: "plain", note: good, signers: [`${log.name} ${hex(keyId(log, 1))}`] },
    {
      id: "cosigned",
      note: `${good}${cosigned(witness, body, 1772366400n)}`,
      signers: [`${log.name} ${hex(keyId(log, 1))}`, `${witness.name} ${hex(keyId(witness, 4))} 1772366400`],
    },
    { id: "the same key twice", note: `${good}${signed(log, body)}`, signers: [`${log.name} ${hex(keyId(log, 1))}`] },
    {
      id: "the name of the log, another key",
      note: `${good}${signed(stranger, body)}`,
      signers: [`${log.name} ${hex(keyId(log, 1))}`],
    },
    {
      id: "60 strangers before",
      note: `${body}\n${repeat(60)}${signed(log, body)}`,
      signers: [`${log.name} ${hex(keyId(log, 1))}`],
    },
    {
      id: "empty lines in the text",
      note: `a\n\n\nb\n\n${signed(log, "a\n\n\nb\n")}`,
      signers: [`${log.name} ${hex(keyId(log, 1))}`],
    },
    { id: "65 signatures", note: `${body}\n${repeat(64)}${signed(log, body)}`, code: "NOTE_MALFORMED" },
    { id: "a good line and a broken one", note: `${good}${broken}\n`, code: "NOTE_SIGNATURE_INVALID" },
    { id: "another text", note: good.replace("\n21\n", "\n22\n"), code: "NOTE_SIGNATURE_INVALID" },
    {
      id: "a broken cosignature",
      note: `${good}${cosigned(witness, monthBody, 1772366400n)}`,
      code: "NOTE_SIGNATURE_INVALID",
    },
    {
      id: "a cosignature after the year 285 million",
      note: `${good}${cosigned(witness, body, 2n ** 53n)}`,
      code: "NOTE_SIGNATURE_INVALID",
    },
    {
      id: "a signature of 63 bytes",
      note: `${body}\n${line(log.name, keyId(log, 1), signWith(log, body).subarray(1))}`,
      code: "NOTE_SIGNATURE_INVALID",
    },
    { id: "a stranger only", note: `${body}\n${signed(stranger, body)}`, code: "NOTE_SIGNER_UNKNOWN" },
    { id: "no signature", note: `${body}\n`, code: "NOTE_MALFORMED" },
    { id: "no empty line", note: `${body}${signed(log, body)}`, code: "NOTE_MALFORMED" },
    { id: "no line feed at the end", note: good.slice(0, -1), code: "NOTE_MALFORMED" },
    { id: "an empty line at the end", note: `${good}\n`, code: "NOTE_MALFORMED" },
    { id: "a carriage return", note: good.replaceAll("\n", "\r\n"), code: "NOTE_MALFORMED" },
    { id: "a hyphen for the dash", note: good.replace("—", "-"), code: "NOTE_MALFORMED" },
    { id: "two spaces", note: good.replace("— ", "—  "), code: "NOTE_MALFORMED" },
    { id: "a plus in a name", note: `${good}${line("a+b", Buffer.alloc(68))}`, code: "NOTE_MALFORMED" },
    { id: "a wide space in a name", note: `${good}${line("a\u3000b", Buffer.alloc(68))}`, code: "NOTE_MALFORMED" },
    { id: "a key id and nothing behind it", note: `${good}${line("a", Buffer.alloc(4))}`, code: "NOTE_MALFORMED" },
    { id: "base64 without padding", note: good.replace(/=*\n$/, "\n"), code: "NOTE_MALFORMED" },
  ],
  checkpoints: [
    { id: "of the ledger", note: good, origin: log.name, size: 21, root: hex(treeHash(entriesOf(21))) },
    {
      id: "of a month, by the ledger's key",
      note: `${monthBody}\n${signed(month, monthBody)}`,
      origin: month.name,
      size: 7,
      root: hex(treeHash(entriesOf(7))),
    },
    { id: "by a witness alone", note: `${body}\n${cosigned(witness, body, 1772366400n)}`, code: "NOTE_SIGNER_UNKNOWN" },
    { id: "by the key of another log", note: `${monthBody}\n${signed(log, monthBody)}`, code: "NOTE_SIGNER_UNKNOWN" },
    { id: "a note that is none", note: `hello\n\n${signed(log, "hello\n")}`, code: "CHECKPOINT_MALFORMED" },
  ],
  tlogProofs: [
    { size: 21, index: 13, note: good },
    { size: 7, index: 6, note: `${monthBody}\n${signed(month, monthBody)}` },
  ].map(({ size, index, note }) => ({
    entry: hex(entryAt(index)),
    file: `c2sp.org/tlog-proof@v1\nindex ${index}\n${path(index, entriesOf(size))
      .map((hash) => `${base64(hash)}\n`)
      .join("")}\n${note}`,
  })),
};

const folder = new URL("../test/vectors/", import.meta.url);
writeFileSync(new URL("merkle.json", folder), `${JSON.stringify(trees, null, 1)}\n`);
writeFileSync(new URL("note.json", folder), `${JSON.stringify(notes, null, 1)}\n`);
