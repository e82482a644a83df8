import { toHex } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { openCheckpoint } from "../core/checkpoint.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { makeVkey, type NoteSigner } from "../core/note.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import { monthOrigin } from "../core/settlement-info.ts";
import { ledgerLogBefore } from "./ledger-tiles.ts";
import { type LedgerSource, readLedgerOutline } from "./ledger-view.ts";
import { claimOf, type Hashing, hashMonth, requireSettlement } from "./partition-claim.ts";
import { readClosedNodes, readClosedNote } from "./read-closed.ts";

export interface RecheckDeps extends LedgerSource, Hashing {
  /** The settlement key of this node. */
  readonly key: Pick<NoteSigner, "publicKey">;
  readonly verify: VerifySignature;
}

/**
 * Computes again what was published of a closed month, from the ledger alone. What is signed for it afterwards cannot be
 * taken back, so a folder that was altered since the close must not get that far.
 *
 * @throws SettlementError `LEDGER_REFUTED`, those of {@link openCheckpoint}, and those of {@link requireSettlement}
 */
export async function recheckClosed(
  month: Month,
  network: NetworkName,
  { manifest, evidence }: ClosedClaim,
  { ledger, archive, key, verify, ...hashing }: RecheckDeps,
): Promise<void> {
  const view = await readLedgerOutline({ ledger, archive });
  const settlement = requireSettlement(view, network, key);
  const nodes = await readClosedNodes(archive, month);
  const start = await ledgerLogBefore(view, month, { ledger, archive, key, verify, ...hashing });
  const trees = await hashMonth({ view, month, ledger }, start, hashing);
  const computed = claimOf(view, month, { settlement, nodes, trees }, hashing.sha256);
  if (canonicalJson({ ...manifest }) !== canonicalJson({ ...computed.manifest })) refuse(month, "manifest.json");
  if (canonicalJson({ ...evidence }) !== canonicalJson({ ...computed.evidence })) refuse(month, "evidence.json");
  const pinned = [makeVkey(evidence.o, key.publicKey)];
  const heads = [
    ["checkpoint", monthOrigin(settlement.host, month), manifest.count, manifest.root],
    ["ledger-checkpoint", evidence.o, evidence.s, evidence.l],
  ] as const;
  for (const [name, origin, size, root] of heads) {
    // Only this node's key can have made it: a month that was put there by somebody else ends here.
    const checkpoint = openCheckpoint(await readClosedNote(archive, month, name), pinned, verify);
    if (checkpoint.origin !== origin || checkpoint.size !== size || toHex(checkpoint.root) !== root)
      refuse(month, name);
  }
}

function refuse(month: Month, name: string): never {
  throw new SettlementError(
    "LEDGER_REFUTED",
    `anchors/${month}/${name} is not what the ledger gives when ${month} is computed again: one of the two was altered after the close, so nothing is signed for it; settlement validate says what`,
  );
}
