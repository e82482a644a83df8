import { SettlementError } from "../core/error.ts";
import { parseEvidence } from "../core/evidence.ts";
import { parseJson } from "../core/json.ts";
import { parseManifest } from "../core/manifest.ts";
import type { Month } from "../core/month.ts";
import { parseReceipt, type Receipt } from "../core/receipt.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { Archive } from "../ports.ts";

/**
 * What was published of a closed month.
 *
 * @throws SettlementError `PARTITION_NOT_CLOSED`, and the codes of the files when they are not well formed
 */
export async function readClosed(
  archive: Archive,
  month: Month,
): Promise<ClosedClaim & { readonly receipt?: Receipt }> {
  const [manifest, evidence, receipt] = await Promise.all(
    ["manifest.json", "evidence.json", "receipt.json"].map((name) => archive.read(month, name)),
  );
  if (!manifest || !evidence) {
    throw new SettlementError(
      "PARTITION_NOT_CLOSED",
      `${month} is not closed yet; close it with: settlement close ${month}`,
    );
  }
  const closed = { manifest: parseManifest(parseJson(manifest)), evidence: parseEvidence(parseJson(evidence)) };
  return receipt ? { ...closed, receipt: parseReceipt(parseJson(receipt)) } : closed;
}
