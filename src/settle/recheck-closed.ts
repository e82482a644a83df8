import { canonicalJson } from "../core/canonical-json.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import type { NoteSigner } from "../core/note.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import { type LedgerSource, readLedgerView } from "./ledger-view.ts";
import { claimOf, hashPartition, requireSettlement } from "./partition-claim.ts";
import { readClosedNodes } from "./read-closed.ts";

export interface RecheckDeps extends LedgerSource {
  /** The settlement key of this node. */
  readonly key: Pick<NoteSigner, "publicKey">;
  readonly sha256: Sha256;
}

/**
 * Computes again what was published of a closed month, from the ledger alone. What is signed for it afterwards cannot be
 * taken back, so a folder that was altered since the close must not get that far.
 *
 * @throws SettlementError `LEDGER_REFUTED`, and those of {@link requireSettlement}
 */
export async function recheckClosed(
  month: Month,
  network: NetworkName,
  { manifest, evidence }: ClosedClaim,
  { ledger, archive, key, sha256 }: RecheckDeps,
): Promise<void> {
  const view = await readLedgerView({ ledger, archive });
  const settlement = requireSettlement(view, network, key);
  const partition = view.byMonth.get(month);
  const nodes = await readClosedNodes(archive, month);
  const computed =
    partition && claimOf(view, partition, { settlement, nodes, trees: hashPartition(view, partition, sha256) }, sha256);
  if (canonicalJson({ ...manifest }) !== canonicalJson({ ...computed?.manifest })) refuse(month, "manifest.json");
  if (canonicalJson({ ...evidence }) !== canonicalJson({ ...computed?.evidence })) refuse(month, "evidence.json");
}

function refuse(month: Month, name: string): never {
  throw new SettlementError(
    "LEDGER_REFUTED",
    `anchors/${month}/${name} is not what the ledger gives when ${month} is computed again: one of the two was altered after the close, so nothing is signed for it; settlement validate says what`,
  );
}
