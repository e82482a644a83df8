import { nodeSign } from "../../adapters/node-crypto.ts";
import { readSecret, requireOne } from "../../compose-keys.ts";
import type { Config } from "../../config.ts";
import { publicKeyOf, type SignMessage } from "../../core/ed25519.ts";
import { SettlementError } from "../../core/error.ts";
import { parsePrivateKeyPem } from "../../core/public-key.ts";

/** The key of whoever signs an event. */
export interface SigningKey {
  readonly publicKey: Uint8Array;
  readonly sign: SignMessage;
}

/** The key of `--key-file` or `SETTLEMENT_KEY`; undefined where none is given. @throws SettlementError `CONFIG_INVALID`, `PRIVATE_KEY_MALFORMED`, `PRIVATE_KEY_NOT_ED25519` */
export function givenKey({ key, keyFile }: Config): SigningKey | undefined {
  requireOne(key, keyFile, "SETTLEMENT_KEY", "--key-file");
  // A variable may hold the text as a secret store gives it, without the line feed at its end or with several.
  const pem = key?.trim() ?? (keyFile === undefined ? undefined : readSecret(keyFile, "signing key", "--key-file"));
  return pem === undefined ? undefined : { publicKey: publicKeyOf(parsePrivateKeyPem(pem)), sign: nodeSign(pem) };
}

/** The same, where it cannot be done without. */
export function signingKey(config: Config): SigningKey {
  const key = givenKey(config);
  if (key) return key;
  throw new SettlementError(
    "CONFIG_INVALID",
    "signing needs the maintainer's key: name its file with --key-file, or put it into SETTLEMENT_KEY",
  );
}
