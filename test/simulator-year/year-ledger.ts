import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseLedgerEvent } from "../../src/core/ledger-event.ts";
import type { Month } from "../../src/core/month.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { Ledger } from "../../src/ports.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { network, settlementKey } from "../simulator/months.ts";
import { nativeEvent, nodeJson, partition, releasePayload } from "../support/build-ledger.ts";

const host = "year.example";
export const yearOrigin = `${host}/ledger`;
const nodes = ["acme/widget", "acme/gadget", "tide/pool"] as const;

/** A ledger that grows: a release now and then, appended to the month's file. */
export interface YearLedger {
  readonly ledger: Ledger;
  /** Appends a release. @param isBad - signed by a key that is not its node's */
  release(atUnixMs: number, isBad: boolean): void;
  /** Takes the events out of a month that were signed by a wrong key, as a human would. */
  repair(month: Month): void;
  /** Every rule of the ledger, by the real validator; the faults as texts. */
  judge(nowUnixMs: number): Promise<readonly string[]>;
}

export function yearLedger(): YearLedger {
  const files = new Map<Month, JsonObject[]>();
  const bad = new Set<JsonObject>();
  const key = formatVkey(makeVkey(yearOrigin, settlementKey.publicKey));
  const settlement = { v: 1, host, network, key, accounts: [] } as const;
  const manifests = nodes.map((id) => nodeJson(id, "compute"));
  let releases = 0;
  const ledger: Ledger = {
    ...readsOf(async () => ({
      dialect: "monthly",
      settlement,
      nodes: manifests.map((each) => parseNodeManifest(each)),
      files: new Map(
        Array.from(files, ([month, events]) => [month, events.map((event) => parseLedgerEvent("monthly", event))]),
      ),
    })),
    append: () => Promise.reject(new SettlementError("LEDGER_WRITE_FAILED", "events come from elsewhere")),
  };
  return {
    ledger,
    release(atUnixMs, isBad) {
      const time = `${new Date(atUnixMs).toISOString().slice(0, 19)}Z`;
      const month = time.slice(0, 7);
      const node = nodes[releases % nodes.length] ?? nodes[0];
      const event = nativeEvent(
        "ReleasePublished",
        node,
        time,
        releasePayload(node, `1.${releases}.0`),
        isBad ? "nobody/known" : node,
      );
      releases++;
      if (isBad) bad.add(event);
      files.set(month, [...(files.get(month) ?? []), event]);
    },
    repair: (month) =>
      void files.set(
        month,
        (files.get(month) ?? []).filter((event) => !bad.has(event)),
      ),
    async judge(nowUnixMs) {
      const tree = memoryTree({
        "settlement.json": JSON.stringify(settlement),
        ...Object.fromEntries(nodes.map((id, at) => [`nodes/${id}/node.json`, JSON.stringify(manifests[at])])),
        ...Object.fromEntries(Array.from(files, ([month, events]) => [`${month}.json`, partition(events)])),
      });
      const { findings } = await validateLedger(tree, { nowUnixMs, verify: nodeVerify });
      return findings
        .filter(({ severity }) => severity === "error")
        .map(({ code, file, line, message }) => `${code} ${file}${line === null ? "" : `:${line}`} ${message}`);
    },
  };
}
