import { toHex } from "../core/bytes.ts";
import { signCheckpoint } from "../core/checkpoint.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { rootOfSize } from "../core/merkle-proof.ts";
import type { NoteSigner } from "../core/note.ts";
import type { SignedHeads } from "../ports.ts";
import type { GrowingLog } from "./accept-log.ts";

export interface SignHeadDeps {
  readonly heads: SignedHeads;
  /** The settlement key; it signs under the origin of each log. */
  readonly key: Omit<NoteSigner, "name">;
  readonly sha256: Sha256;
}

/** What was said of a log at one size. */
export interface SignedHead {
  readonly origin: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  /** Signed note. */
  readonly checkpoint: string;
}

/**
 * Signs a log as it is now, once its head is remembered.
 *
 * @throws SettlementError `HEAD_CONFLICT`, `STATE_UNAVAILABLE`
 */
export async function signHead(log: GrowingLog, { heads, key }: SignHeadDeps): Promise<SignedHead> {
  const { origin, size } = log;
  const root = log.root();
  await heads.record(origin, size, toHex(root));
  return { origin, size, root: toHex(root), checkpoint: signCheckpoint({ origin, size, root }, key) };
}

/**
 * The heads that were signed of a log, when the log goes on where the last of them ended.
 *
 * @throws SettlementError `HEAD_CONFLICT` when the ledger was cut back or altered since
 */
export function requireContinued(
  log: GrowingLog,
  signed: Awaited<ReturnType<SignedHeads["list"]>>,
  sha256: Sha256,
): void {
  const last = signed.at(-1);
  if (!last) return;
  const root = last.size > log.size ? undefined : toHex(rootOfSize(last.size, log.hashes, sha256));
  if (root === last.root) return;
  throw new SettlementError(
    "HEAD_CONFLICT",
    root === undefined
      ? `this node signed ${log.origin} at size ${last.size}, and the ledger gives it no more than ${log.size} events; ` +
          "nothing was signed. Events are missing: restore them, from version control or from a copy"
      : `this node signed ${log.origin} at size ${last.size} with root ${last.root}, now the ledger gives ${root}; ` +
          "nothing was signed. The ledger was altered: restore it, from version control or from a copy",
  );
}
