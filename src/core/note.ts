import { concatBytes, equalBytes, fromBase64, toBase64, toHex, uintBytes, utf8 } from "./bytes.ts";
import { type SignMessage, type VerifySignature, verifyEd25519 } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { sha256 } from "./hash.ts";

/** Signature types of C2SP signed-note that are read here: plain Ed25519, and the timestamped cosignature of a witness. */
const typeBytes = { ed25519: 0x01, "cosignature/v1": 0x04 } as const;

export type VkeyType = keyof typeof typeBytes;

/** A verifier key, C2SP signed-note. */
export interface Vkey {
  readonly name: string;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  readonly type: VkeyType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  /** What follows the key id; its form depends on the key. */
  readonly signature: Uint8Array;
}

/** A signed note as it is written; nothing of it is verified. */
export interface Note {
  /** Ends in a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A known key whose signature of the text is good. */
export interface VerifiedSigner {
  readonly vkey: Vkey;
  /** When a cosigner says it signed, seconds since 1970; absent for other types. */
  readonly timeUnixS?: number;
}

export interface OpenedNote {
  readonly text: string;
  /** At least one, each key once. */
  readonly signers: readonly VerifiedSigner[];
  /** Signature lines by keys that are not known. */
  readonly ignored: number;
}

/** A key that signs notes under a name. */
export interface NoteSigner {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: SignMessage;
}

/** More signatures than this are refused; the standard demands at least 16. */
const maxSignatures = 64;

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function isKeyName(name: string): boolean {
  return name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name) && name !== "";
}

/**
 * The verifier key of a public key under a name; the key id follows from both.
 *
 * @throws SettlementError `VKEY_MALFORMED`
 */
export function makeVkey(name: string, publicKey: Uint8Array, type: VkeyType = "ed25519"): Vkey {
  if (!isKeyName(name))
    throw new SettlementError("VKEY_MALFORMED", `key name ${shown(name)} is empty, or has a space or a plus in it`);
  if (publicKey.length !== 32)
    throw new SettlementError("VKEY_MALFORMED", `key ${shown(name)} must have 32 bytes, not ${publicKey.length}`);
  const id = sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(typeBytes[type]), publicKey)).subarray(0, 4);
  return { name, keyId: toHex(id), type, publicKey };
}

/** `<name>+<key id>+<base64 of type and key>`. */
export function formatVkey(vkey: Vkey): string {
  return `${vkey.name}+${vkey.keyId}+${toBase64(concatBytes(Uint8Array.of(typeBytes[vkey.type]), vkey.publicKey))}`;
}

/** @throws SettlementError `VKEY_MALFORMED`; `VKEY_TYPE_UNKNOWN` for a well-formed key of a type not read here */
export function parseVkey(text: string): Vkey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([0-9A-Za-z+/=]+)$/.exec(text);
  const [, name = "", keyId = "", encoded = ""] = match ?? [];
  if (!match || text.length > 4000) {
    throw new SettlementError(
      "VKEY_MALFORMED",
      `${shown(text)} is not written name+id+key, the id in 8 lower-case hex digits`,
    );
  }
  const typed = decoded(encoded, "VKEY_MALFORMED", `verifier key ${shown(name)}`);
  const type = (Object.keys(typeBytes) as VkeyType[]).find((each) => typeBytes[each] === typed[0]);
  if (!type)
    throw new SettlementError(
      "VKEY_TYPE_UNKNOWN",
      `verifier key ${shown(name)} is of type ${typed[0]}; this reads 1 and 4`,
    );
  const vkey = makeVkey(name, typed.subarray(1), type);
  if (vkey.keyId !== keyId)
    throw new SettlementError("VKEY_MALFORMED", `verifier key ${shown(name)} has the id ${vkey.keyId}, not ${keyId}`);
  return vkey;
}

function decoded(base64: string, code: "VKEY_MALFORMED" | "NOTE_MALFORMED", where: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (cause) {
    throw new SettlementError(code, `${where}: the base64 is not canonical`, { cause });
  }
}

/** @throws SettlementError `NOTE_MALFORMED` unless the text can be signed: it ends in a line feed and has no other control character */
function requireText(text: string): string {
  if (text.endsWith("\n") && text.isWellFormed() && !/(?![\n\x7f-\x9f])\p{Cc}/u.test(text)) return text;
  throw new SettlementError(
    "NOTE_MALFORMED",
    "a note is Unicode text without control characters, and ends in a line feed",
  );
}

