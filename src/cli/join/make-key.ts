import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { basename, resolve } from "node:path";
import { refuseTrackedPath, type SecretFile, writeSecrets } from "../../adapters/secret-file.ts";
import type { Config } from "../../config.ts";
import { toHex } from "../../core/bytes.ts";
import { publicKeyOf } from "../../core/ed25519.ts";
import { SettlementError } from "../../core/error.ts";
import { identitiesOf } from "../../core/identity.ts";
import type { MaintainerBlock } from "../../core/make-node.ts";
import { opensshPrivateKey } from "../../core/openssh-key.ts";
import { privateKeyPem } from "../../core/public-key.ts";

export const secondKey =
  "make a second key in another place, kept offline, and list it too: a node whose one key is lost or stolen can neither sign nor name another.";

type KeyNames = Pick<Config, "name" | "comment">;

/** A key that was made, and where its private half is. */
export interface MadeKey {
  readonly files: readonly string[];
  readonly publicKey: Uint8Array;
  readonly maintainer: MaintainerBlock;
}

/** A key id in the grammar of node.json: the name in lower case, and the start of the key. */
function keyIdOf(name: string, publicKey: Uint8Array): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${slug === "" ? "key" : slug.slice(0, 80)}-${toHex(publicKey.subarray(0, 4))}`;
}

/**
 * The item of `maintainers` for a public key.
 *
 * @param fallback - name of a key without `--name` and `--comment`
 */
export function maintainerOf(publicKey: Uint8Array, names: KeyNames, fallback: string): MaintainerBlock {
  const comment = names.comment ?? "";
  const name = names.name ?? (comment === "" ? fallback : comment).slice(0, 80);
  const contact = comment === "" ? {} : { contact: comment };
  return { name, keyId: keyIdOf(name, publicKey), publicKey: identitiesOf(publicKey).pem, ...contact };
}

/** Name of a key by that of its file. */
function nameOfFile(path: string): string {
  return basename(path)
    .replace(/\.[a-z]+$/i, "")
    .slice(0, 80);
}

/**
 * Makes an Ed25519 key, its private half in new files of mode 0600 where git keeps nothing.
 *
 * @throws SettlementError `CONFIG_INVALID`, `SECRET_NEAR_GIT`, `OUTPUT_UNWRITABLE`
 */
export async function makeKey(out: string, sshOut: string | undefined, names: KeyNames): Promise<MadeKey> {
  const paths = sshOut === undefined ? [out] : [out, sshOut];
  if (new Set(paths.map((path) => resolve(path))).size < paths.length) {
    throw new SettlementError("CONFIG_INVALID", "--out and --ssh-out name one file; give two");
  }
  for (const path of paths) await refuseTrackedPath(path);
  const seed = new Uint8Array(randomBytes(32));
  const files: SecretFile[] = [{ path: out, text: privateKeyPem(seed) }];
  if (sshOut !== undefined) {
    files.push({ path: sshOut, text: opensshPrivateKey(seed, randomBytes(4), names.comment ?? "") });
  }
  writeSecrets(files);
  const publicKey = publicKeyOf(seed);
  return { files: paths, publicKey, maintainer: maintainerOf(publicKey, names, nameOfFile(out)) };
}

/** Takes a key back that nothing names: what was to name it could not be written. */
export function discardKey({ files }: MadeKey): void {
  for (const path of files) rmSync(path, { force: true });
}
