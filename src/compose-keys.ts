import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf } from "./adapters/file-system.ts";
import { nodeSign } from "./adapters/node-crypto.ts";
import type { Config } from "./config.ts";
import { publicKeyOf } from "./core/ed25519.ts";
import { SettlementError } from "./core/error.ts";
import type { NoteSigner } from "./core/note.ts";
import { parsePrivateKeyPem, privateKeyPem } from "./core/public-key.ts";

/** The settlement key; it signs under the origin of each log. */
export type SettlementKey = Omit<NoteSigner, "name">;

/** The path is not shown: a secret that was given in its place would be. @throws SettlementError `CONFIG_INVALID` */
export function readSecret(path: string, what: string, setting: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new SettlementError(
      "CONFIG_INVALID",
      `the ${what} cannot be read (${errnoOf(cause)}); check the file that ${setting} names and its permissions`,
      { cause },
    );
  }
}

/** A secret this node makes for its local network alone: read if it is there, written once with mode 0600 if not. */
export function localSecret(path: string, what: string, make: () => string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, make(), { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST" || !existsSync(path)) {
      throw new SettlementError(
        "STATE_UNAVAILABLE",
        `the ${what} cannot be written to the data folder (${errnoOf(cause)}); check the path of --data and its permissions`,
        { cause },
      );
    }
  }
  return readSecret(path, what, "--data");
}

/** Two secrets for one purpose: nothing is done with the one that was not meant. @throws SettlementError `CONFIG_INVALID` */
export function requireOne(secret: string | undefined, file: string | undefined, variable: string, flag: string): void {
  if (secret === undefined || file === undefined) return;
  throw new SettlementError("CONFIG_INVALID", `both ${variable} and ${flag} are given; keep the one that is meant`);
}

/**
 * The settlement key of the configuration; a local network without one gets its own in the data folder.
 *
 * @throws SettlementError `CONFIG_INVALID`, `PRIVATE_KEY_MALFORMED`, `PRIVATE_KEY_NOT_ED25519`, `STATE_UNAVAILABLE`
 */
export function settlementKey(config: Config): SettlementKey {
  requireOne(config.key, config.keyFile, "SETTLEMENT_KEY", "--key-file");
  const file = config.keyFile;
  let pem = config.key ?? (file === undefined ? undefined : readSecret(file, "settlement key", "--key-file"));
  if (pem === undefined && config.network === "local") {
    pem = localSecret(join(config.data, "settlement-key.pem"), "settlement key", () => privateKeyPem(randomBytes(32)));
  }
  if (pem === undefined) {
    throw new SettlementError(
      "CONFIG_INVALID",
      `anchoring on ${config.network} needs a settlement key: give --key-file, or SETTLEMENT_KEY`,
    );
  }
  return { publicKey: publicKeyOf(parsePrivateKeyPem(pem)), sign: nodeSign(pem) };
}

/** What the validators of this node's local network are made from: the same ones after each start. @throws SettlementError `STATE_UNAVAILABLE` */
export function localValidatorSeed({ data }: Config): string {
  return localSecret(
    join(data, "local-validators.seed"),
    "seed of the local validators",
    () => `${randomBytes(16).toString("hex")}\n`,
  );
}
