import { SettlementError } from "../core/error.ts";
import { type Month, parseMonth } from "../core/month.ts";
import { indexFiles } from "../core/event-index.ts";
import { parseTilePath } from "../core/tiles.ts";

const fixedNames = [
  "manifest.json",
  "evidence.json",
  "nodes.json",
  "checkpoint",
  "ledger-checkpoint",
  "receipt.json",
  "xpop.json",
  ...Object.values(indexFiles),
];

/**
 * Path of an archived file below the ledger folder.
 *
 * @throws SettlementError `MONTH_MALFORMED`, `ARCHIVE_NAME_MALFORMED`, `TILE_PATH_MALFORMED`
 */
export function archivePath(month: Month, name: string): string {
  if (/^(ledger-)?tile\//.test(name)) parseTilePath(name.replace("ledger-", ""));
  else if (!fixedNames.includes(name)) {
    throw new SettlementError(
      "ARCHIVE_NAME_MALFORMED",
      `${JSON.stringify(name.slice(0, 60))} is no file of a closed month; those are ${fixedNames.join(", ")} and tile/…`,
    );
  }
  return `anchors/${parseMonth(month)}/${name}`;
}

export function archiveConflict(path: string): SettlementError {
  return new SettlementError(
    "ARCHIVE_CONFLICT",
    `${path} is written already and holds other bytes; what is published of a closed month never changes`,
  );
}

export function alreadyClosed(month: Month): SettlementError {
  return new SettlementError(
    "PARTITION_ALREADY_CLOSED",
    `${month} is closed: anchors/${month}/manifest.json is there, and a closed month never changes`,
  );
}
