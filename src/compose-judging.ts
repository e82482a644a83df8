import { readFileSync } from "node:fs";
import { nodeDigest, nodeSha256, nodeVerify } from "./adapters/node-crypto.ts";
import { nodeMonthLogs, nodeTreeHashing } from "./adapters/node-tree.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import { parseJson } from "./core/json.ts";
import { placed } from "./core/placed.ts";
import { defaultTrust, parseTrust, type Trust } from "./core/trust.ts";

/** Verification and hashing by Node's own OpenSSL. */
export const fast = {
  verify: nodeVerify,
  sha256: nodeSha256,
  newDigest: nodeDigest,
  newLogs: nodeMonthLogs,
  hashing: nodeTreeHashing,
} as const;

function readGiven(path: string, flag: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SettlementError("CONFIG_INVALID", `${flag} ${path} cannot be read; name a file`, { cause });
  }
}

/** The file of `--policy`, where it is given. @throws SettlementError `CONFIG_INVALID` */
export function policyBytes({ policy }: Config): Uint8Array | undefined {
  return policy === undefined ? undefined : readGiven(policy, "--policy");
}

const maxTrustBytes = 1_000_000;

/** What the configuration pins. @throws SettlementError `CONFIG_INVALID`, `TRUST_MALFORMED` */
export function configuredTrust({ trust }: Config): Trust {
  if (trust === undefined) return defaultTrust;
  const bytes = readGiven(trust, "--trust");
  return placed(`--trust ${trust}`, () => parseTrust(parseJson(bytes, { maxBytes: maxTrustBytes })));
}
