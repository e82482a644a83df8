import { join } from "node:path";
import { Wallet } from "xrpl";
import { commandSigner } from "./adapters/command-signer.ts";
import { type AnchorSigner, seedSigner } from "./adapters/xrpl-signer.ts";
import { localSecret, readSecret, requireOne } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";

/**
 * The XRPL seed of the configuration; a local network without one gets its own in the data folder.
 *
 * @throws SettlementError `CONFIG_INVALID`, `STATE_UNAVAILABLE`
 */
export function anchorSeed(config: Config): string {
  requireOne(config.seed, config.seedFile, "SETTLEMENT_SEED", "--seed-file");
  if (config.seed !== undefined) return config.seed;
  if (config.seedFile !== undefined) return readSecret(config.seedFile, "XRPL seed", "--seed-file");
  if (config.network === "local") {
    return localSecret(
      join(config.data, "local-account.seed"),
      "seed of the local account",
      () => `${Wallet.generate().seed ?? ""}\n`,
    );
  }
  throw new SettlementError(
    "CONFIG_INVALID",
    `anchoring on ${config.network} needs an account: give --seed-file, or SETTLEMENT_SEED`,
  );
}

/**
 * Who signs anchors: the key of a seed, or another program that holds the key.
 *
 * @throws SettlementError `CONFIG_INVALID`, `SEED_MALFORMED`, `STATE_UNAVAILABLE`
 */
export function anchorSigner(config: Config): AnchorSigner {
  const { signerCommand, signerKey, account } = config;
  if (signerCommand === undefined && signerKey === undefined) return seedSigner(anchorSeed(config), account);
  if (signerCommand === undefined || signerKey === undefined)
    throw new SettlementError("CONFIG_INVALID", "--signer-command and --signer-key go together; give both or neither");
  if (config.seed !== undefined || config.seedFile !== undefined)
    throw new SettlementError(
      "CONFIG_INVALID",
      "both a seed and --signer-command are given; keep the one that is meant",
    );
  return commandSigner({ command: signerCommand, publicKey: signerKey, ...(account === undefined ? {} : { account }) });
}

/** The account that anchors by the configuration; undefined where neither account nor key is given. */
export function anchorAccount(config: Config): string | undefined {
  if (config.account !== undefined) return config.account;
  if (config.signerCommand !== undefined) return anchorSigner(config).account;
  const isKnown = config.seed !== undefined || config.seedFile !== undefined || config.network === "local";
  return isKnown ? seedSigner(anchorSeed(config)).account : undefined;
}
