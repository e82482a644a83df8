import { concatBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { didKey, parseDidKey, radicleNodeId } from "./identity-did.ts";
import { parseSshPublicKey, sshFingerprint, sshPublicKeyLine } from "./identity-ssh.ts";
import { parsePublicKeyPem, publicKeyPem } from "./public-key.ts";
import { accountIdOfKey, addressOf } from "./xrpl/address.ts";

/** Every name of one Ed25519 public key. */
export interface Identities {
  /** SubjectPublicKeyInfo, RFC 8410; ends in a line feed. */
  readonly pem: string;
  /** OpenSSH public key line, RFC 8709. */
  readonly ssh: string;
  /** Fingerprint of the OpenSSH key, `SHA256:…`. */
  readonly sshFingerprint: string;
  readonly didKey: string;
  readonly radicleNodeId: string;
  /** Classic address of the XRP Ledger account that the key controls: a hash of it. */
  readonly xrplAddress: string;
}

/** @param comment - of the OpenSSH line */
export function identitiesOf(publicKey: Uint8Array, comment = ""): Identities {
  return {
    pem: publicKeyPem(publicKey),
    ssh: sshPublicKeyLine(publicKey, comment),
    sshFingerprint: sshFingerprint(publicKey),
    didKey: didKey(publicKey),
    radicleNodeId: radicleNodeId(publicKey),
    xrplAddress: xrplAddressOfKey(publicKey),
  };
}

/**
 * Classic address that an Ed25519 key controls as its master key: the account id is the hash of 0xED and the key.
 *
 * @param publicKey - 32 bytes
 */
export function xrplAddressOfKey(publicKey: Uint8Array): string {
  return addressOf(accountIdOfKey(concatBytes(Uint8Array.of(0xed), publicKey)));
}

/**
 * Ed25519 public key, 32 bytes, of any text that names one: SPKI PEM, OpenSSH line, `did:key:z6Mk…` or `z6Mk…`.
 *
 * @throws SettlementError `PUBLIC_KEY_MALFORMED`, also for an XRPL address, `PUBLIC_KEY_NOT_ED25519`,
 *   `PUBLIC_KEY_SMALL_ORDER`
 */
export function parsePublicKey(text: string): Uint8Array {
  switch (publicKeyForm(text)) {
    case "pem":
      return parsePublicKeyPem(text);
    case "ssh":
      return parseSshPublicKey(text).publicKey;
    case "did":
      return parseDidKey(text);
    case "xrpl":
      throw new SettlementError(
        "PUBLIC_KEY_MALFORMED",
        "an XRP Ledger address is the hash of a key and names none, so no signature can be checked with it; " +
          "give the key as PEM, as an OpenSSH line or as a did:key",
      );
    default:
      throw new SettlementError(
        "PUBLIC_KEY_MALFORMED",
        "the public key is in no known form; give it as PEM (-----BEGIN PUBLIC KEY-----), " +
          "as an OpenSSH line (ssh-ed25519 AAAA…) or as a did:key (did:key:z6Mk…)",
      );
  }
}

export type PublicKeyForm = "pem" | "ssh" | "did" | "xrpl";

/** Which form a text is meant to have, by its first characters; undefined where it begins like none. */
export function publicKeyForm(text: string): PublicKeyForm | undefined {
  if (text.startsWith("-----")) return "pem";
  if (/^(?:sk-)?(?:ssh|ecdsa)-[^\s/]* /.test(text)) return "ssh";
  if (/^(?:did:key:|z[1-9A-HJ-NP-Za-km-z]{40,}$)/.test(text)) return "did";
  return /^(?:r[1-9A-HJ-NP-Za-km-z]{24,34}|[XT][1-9A-HJ-NP-Za-km-z]{46})$/.test(text) ? "xrpl" : undefined;
}
