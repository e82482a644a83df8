import { concatBytes, fromBase64, toBase64 } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { sha256 } from "./hash.ts";
import { usablePublicKey } from "./public-key.ts";
import { sshString, sshStrings, sshText } from "./ssh-wire.ts";

/** Name of the algorithm, RFC 8709 §4. */
export const sshEd25519 = "ssh-ed25519";

/** Bytes of {@link sshKeyBlob}; its base64 needs no padding. */
const blobBytes = 51;

/** Longest line that is read. */
const maxLineLength = 300;

const advice = `write it as one line: ${sshEd25519} AAAA… and perhaps a comment, as a .pub file has it`;

const comment = /^[!-~](?:[ -~]{0,98}[!-~])?$/;

/** Can this be the comment of a key: 1 to 100 printable ASCII characters, no space at the ends? */
export function isSshComment(text: string): boolean {
  return comment.test(text);
}

/** An OpenSSH public key line, read. */
export interface SshPublicKey {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Says nothing that anybody signed; empty where there is none. */
  readonly comment: string;
}

/** Public key in the encoding of RFC 4253 §6.6 and RFC 8709 §4: the name of the algorithm and the 32 bytes of the key. */
export function sshKeyBlob(publicKey: Uint8Array): Uint8Array {
  return concatBytes(sshString(sshEd25519), sshString(publicKey));
}

/**
 * Ed25519 public key, 32 bytes, of {@link sshKeyBlob}.
 *
 * @throws SettlementError `PUBLIC_KEY_MALFORMED`, `PUBLIC_KEY_NOT_ED25519`, `PUBLIC_KEY_SMALL_ORDER`
 */
export function parseSshKeyBlob(blob: Uint8Array): Uint8Array {
  const [algorithm, key, ...rest] = sshStrings(blob) ?? [];
  if (algorithm && sshText(algorithm) !== sshEd25519) throw foreign(sshText(algorithm));
  if (!key || rest.length > 0 || blob.length !== blobBytes) {
    throw malformed(`its ${blob.length} bytes are not the ${blobBytes} of an Ed25519 key`);
  }
  return usablePublicKey(key.slice(), advice);
}

/**
 * An OpenSSH public key line, as in a `.pub` file, without the line feed.
 *
 * @param comment - nothing where it is empty
 * @throws RangeError for a comment that is none
 */
export function sshPublicKeyLine(publicKey: Uint8Array, comment = ""): string {
  if (comment !== "" && !isSshComment(comment))
    throw new RangeError("the comment is not 1 to 100 printable characters");
  return `${sshEd25519} ${toBase64(sshKeyBlob(publicKey))}${comment === "" ? "" : ` ${comment}`}`;
}

/**
 * Reads an OpenSSH public key line with one space between its parts, without options before it and a line feed after it.
 *
 * @throws SettlementError `PUBLIC_KEY_MALFORMED`, `PUBLIC_KEY_NOT_ED25519`, `PUBLIC_KEY_SMALL_ORDER`
 */
export function parseSshPublicKey(line: string): SshPublicKey {
  if (line.length > maxLineLength)
    throw malformed(`it has ${line.length} characters, at most ${maxLineLength} are read`);
  const [, algorithm = "", encoded = "", rest] = /^([a-z0-9@.-]{1,60}) ([A-Za-z0-9+/=]+)(?: (.*))?$/s.exec(line) ?? [];
  if (algorithm === "") throw malformed("it is not the name of an algorithm, a space and base64");
  if (algorithm !== sshEd25519) throw foreign(algorithm);
  if (rest !== undefined && !isSshComment(rest)) {
    throw malformed("its comment is not 1 to 100 printable ASCII characters without spaces at the ends");
  }
  return { publicKey: parseSshKeyBlob(decoded(encoded)), comment: rest ?? "" };
}

/** `SHA256:…`, as ssh-keygen -l and forges show a key. */
export function sshFingerprint(publicKey: Uint8Array): string {
  return `SHA256:${toBase64(sha256(sshKeyBlob(publicKey))).replace(/=+$/, "")}`;
}

function decoded(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (cause) {
    throw malformed("its base64 is not canonical", cause);
  }
}

function foreign(algorithm: string): SettlementError {
  return new SettlementError(
    "PUBLIC_KEY_NOT_ED25519",
    `the OpenSSH public key is of the algorithm ${algorithm.slice(0, 60)}; use an Ed25519 key: ssh-keygen -t ed25519`,
  );
}

function malformed(what: string, cause?: unknown): SettlementError {
  return new SettlementError("PUBLIC_KEY_MALFORMED", `the OpenSSH public key is malformed: ${what}; ${advice}`, {
    cause,
  });
}
