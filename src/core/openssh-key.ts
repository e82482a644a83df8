import { concatBytes, toBase64, uintBytes, utf8 } from "./bytes.ts";
import { publicKeyOf } from "./ed25519.ts";
import { sshEd25519, sshKeyBlob } from "./identity-ssh.ts";
import { sshString } from "./ssh-wire.ts";

/** Padding fills a block of this size, as the cipher `none` wants it. */
const blockBytes = 8;

const lineLength = 70;

/**
 * An Ed25519 private key in OpenSSH's own format (OpenSSH's PROTOCOL.key), not encrypted, with a line feed at the end.
 *
 * @param seed - the private key, 32 bytes
 * @param checkBytes - any 4 bytes; where a key is encrypted they tell a wrong passphrase
 * @param comment - kept with the key
 */
export function opensshPrivateKey(seed: Uint8Array, checkBytes: Uint8Array, comment = ""): string {
  if (seed.length !== 32 || checkBytes.length !== 4) throw new RangeError("a seed has 32 bytes, the check 4");
  const publicKey = publicKeyOf(seed);
  const secret = [sshEd25519, publicKey, concatBytes(seed, publicKey), comment].map(sshString);
  const unpadded = concatBytes(checkBytes, checkBytes, ...secret);
  const padding = Uint8Array.from({ length: -unpadded.length & (blockBytes - 1) }, (_, at) => at + 1);
  const bytes = concatBytes(
    utf8("openssh-key-v1\0"),
    ...["none", "none", ""].map(sshString),
    uintBytes(1, 4),
    sshString(sshKeyBlob(publicKey)),
    sshString(concatBytes(unpadded, padding)),
  );
  const lines = toBase64(bytes).match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}
