import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import {
  formatNote,
  formatVkey,
  makeVkey,
  type NoteSigner,
  openNote,
  parseNote,
  parseVkey,
  signNote,
  type VerifiedSigner,
} from "../../src/core/note.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import { verdict } from "../support/trees.ts";
import golden from "../vectors/note.json" with { type: "json" };

const [log, witness] = golden.keys as [(typeof golden.keys)[0], (typeof golden.keys)[0]];
const pinned = [parseVkey(log.vkey), parseVkey(witness.cosignerVkey)];

function signerOf({ name, seed }: { name: string; seed: string }): NoteSigner {
  return { name, publicKey: publicKeyOf(fromHex(seed)), sign: (message) => signEd25519(fromHex(seed), message) };
}

const shown = ({ vkey, timeUnixS }: VerifiedSigner): string => [vkey.name, vkey.keyId, timeUnixS].join(" ").trimEnd();

describe("our vectors", () => {
  test.for(golden.keys)("verifier keys of $name", ({ name, seed, publicKey, vkey, cosignerVkey }) => {
    expect(toHex(publicKeyOf(fromHex(seed)))).toBe(publicKey);
    expect(formatVkey(makeVkey(name, fromHex(publicKey)))).toBe(vkey);
    expect(formatVkey(makeVkey(name, fromHex(publicKey), "cosignature/v1"))).toBe(cosignerVkey);
    for (const text of [vkey, cosignerVkey]) expect(formatVkey(parseVkey(text))).toBe(text);
  });

  test.for(golden.notes)("$id: $code", ({ note, code, signers }) => {
    expect(verdict(() => openNote(note, pinned))).toBe(code ?? "ok");
    for (const expected of signers ? [signers] : []) {
      expect(openNote(note, pinned).signers.map(shown)).toEqual(expected);
      expect(formatNote(parseNote(note))).toBe(note);
    }
  });

  test("our signature is the one OpenSSL makes", () => {
    const note = golden.notes[0]?.note ?? "";
    expect(signNote(parseNote(note).text, signerOf(log))).toBe(note);
    expect(verdict(() => openNote(`\ud800${note}`, pinned))).toBe("NOTE_MALFORMED");
  });
});

interface NoteCase {
  readonly id: string;
  readonly noteBase64: string;
  readonly vkeys: readonly string[];
  readonly accepted: boolean;
  readonly text?: string;
  readonly verified?: readonly string[];
  readonly unverified?: number;
}

describe.skipIf(!hasShared)("published vectors", () => {
  const notes = sharedJson<{ keys: { name: string; seed: string; vkeyEd25519: string }[]; cases: NoteCase[] }>(
    "vectors/note/signed-notes.json",
  );
  const vkeys = sharedJson<{ cases: { id: string; vkey: string; accepted: boolean }[] }>("vectors/note/vkeys.json");
  const examples =
    sharedJson<{ cases: { id: string; text?: string; vkey?: string }[] }>("vectors/note/c2sp-examples.json")?.cases ??
    [];

  test.for(notes?.cases ?? [])("$id", ({ noteBase64, vkeys, accepted, text, verified, unverified }) => {
    const note = Buffer.from(noteBase64, "base64").toString();
    const keys = vkeys.map(parseVkey);
    expect(verdict(() => openNote(note, keys))).toMatch(
      accepted ? /^ok$/ : /^NOTE_(MALFORMED|SIGNATURE_INVALID|SIGNER_UNKNOWN)$/,
    );
    const opened = accepted ? openNote(note, keys) : undefined;
    expect(opened?.text).toBe(text);
    expect(opened?.signers.map(({ vkey }) => `${vkey.name} ${vkey.keyId}`)).toEqual(verified);
    expect(opened?.ignored).toBe(unverified);
  });

  test.for(notes?.keys ?? [])("$vkeyEd25519", ({ name, seed, vkeyEd25519 }) => {
    expect(formatVkey(makeVkey(name, publicKeyOf(fromHex(seed))))).toBe(vkeyEd25519);
  });

  test.for(vkeys?.cases ?? [])("verifier key $id", ({ vkey, accepted }) => {
    expect(verdict(() => formatVkey(parseVkey(vkey)))).toBe(accepted ? "ok" : "VKEY_MALFORMED");
  });

  test("the examples of the standards", () => {
    const key = examples.find(({ vkey }) => vkey)?.vkey ?? "";
    const signed = examples.find(({ text }) => text?.startsWith("This is an example message."))?.text ?? "";
    expect(openNote(signed, [parseVkey(key)]).signers).toHaveLength(1);
    const whole = examples.filter(({ text }) => text?.includes("\n\n— ") && !text.includes("[...]"));
    expect(whole).toHaveLength(4);
    for (const { text = "" } of whole) expect(formatNote(parseNote(text))).toBe(text);
  });
});

