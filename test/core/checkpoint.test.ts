import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toBase64, toHex } from "../../src/core/bytes.ts";
import {
  formatCheckpoint,
  openCheckpoint,
  originText,
  parseCheckpoint,
  parseOrigin,
  signCheckpoint,
} from "../../src/core/checkpoint.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { makeVkey, openNote, parseVkey } from "../../src/core/note.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import { verdict } from "../support/trees.ts";
import golden from "../vectors/note.json" with { type: "json" };

const [log, witness] = golden.keys as [(typeof golden.keys)[0], (typeof golden.keys)[0]];
const pinned = [parseVkey(log.vkey), parseVkey(witness.cosignerVkey)];
const seed = fromHex(log.seed);
const key = { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => signEd25519(seed, message) };
const root = new Uint8Array(32).fill(7);

test.for(golden.checkpoints)("$id: $code", ({ note, origin, size, root, code }) => {
  expect(verdict(() => openCheckpoint(note, pinned))).toBe(code ?? "ok");
  for (const expected of origin === undefined ? [] : [{ origin, size, root }]) {
    const opened = openCheckpoint(note, pinned);
    expect({ origin: opened.origin, size: opened.size, root: toHex(opened.root) }).toEqual(expected);
    expect(opened.signers[0]?.vkey.name).toBe(origin);
    expect(signCheckpoint(opened, key)).toBe(note);
  }
});

test("the log's own key stands first among the signers, wherever its line is", () => {
  const cosigned = golden.notes.find(({ id }) => id === "cosigned")?.note ?? "";
  const [first = "", second = ""] = cosigned.split("\n").slice(-3);
  const swapped = cosigned.replace(`${first}\n${second}`, `${second}\n${first}`);
  expect(swapped).not.toBe(cosigned);
  for (const note of [cosigned, swapped]) {
    const { signers } = openCheckpoint(note, pinned);
    expect(signers.map(({ vkey, timeUnixS }) => [vkey.name, timeUnixS])).toEqual([
      [log.name, undefined],
      [witness.name, 1_772_366_400],
    ]);
  }
});

test("the ledger's key stands for its months alone", () => {
  const origins = [
    ["ledger.example.org/ledger", "ok"],
    ["ledger.example.org/ledger/2026-03", "ok"],
    ["ledger.example.org/ledger/2026-03/2026-04", "NOTE_SIGNER_UNKNOWN"],
    ["ledger.example.org/ledger/2026-03x", "NOTE_SIGNER_UNKNOWN"],
    ["ledger.example.org/other", "NOTE_SIGNER_UNKNOWN"],
    ["evil.example.org/ledger/2026-03", "NOTE_SIGNER_UNKNOWN"],
  ] as const;
  for (const [origin, expected] of origins) {
    expect
      .soft(
        verdict(() => openCheckpoint(signCheckpoint({ origin, size: 1, root }, key), pinned)),
        origin,
      )
      .toBe(expected);
  }
});

test("the key of another kind of log stands for no months", () => {
  const name = "ledger.example.org/log";
  const note = signCheckpoint({ origin: `${name}/2026-03`, size: 1, root }, key);
  expect(verdict(() => openCheckpoint(note, [makeVkey(name, key.publicKey)]))).toBe("NOTE_SIGNER_UNKNOWN");
  expect(verdict(() => openCheckpoint(note, [makeVkey(`${name}/2026-03`, key.publicKey)]))).toBe("ok");
});

test("a signature under another name than the origin does not make a checkpoint of that origin", () => {
  const note = signCheckpoint({ origin: "ledger.example.org/ledger/2026-03", size: 1, root }, key);
  const renamed = parseVkey(log.vkey);
  expect(verdict(() => openNote(note, [renamed]))).toBe("NOTE_SIGNER_UNKNOWN");
});

interface BodyCase {
  readonly id: string;
  readonly body: string;
  readonly valid: boolean;
  readonly parsed?: { origin: string; size: string; root: string; extensions: string[] };
}

interface SignedCase {
  readonly id: string;
  readonly noteBase64: string;
  readonly vkeys: readonly string[];
  readonly accepted: boolean;
  readonly checkpoint?: BodyCase["parsed"] | null;
}

describe.skipIf(!hasShared)("published vectors", () => {
  const bodies = sharedJson<{ cases: BodyCase[] }>("vectors/note/checkpoint-bodies.json")?.cases ?? [];
  const notes = sharedJson<{ cases: SignedCase[] }>("vectors/note/signed-notes.json")?.cases ?? [];
  const spelled = (text: string): BodyCase["parsed"] => {
    const { origin, size, root, extensions } = parseCheckpoint(text);
    return { origin, size: String(size), root: toHex(root), extensions: [...extensions] };
  };

  test.for(bodies)("$id", ({ body, valid, parsed }) => {
    expect(verdict(() => parseCheckpoint(body))).toBe(valid ? "ok" : "CHECKPOINT_MALFORMED");
    expect(valid ? spelled(body) : undefined).toEqual(parsed);
  });

  test.for(notes.filter(({ accepted }) => accepted))("$id", ({ noteBase64, vkeys, checkpoint }) => {
    const { text } = openNote(Buffer.from(noteBase64, "base64").toString(), vkeys.map(parseVkey));
    expect(verdict(() => parseCheckpoint(text))).toBe(checkpoint ? "ok" : "CHECKPOINT_MALFORMED");
    expect(checkpoint ? spelled(text) : null).toEqual(checkpoint);
  });
});

