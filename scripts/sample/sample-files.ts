import type { NativeEvent } from "../../src/core/event.ts";
import { formatPartition } from "../../src/core/partition-file.ts";
import { august } from "./august.ts";
import { openChronicle } from "./chronicle.ts";
import { nodeJson, sampleNodes } from "./nodes.ts";
import { november } from "./november.ts";
import { october } from "./october.ts";
import { september } from "./september.ts";

function line({ id, type, nodeId, timestamp, payload, signature }: NativeEvent): string {
  return JSON.stringify({ id, type, nodeId, timestamp, payload, signature });
}

/** Path and text of every file of the sample ledger, the same at each call. */
export function sampleFiles(): ReadonlyMap<string, string> {
  const chronicle = openChronicle();
  for (const tell of [august, september, october, november]) tell(chronicle);
  const months = Map.groupBy(chronicle.events(), ({ timestamp }) => timestamp.slice(0, 7));
  return new Map([
    ...Array.from(months, ([month, events]) => [`${month}.json`, formatPartition("array", events.map(line))] as const),
    ...sampleNodes.map(
      (node) => [`nodes/${node.id}/node.json`, `${JSON.stringify(nodeJson(node), null, 2)}\n`] as const,
    ),
  ]);
}
