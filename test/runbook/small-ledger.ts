import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nativeEvent, nodeJson, partition, releasePayload } from "../support/build-ledger.ts";

const node = "runbook/small";

/** The file of a month with two releases, the same whenever it is made. */
function monthText(month: string): string {
  const [year, number] = month.split("-").map(Number);
  const events = [1, 2].map((day) =>
    nativeEvent(
      "ReleasePublished",
      node,
      `${month}-0${day}T12:00:00Z`,
      releasePayload(node, `${year}.${number}.${day}`),
    ),
  );
  return partition(events);
}

/** Adds months to a ledger folder, and the node whose events they hold. */
export function writeMonths(ledger: string, months: readonly string[]): void {
  mkdirSync(join(ledger, "nodes", node), { recursive: true });
  writeFileSync(join(ledger, "nodes", node, "node.json"), JSON.stringify(nodeJson(node, "compute"), null, 2));
  for (const month of months) writeFileSync(join(ledger, `${month}.json`), monthText(month));
}