const good = `example.org/log\n5\n${toBase64(root)}\n`;

test.for([
  ["", "nothing"],
  ["\n5\n", "an empty origin"],
  [good.slice(0, -1), "no line feed at the end"],
  [`${good}\n`, "an empty extension line"],
  [`${good}ext\n\n`, "an empty line behind an extension"],
  ["example.org/log\n5\n", "no root"],
  ...[
    "",
    "05",
    "00",
    "-1",
    "+5",
    "5.0",
    "5e0",
    "0x5",
    " 5",
    "5 ",
    "٥",
    "9007199254740992",
    "18446744073709551615",
    "9".repeat(400),
  ].map((size) => [good.replace("\n5\n", `\n${size}\n`), `the size ${size.slice(0, 30)}`] as const),
  [good.replace("=", ""), "a root without padding"],
  [good.replace("=", "=="), "a root with too much padding"],
  [good.replace("c=", "d="), "a root with spare bits"],
  [good.replace("Bw", "B-"), "a root in another alphabet"],
] as const)("%j is no checkpoint: %s", ([text]) => {
  expect(verdict(() => parseCheckpoint(text))).toBe("CHECKPOINT_MALFORMED");
});

test("a size above 2^53-1 is told apart from one that is no number", () => {
  expect(() => parseCheckpoint(good.replace("\n5\n", "\n9007199254740992\n"))).toThrow("above 2^53-1");
  expect(parseCheckpoint(good.replace("\n5\n", "\n9007199254740991\n")).size).toBe(Number.MAX_SAFE_INTEGER);
});

test("any checkpoint is read as it was written", () => {
  const line = fc.string({ minLength: 1 }).filter((text) => !text.includes("\n"));
  const checkpoint = fc.record({
    origin: line,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extensions: fc.array(line, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(checkpoint, (content) => {
      expect(parseCheckpoint(formatCheckpoint(content))).toEqual(content);
    }),
  );
});

test.for([
  [{ origin: "", size: 1, root }, "CHECKPOINT_MALFORMED"],
  [{ origin: "a\nb", size: 1, root }, "CHECKPOINT_MALFORMED"],
  [{ origin: "a", size: 1, root, extensions: [""] }, "CHECKPOINT_MALFORMED"],
  [{ origin: "a", size: 1, root, extensions: ["x\ny"] }, "CHECKPOINT_MALFORMED"],
  [{ origin: "a", size: 2 ** 53, root }, "TREE_POSITION_INVALID"],
  [{ origin: "a", size: -1, root }, "TREE_POSITION_INVALID"],
  [{ origin: "a", size: 1, root: root.subarray(1) }, "HASH_MALFORMED"],
  [{ origin: "a b", size: 1, root }, "VKEY_MALFORMED"],
  [{ origin: "a\tb", size: 1, root }, "NOTE_MALFORMED"],
] as const)("%j is not signed: %s", ([checkpoint, code]) => {
  expect(verdict(() => signCheckpoint(checkpoint, key))).toBe(code);
});

test("the origins of a settlement node", () => {
  expect(parseOrigin("ledger.example.org/ledger")).toEqual({ host: "ledger.example.org" });
  expect(parseOrigin("localhost:8080/ledger/2026-10")).toEqual({ host: "localhost:8080", month: "2026-10" });
  const others = [
    "",
    "/ledger",
    "h",
    "h/",
    "h/ledger/",
    "h/Ledger",
    "H/ledger",
    "h/ledger/2026-13",
    "h/ledger/2026-1",
    "h:/ledger",
    "h:8a/ledger",
  ];
  const worse = [
    "https://h/ledger",
    "h/ledger/2026-10/",
    "h/../ledger",
    "h/ledger\n",
    "ü/ledger",
    "h+/ledger",
    `${"h".repeat(125)}/ledger`,
  ];
  for (const text of [...others, ...worse])
    expect
      .soft(
        verdict(() => parseOrigin(text)),
        text,
      )
      .toBe("ORIGIN_MALFORMED");
});

test("an origin that is longer than ours is cut for people", () => {
  expect(originText("host.example/ledger")).toBe("host.example/ledger");
  expect(originText("o".repeat(128))).toBe("o".repeat(128));
  expect(originText("o".repeat(20_000))).toBe(`${"o".repeat(128)}…`);
  expect(originText(`${"o".repeat(127)}😀`)).toBe(`${"o".repeat(127)}\ufffd…`);
});
