import { base58btc } from "./base58.ts";
import { concatBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { usablePublicKey } from "./public-key.ts";

/** Multicodec `ed25519-pub`, 0xed as an unsigned varint. */
const ed25519Codec = Uint8Array.of(0xed, 0x01);

/** Longest text that is decoded; one of an Ed25519 key has 48 characters after `did:key:`. */
const maxTextLength = 200;

const advice = "write it did:key:z6Mk… with 44 characters after z6Mk, without a fragment";

/**
 * Multibase text of an Ed25519 public key: base58btc (`z`) of its multicodec and its 32 bytes, `z6Mk…`. It is the last
 * part of a did:key and, by itself, a Radicle node id.
 */
export function radicleNodeId(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  return `z${base58btc.encode(concatBytes(ed25519Codec, publicKey))}`;
}

/** `did:key:z6Mk…` of a 32-byte Ed25519 public key (W3C CCG, the did:key method). */
export function didKey(publicKey: Uint8Array): string {
  return `did:key:${radicleNodeId(publicKey)}`;
}

/**
 * Ed25519 public key, 32 bytes, of a `did:key:z6Mk…` or of the bare `z6Mk…`, with nothing before or after it.
 *
 * @throws SettlementError `PUBLIC_KEY_MALFORMED`, `PUBLIC_KEY_NOT_ED25519`, `PUBLIC_KEY_SMALL_ORDER`
 */
export function parseDidKey(text: string): Uint8Array {
  const multibase = text.replace(/^did:key:/, "");
  if (!multibase.startsWith("z")) throw malformed("what follows did:key: does not begin with z, which says base58btc");
  if (text.length > maxTextLength)
    throw malformed(`it has ${text.length} characters, at most ${maxTextLength} are read`);
  const bytes = base58btc.decode(multibase.slice(1));
  if (!bytes) throw malformed("a character is not of the base58btc alphabet");
  const [high, low] = ed25519Codec;
  if (bytes[0] !== high || bytes[1] !== low) {
    throw new SettlementError(
      "PUBLIC_KEY_NOT_ED25519",
      "the did:key is of another algorithm than Ed25519, whose keys begin with did:key:z6Mk; use an Ed25519 key",
    );
  }
  if (bytes.length !== 34) throw malformed(`it holds a key of ${bytes.length - 2} bytes and not 32`);
  return usablePublicKey(bytes.slice(2), advice);
}

function malformed(what: string): SettlementError {
  return new SettlementError("PUBLIC_KEY_MALFORMED", `the did:key is malformed: ${what}; ${advice}`);
}