function parseSignatureLine(line: string, at: number): NoteSignature {
  const [, name = "", encoded = ""] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const where = `signature line ${at + 1} of the note`;
  if (!isKeyName(name))
    throw new SettlementError("NOTE_MALFORMED", `${where} is not written: em dash, key name, signature`);
  const bytes = decoded(encoded, "NOTE_MALFORMED", where);
  if (bytes.length < 5)
    throw new SettlementError("NOTE_MALFORMED", `${where} is too short for a key id and a signature`);
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/**
 * Reads a signed note, C2SP signed-note, without verifying anything. The text ends at the last empty line.
 *
 * @throws SettlementError `NOTE_MALFORMED`; also without signatures, and with more than 64
 */
export function parseNote(note: string): Note {
  requireText(note);
  const gap = note.lastIndexOf("\n\n");
  const lines = gap < 0 ? [] : note.slice(gap + 2, -1).split("\n", maxSignatures + 1);
  if (gap < 0 || lines.length > maxSignatures) {
    throw new SettlementError(
      "NOTE_MALFORMED",
      `a signed note is text, an empty line and 1 to ${maxSignatures} signature lines`,
    );
  }
  return { text: note.slice(0, gap + 1), signatures: lines.map(parseSignatureLine) };
}

/** The note with its signature lines in the order given: the inverse of {@link parseNote}. @throws SettlementError `NOTE_MALFORMED` */
export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    const id = uintBytes(Number.parseInt(keyId, 16), 4);
    return `— ${name} ${toBase64(concatBytes(id, signature))}\n`;
  });
  return `${requireText(text)}\n${lines.join("")}`;
}

/** The signer when this signature of the text is good, else undefined. */
function verifySigner(
  vkey: Vkey,
  text: string,
  signature: Uint8Array,
  verify: VerifySignature,
): VerifiedSigner | undefined {
  switch (vkey.type) {
    case "ed25519":
      return verify(vkey.publicKey, utf8(text), signature) ? { vkey } : undefined;
    case "cosignature/v1": {
      const timeUnixS = BigInt(`0x${toHex(signature.subarray(0, 8))}`);
      if (timeUnixS > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      const message = utf8(`cosignature/v1\ntime ${timeUnixS}\n${text}`);
      return verify(vkey.publicKey, message, signature.subarray(8))
        ? { vkey, timeUnixS: Number(timeUnixS) }
        : undefined;
    }
    default:
      return vkey.type satisfies never;
  }
}

function isSameKey(a: Vkey, b: Vkey): boolean {
  return a.name === b.name && a.type === b.type && equalBytes(a.publicKey, b.publicKey);
}

/**
 * Verifies a signed note by the keys the reader knows, C2SP signed-note. Lines by other keys are ignored. A line that
 * names a known key and is not good refuses the whole note. A key that signed twice counts once.
 *
 * @throws SettlementError `NOTE_MALFORMED`, `NOTE_SIGNATURE_INVALID`, `NOTE_SIGNER_UNKNOWN` when no known key signed
 */
export function openNote(note: string, vkeys: readonly Vkey[], verify: VerifySignature = verifyEd25519): OpenedNote {
  const { text, signatures } = parseNote(note);
  const signers: VerifiedSigner[] = [];
  let ignored = 0;
  for (const { name, keyId, signature } of signatures) {
    const known = vkeys.filter((vkey) => vkey.name === name && vkey.keyId === keyId);
    if (known.length === 0) ignored++;
    else {
      const good = known.flatMap((vkey) => verifySigner(vkey, text, signature, verify) ?? [])[0];
      if (!good)
        throw new SettlementError(
          "NOTE_SIGNATURE_INVALID",
          `the signature by ${name} (key ${keyId}) is not of this text`,
        );
      if (!signers.some(({ vkey }) => isSameKey(vkey, good.vkey))) signers.push(good);
    }
  }
  if (signers.length === 0) {
    const names = signatures.slice(0, 4).map(({ name, keyId }) => `${name} (key ${keyId})`);
    throw new SettlementError(
      "NOTE_SIGNER_UNKNOWN",
      `no known key signed the note; it is signed by ${names.join(", ")}`,
    );
  }
  return { text, signers, ignored };
}

/** A note signed by these keys, in plain Ed25519. @throws SettlementError `NOTE_MALFORMED`, `VKEY_MALFORMED` */
export function signNote(text: string, ...signers: readonly [NoteSigner, ...NoteSigner[]]): string {
  const message = utf8(requireText(text));
  const signatures = signers.map(({ name, publicKey, sign }) => {
    const { keyId } = makeVkey(name, publicKey);
    return { name, keyId, signature: sign(message) };
  });
  return formatNote({ text, signatures });
}