test.for([
  ["", "VKEY_MALFORMED"],
  [log.vkey.toUpperCase(), "VKEY_MALFORMED"],
  [log.vkey.replace("+", ""), "VKEY_MALFORMED"],
  [log.vkey.slice(0, -2), "VKEY_MALFORMED"],
  [`${log.vkey}\n`, "VKEY_MALFORMED"],
  [` ${log.vkey}`, "VKEY_MALFORMED"],
  [log.vkey.replace("ledger.", "other."), "VKEY_MALFORMED"],
  [`example.org+00000000+${"A".repeat(9000)}`, "VKEY_MALFORMED"],
  ["example.org+00000000+AQ==", "VKEY_MALFORMED"],
  [`example.org+00000000+Bg${"A".repeat(42)}`, "VKEY_TYPE_UNKNOWN"],
])("%j is refused: %s", ([text, code]) => {
  expect(verdict(() => parseVkey(text ?? ""))).toBe(code);
});

test.for(["", "a b", "a+b", "a\u00a0b", "a\u2028b", "\ud800", "a\nb"])("the name %j is refused", (name) => {
  expect(verdict(() => makeVkey(name, new Uint8Array(32)))).toBe("VKEY_MALFORMED");
  expect(verdict(() => signNote("text\n", { ...signerOf(log), name }))).toBe("VKEY_MALFORMED");
});

test.for(["", "no line feed", "tab\t\n", "nul\0\n", "return\r\n", "lone \udc00\n"])(
  "the text %j is not signed",
  (text) => {
    expect(verdict(() => signNote(text, signerOf(log)))).toBe("NOTE_MALFORMED");
  },
);

test("any text that can be signed opens again, and with one bit of it changed never does", () => {
  const signer = signerOf(log);
  const text = fc
    .array(fc.oneof(fc.constant("\n"), fc.constant("— a AAAA"), fc.string({ unit: "grapheme" })))
    .map((parts) => `${parts.join("").replaceAll(/(?!\n)\p{Cc}/gu, "")}\n`);
  fc.assert(
    fc.property(text, fc.nat(), (text, at) => {
      const note = signNote(text, signer);
      expect(openNote(note, pinned).text).toBe(text);
      const bytes = Buffer.from(note);
      const bit = at % (8 * bytes.length);
      bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      const changed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      expect(verdict(() => openNote(changed, pinned))).toMatch(/^NOTE_/);
    }),
    { numRuns: 60 },
  );
});

test("hostile text is refused with the code of a malformed note, whatever it is", () => {
  const piece = fc.oneof(
    fc.constantFrom("\n", "\n\n", "— ", " ", "=", "AAAAAAA=", "name ", "\ud800", "\0", "—"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      expect(verdict(() => openNote(pieces.join(""), pinned))).toMatch(/^NOTE_(MALFORMED|SIGNER_UNKNOWN)$/);
    }),
    { numRuns: 500 },
  );
});

test("several keys sign one note, as when a key is changed for another", () => {
  const note = signNote("text\n", signerOf(log), signerOf(witness));
  expect(openNote(note, pinned)).toMatchObject({ ignored: 1, signers: [{ vkey: { name: log.name } }] });
  expect(openNote(note, [parseVkey(witness.vkey)])).toMatchObject({
    ignored: 1,
    signers: [{ vkey: { name: witness.name } }],
  });
});

test("of two pinned keys with one name and id, the one that signed counts", () => {
  const [key] = pinned as [(typeof pinned)[0]];
  const twin = { ...key, publicKey: fromHex(witness.publicKey) };
  const note = signNote("text\n", signerOf(log));
  expect(openNote(note, [twin, key]).signers).toEqual([{ vkey: key }]);
  expect(verdict(() => openNote(note, [twin]))).toBe("NOTE_SIGNATURE_INVALID");
});
