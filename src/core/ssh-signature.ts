import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes, fromBase64, toBase64, uintBytes, utf8 } from "./bytes.ts";
import { type SignMessage, type VerifySignature, verifyEd25519 } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { sha256 } from "./hash.ts";
import { parseSshKeyBlob, sshEd25519, sshKeyBlob } from "./identity-ssh.ts";
import { sshString, sshStrings, sshText } from "./ssh-wire.ts";

/** What a signature is for; one for another purpose is none. `git` signs commits and tags, `file` is for everything else. */
export const sshNamespaces = ["git", "file"] as const;

export type SshNamespace = (typeof sshNamespaces)[number];

const hashes = { sha256, sha512 } as const;

export type SshHash = keyof typeof hashes;

/** An SSH signature as it is written; nothing of it is verified. OpenSSH's PROTOCOL.sshsig. */
export interface SshSignature {
  /** Ed25519, 32 bytes: who says to have signed. */
  readonly publicKey: Uint8Array;
  readonly namespace: SshNamespace;
  /** What the message is hashed with before it is signed. */
  readonly hash: SshHash;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** What is signed, and by which key. */
export interface SshSigning {
  readonly namespace: SshNamespace;
  /** sha512, as ssh-keygen does, where it is not given. */
  readonly hash?: SshHash;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: SignMessage;
}

const magic = utf8("SSHSIG");
const version = uintBytes(1, 4);
const [begin, end] = ["-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"] as const;

/** Characters of a line of base64, as ssh-keygen writes them; lines of up to 76 are read. */
const lineLength = 70;
const maxLineLength = 76;

/** Longest text that is read; one of an Ed25519 key has about 300 characters. */
const maxTextLength = 1000;

/**
 * Armored SSH signature of a message, with a line feed at the end. The same key, message and namespace give the same text.
 */
export function signSsh(message: Uint8Array, signing: SshSigning): string {
  const { namespace, hash = "sha512", publicKey, sign } = signing;
  const signature = sign(signedBytes(message, { namespace, hash }));
  return armoredSshSignature({ publicKey, namespace, hash, signature });
}

/** The armored text of a signature, with a line feed at the end. */
export function armoredSshSignature({ publicKey, namespace, hash, signature }: SshSignature): string {
  const strings = [
    sshKeyBlob(publicKey),
    namespace,
    "",
    hash,
    concatBytes(sshString(sshEd25519), sshString(signature)),
  ];
  const base64 = toBase64(concatBytes(magic, version, ...strings.map(sshString)));
  const lines = base64.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return [begin, ...lines, end, ""].join("\n");
}

/**
 * Reads an armored SSH signature of an Ed25519 key, with nothing before it and at most one line feed after it.
 *
 * @throws SettlementError `SSH_SIGNATURE_MALFORMED`; `PUBLIC_KEY_MALFORMED`, `PUBLIC_KEY_NOT_ED25519` and
 *   `PUBLIC_KEY_SMALL_ORDER` for the key in it
 */
export function parseSshSignature(text: string): SshSignature {
  const bytes = withoutArmor(text);
  if (!equalBytes(bytes.subarray(0, 6), magic)) throw malformed("it does not begin with SSHSIG");
  if (!equalBytes(bytes.subarray(6, 10), version)) throw malformed("it is not of version 1");
  const [key, namespace, reserved, hash, signed, ...rest] = sshStrings(bytes.subarray(10)) ?? [];
  if (!key || !namespace || !reserved || !hash || !signed || rest.length > 0) {
    throw malformed("it is not a key, a namespace, a reserved field, a hash and a signature");
  }
  if (reserved.length > 0) throw malformed("its reserved field is not empty");
  return {
    publicKey: parseSshKeyBlob(key),
    namespace: oneOf(namespace, sshNamespaces, "namespace"),
    hash: oneOf(hash, ["sha256", "sha512"], "hash"),
    signature: signatureIn(signed),
  };
}

/** The 64 bytes of the innermost field, RFC 8709 §6. */
function signatureIn(field: Uint8Array): Uint8Array {
  const [algorithm, signature, ...more] = sshStrings(field) ?? [];
  if (!algorithm || sshText(algorithm) !== sshEd25519 || signature?.length !== 64 || more.length > 0) {
    throw malformed(`the signature in it is not the 64 bytes of ${sshEd25519}`);
  }
  return signature.slice();
}

/**
 * Who signed a message: the public key of the signature, whose owner the caller has to know.
 *
 * @throws SettlementError `SSH_SIGNATURE_REFUTED` when it is for another purpose, or another message or key made it
 */
export function verifySshSignature(
  signature: SshSignature,
  message: Uint8Array,
  namespace: SshNamespace,
  verify: VerifySignature = verifyEd25519,
): Uint8Array {
  if (signature.namespace !== namespace) {
    throw new SettlementError(
      "SSH_SIGNATURE_REFUTED",
      `the SSH signature is for the namespace ${signature.namespace} and not for ${namespace}; sign again with -n ${namespace}`,
    );
  }
  if (!verify(signature.publicKey, signedBytes(message, signature), signature.signature)) {
    throw new SettlementError(
      "SSH_SIGNATURE_REFUTED",
      "the SSH signature is not one of this message by the key it names: one of the three was altered; sign again",
    );
  }
  return signature.publicKey;
}

/** What the key signs: the purpose and the hash of the message. */
function signedBytes(message: Uint8Array, { namespace, hash }: Pick<SshSignature, "namespace" | "hash">): Uint8Array {
  return concatBytes(magic, ...[namespace, "", hash, hashes[hash](message)].map(sshString));
}

/** Lines of one length but the last, which may be shorter: the text has one spelling for each length of lines. */
function withoutArmor(text: string): Uint8Array {
  if (text.length > maxTextLength)
    throw malformed(`it has ${text.length} characters, at most ${maxTextLength} are read`);
  const lines = text.replace(/\n$/, "").split("\n");
  const body = lines.slice(1, -1);
  if (lines[0] !== begin || lines.at(-1) !== end || body.length === 0) {
    throw malformed(`it does not stand between ${begin} and ${end} alone`);
  }
  const width = body[0]?.length ?? 0;
  const last = body.at(-1)?.length ?? 0;
  if (width > maxLineLength || last === 0 || last > width || body.slice(0, -1).some((line) => line.length !== width)) {
    throw malformed(`its lines are not of one length of at most ${maxLineLength}`);
  }
  try {
    return fromBase64(body.join(""));
  } catch (cause) {
    throw malformed("its base64 is not canonical", cause);
  }
}

function oneOf<const T extends string>(bytes: Uint8Array, known: readonly T[], what: string): T {
  const name = sshText(bytes.subarray(0, 40));
  const found = bytes.length <= 40 ? known.find((each) => each === name) : undefined;
  if (found === undefined) throw malformed(`its ${what} is ${JSON.stringify(name)} and none of ${known.join(", ")}`);
  return found;
}

function malformed(what: string, cause?: unknown): SettlementError {
  return new SettlementError(
    "SSH_SIGNATURE_MALFORMED",
    `the SSH signature is malformed: ${what}; make it with ssh-keygen -Y sign or with git and gpg.format=ssh`,
    { cause },
  );
}
