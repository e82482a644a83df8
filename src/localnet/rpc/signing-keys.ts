import { deriveKeypair } from "ripple-keypairs";
import { rfc1751MnemonicToKey } from "xrpl/dist/npm/Wallet/rfc1751.js";

import { concatBytes, fromHex, utf8 } from "../../core/bytes.ts";
import { accountIdOfKey, addressOf, isAddress } from "../../core/xrpl/address.ts";
import { fromBase58Check, toBase58Check } from "../../core/xrpl/base58.ts";
import { sha512Half } from "../../core/xrpl/hash.ts";
import { fault, invalidField, invalidParams, missingField } from "./fault.ts";
import { type JsonObject } from "./json.ts";

export type KeyType = "secp256k1" | "ed25519";

export interface SigningKey {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly address: string;
}

export interface Seed {
  /** 16 bytes. */
  readonly entropy: Uint8Array;
  /** The seed's own kind, where its text tells. */
  readonly keyType?: KeyType;
}

const seedPrefix = Uint8Array.of(0x21);
const ed25519SeedPrefix = "01e14b";

/** `s…` of 16 bytes. */
export function seedText(entropy: Uint8Array): string {
  return toBase58Check(concatBytes(seedPrefix, entropy));
}

/** `n…` of a public key of 33 bytes. */
export function nodePublicText(publicKey: Uint8Array): string {
  return toBase58Check(concatBytes(Uint8Array.of(0x1c), publicKey));
}

/** The 33 bytes of an `n…` key. */
export function nodePublicKey(text: string): Uint8Array | undefined {
  const payload = base58Payload(text);
  return payload?.length === 34 && payload[0] === 0x1c ? payload.slice(1) : undefined;
}

/** `a…` of a public key of 33 bytes. */
export function accountPublicText(publicKey: Uint8Array): string {
  return toBase58Check(concatBytes(Uint8Array.of(0x23), publicKey));
}

export function keyOf(entropy: Uint8Array, keyType: KeyType): SigningKey {
  const pair = deriveKeypair(seedText(entropy), { algorithm: keyType === "ed25519" ? "ed25519" : "ecdsa-secp256k1" });
  return { ...pair, address: addressOf(accountIdOfKey(fromHex(pair.publicKey))) };
}

function seedOfBase58(text: string): Seed | undefined {
  const payload = base58Payload(text);
  if (payload?.length === 17 && payload[0] === seedPrefix[0]) return { entropy: payload.slice(1) };
  if (payload?.length === 19 && text.startsWith("sEd") && matchesEd25519(payload)) {
    return { entropy: payload.slice(3), keyType: "ed25519" };
  }
  return undefined;
}

function matchesEd25519(payload: Uint8Array): boolean {
  return fromHex(ed25519SeedPrefix).every((byte, at) => payload[at] === byte);
}

function base58Payload(text: string): Uint8Array | undefined {
  try {
    return fromBase58Check(text);
  } catch {
    return undefined;
  }
}

function seedOfHex(text: string): Seed | undefined {
  return /^[0-9a-fA-F]{32}$/.test(text) ? { entropy: fromHex(text) } : undefined;
}

export function seedOfPassphrase(text: string): Seed {
  return { entropy: sha512Half(utf8(text)).slice(0, 16) };
}

/** Any way to write a secret: base58, hex, the words of RFC 1751, or else a passphrase. Never a public name. */
function seedOfSecret(text: string): Seed | undefined {
  if (text === "" || isAddress(text)) return undefined;
  return seedOfBase58(text) ?? seedOfHex(text) ?? seedOfWords(text) ?? seedOfPassphrase(text);
}

function seedOfWords(text: string): Seed | undefined {
  try {
    const entropy = Uint8Array.from(rfc1751MnemonicToKey(text));
    return entropy.length === 16 ? { entropy } : undefined;
  } catch {
    return undefined;
  }
}

const secretFields = ["passphrase", "secret", "seed", "seed_hex"] as const;

/** The key a signing request names by `secret`, or by `key_type` and one of `seed`, `seed_hex`, `passphrase`. */
export function requestedKey(params: JsonObject): SigningKey {
  const given = secretFields.filter((name) => params[name] !== undefined);
  const [name] = given;
  if (name === undefined) throw missingField("secret");
  if (given.length > 1) {
    throw invalidParams("Exactly one of the following must be specified: passphrase, secret, seed or seed_hex");
  }
  const keyType = keyTypeField(params);
  if (keyType !== undefined && name === "secret")
    throw invalidParams("The secret field is not allowed if key_type is used.");
  const text = params[name];
  if (typeof text !== "string") throw invalidField(name, "not string");
  const seed = keyType === undefined ? seedOfSecret(text) : seedIn(name, text);
  if (seed === undefined) throw fault("badSeed", `Invalid field '${name}'.`);
  return keyOf(seed.entropy, keyType ?? seed.keyType ?? "secp256k1");
}

/** The seed in one of the fields that say how it is written. */
export function seedIn(field: string, text: string): Seed | undefined {
  if (field === "seed") return seedOfBase58(text) ?? seedOfWords(text);
  if (field === "seed_hex") return seedOfHex(text);
  return seedOfSecret(text);
}

export function keyTypeField(params: JsonObject): KeyType | undefined {
  const keyType = params["key_type"];
  if (keyType === undefined) return undefined;
  if (typeof keyType !== "string") throw invalidField("key_type", "not string");
  if (keyType !== "secp256k1" && keyType !== "ed25519") throw fault("badKeyType");
  return keyType;
}
