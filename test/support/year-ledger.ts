import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Month, monthOf, monthsBetween } from "../../src/core/month.ts";
import { nativeEvent, nodeJson, partition, releasePayload } from "./build-ledger.ts";

/** The twelve months before this one. */
export const yearMonths: readonly Month[] = monthsBetween("1970-01", monthOf(Date.now())).slice(-13, -1);

/** Writes a ledger of {@link yearMonths}, a few releases each, into a folder. `mark` makes its events, and so its roots, its own. */
export function writeYearLedger(folder: string, mark: string): void {
  const node = `year/${mark}`;
  const files: [string, string][] = [[`nodes/${node}/node.json`, JSON.stringify(nodeJson(node, "compute"), null, 2)]];
  for (const [at, month] of yearMonths.entries()) {
    const events = Array.from({ length: 1 + (at % 4) }, (_, number) =>
      nativeEvent("ReleasePublished", node, `${month}-1${number}T12:00:00Z`, releasePayload(node, `${at}.${number}.0`)),
    );
    files.push([`${month}.json`, partition(events)]);
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
