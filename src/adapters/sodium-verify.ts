import { createRequire } from "node:module";
import { fromHex } from "../core/bytes.ts";
import { type VerifySignature, withStrictEncoding } from "../core/ed25519.ts";
import { nodeVerify } from "./node-crypto.ts";

/** What is used of `sodium-native`. */
interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/**
 * Keys, and signatures of 32 zero bytes by them that hold with the cofactor alone, as some libraries verify: a point of
 * order 8 was added to the R of one and to the key of the other.
 */
const looseOnes = [
  {
    key: "beb29e1aa6288cfaa6a2690250c0c53d9ff7188f437f55c161e0118d297218cd",
    signature:
      "88284b775013cc46083c0cb2643b9dbc933089b38354946b4b86c0ab91d9f2bb940a53fe01121d305e275857f55bbb2f9430b7184005af1dea3bbb62eb57300d",
  },
  {
    key: "aeb2846e14bcc04a109928e809ce5fa953db73e03feac93b491c3ad00d70ba53",
    signature:
      "36d2b604eebdf0c07d1417d06f6ac09390aa19e0116a7570ddb33c25d6a586df2323efb3ce0bb3173563da6421c8def8a980ef7cb029ebb323bc520bb193a000",
  },
] as const;

const zeros = new Uint8Array(32);

/** Loading the library takes as long as it saves with so many signatures. */
const worthLoading = 256;

let verified = 0;
let chosen: VerifySignature | undefined;

/**
 * Verification by libsodium, in half the time of OpenSSL; by OpenSSL where there is no libsodium, and of the first few.
 * What libsodium finds bad OpenSSL verifies again, and a libsodium that is not strict is not used: the verdict is the
 * same with either.
 */
export const quickVerify: VerifySignature = (...signed) => {
  if (verified++ < worthLoading) return nodeVerify(...signed);
  chosen ??= strictOr(nodeVerify, loadSodium());
  return chosen(...signed);
};

/** An optional dependency: some systems have no binary of it, and whoever wants none leaves it out. */
function loadSodium(): Sodium | undefined {
  try {
    const require = createRequire(import.meta.url);
    return require("sodium-native") as Sodium;
  } catch {
    return undefined;
  }
}

/**
 * @param verify - has the last word
 * @param sodium - is used if it is strict
 */
export function strictOr(verify: VerifySignature, sodium: Sodium | undefined): VerifySignature {
  if (!sodium || !isStrict(sodium)) return verify;
  // Node moves each short array that it is handed out of the heap, which costs more than this copy of it does.
  const [ownKey, ownMessage, ownSignature] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(64)];
  const quick = withStrictEncoding((publicKey, message, signature) => {
    ownKey.set(publicKey);
    ownSignature.set(signature);
    if (message.length !== ownMessage.length) {
      return sodium.crypto_sign_verify_detached(ownSignature, message, ownKey);
    }
    ownMessage.set(message);
    return sodium.crypto_sign_verify_detached(ownSignature, ownMessage, ownKey);
  });
  return (...signed) => quick(...signed) || verify(...signed);
}

function isStrict(sodium: Sodium): boolean {
  try {
    return looseOnes.every(
      ({ key, signature }) => !sodium.crypto_sign_verify_detached(fromHex(signature), zeros, fromHex(key)),
    );
  } catch {
    return false;
  }
}
