import { closeSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../adapters/file-system.ts";
import { fromUtf8 } from "../../core/bytes.ts";
import { publicKeyOf } from "../../core/ed25519.ts";
import { SettlementError } from "../../core/error.ts";
import { type Identities, identitiesOf, parsePublicKey, publicKeyForm } from "../../core/identity.ts";
import { parseSshPublicKey } from "../../core/identity-ssh.ts";
import { placed } from "../../core/placed.ts";
import { parsePrivateKeyPem } from "../../core/public-key.ts";
import type { CommandSpec } from "../command.ts";
import { accountWarning, identitiesText } from "../identity-text.ts";

/** A file of one key is far smaller. */
const maxFileBytes = 16_384;

/** The start of a file, and one byte more than is allowed where it is longer. */
function readStart(path: string): Uint8Array {
  const file = path === "-" ? 0 : openSync(path, "r");
  try {
    const bytes = new Uint8Array(maxFileBytes + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.slice(0, length);
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/** What was given is not shown: a secret may have been given in its place. */
function readKeyFile(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readStart(path);
  } catch (cause) {
    throw new SettlementError(
      "USAGE_INVALID",
      `what is given is neither a public key (PEM, OpenSSH line, did:key) nor a file that can be read (${errnoOf(cause)}); name one, or - for standard input`,
      { cause },
    );
  }
  if (bytes.length > maxFileBytes) {
    throw new SettlementError(
      "PUBLIC_KEY_MALFORMED",
      `the file has more than ${maxFileBytes} bytes; name that of one key`,
    );
  }
  return placed("the file", () => fromUtf8(bytes));
}

/**
 * The names of a key given as a text or as the file of a public or private key; of a private key nothing is shown.
 *
 * @throws SettlementError as {@link parsePublicKey} and `parsePrivateKeyPem`, and `USAGE_INVALID`
 */
export function identitiesGiven(argument: string): Identities {
  return identitiesIn(given(argument));
}

function identitiesIn(text: string): Identities {
  if (text.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----")) {
    throw new SettlementError(
      "PRIVATE_KEY_MALFORMED",
      "the private key is in OpenSSH's own format, which is not read here; name its .pub file: ssh-keygen -y -f FILE prints it",
    );
  }
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return identitiesOf(publicKeyOf(parsePrivateKeyPem(text)));
  const form = publicKeyForm(text);
  // PEM says itself what may follow it; the others are lines, and a file ends its lines.
  const line = form === "pem" ? text : text.replace(/\r?\n$/, "");
  return identitiesOf(parsePublicKey(line), form === "ssh" ? parseSshPublicKey(line).comment : "");
}

function given(argument: string): string {
  if (argument.includes("PRIVATE KEY")) {
    throw new SettlementError(
      "USAGE_INVALID",
      "a private key stands on the command line, where every process sees it: name the file it is in, and use another key from now on",
    );
  }
  return publicKeyForm(argument) === undefined ? readKeyFile(argument) : argument;
}

export const identity: CommandSpec = {
  name: "identity",
  usage: "<FILE-OR-KEY>",
  about:
    "Show every name of one Ed25519 key: PEM, OpenSSH line, did:key, Radicle node id and XRPL address. Takes a public key in any form but the address, or a file with one or with a private key in PEM, of which nothing is shown.",
  settings: ["format"],
  examples: [
    "identity maintainer.pem",
    "identity ~/.ssh/id_ed25519.pub --format json",
    "identity did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
  ],
  run({ format, io }, [argument = ""]) {
    const identities = identitiesGiven(argument);
    io.out(
      format === "json"
        ? `${JSON.stringify({ ...identities, warning: accountWarning }, null, 2)}\n`
        : identitiesText(io, identities),
    );
    return Promise.resolve(0);
  },
};
