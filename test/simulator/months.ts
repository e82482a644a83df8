import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeSign } from "../../src/adapters/node-crypto.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { parseLedgerEvent } from "../../src/core/ledger-event.ts";
import type { Month } from "../../src/core/month.ts";
import { localNetworkId } from "../../src/core/network.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { formatVkey, makeVkey, type NoteSigner } from "../../src/core/note.ts";
import { privateKeyPem } from "../../src/core/public-key.ts";
import type { Ledger, LedgerSnapshot } from "../../src/ports.ts";
import { nativeEvent, nodeJson, releasePayload, seedOf } from "../support/build-ledger.ts";

/** A public name, so that nothing holds for it that holds for a network in the process alone. */
export const network = `xrpl-${localNetworkId}`;

/** The last of the months is over. */
export const lastMonthEndMs = Date.UTC(2026, 10, 1);

const host = "simulated.example";
export const origin = `${host}/ledger`;
const seed = seedOf("settlement");

export const settlementKey: Omit<NoteSigner, "name"> = {
  publicKey: publicKeyOf(seed),
  sign: nodeSign(privateKeyPem(seed)),
};

const node = "simulated/tide";

/** Months and how many events each holds: short ledgers, and one with a quiet month. */
const ledgers: readonly (readonly (readonly [Month, number])[])[] = [
  [["2026-10", 3]],
  [
    ["2026-09", 3],
    ["2026-10", 2],
  ],
  [
    ["2026-08", 3],
    ["2026-09", 0],
    ["2026-10", 2],
  ],
];

function snapshotOf(months: readonly (readonly [Month, number])[]): LedgerSnapshot {
  const files = months.map(([month, size]) => {
    const events = Array.from({ length: size }, (_, at) =>
      nativeEvent(
        "ReleasePublished",
        node,
        `${month}-0${at + 1}T12:00:00Z`,
        releasePayload(node, `${month.slice(6)}.${at}.0`),
      ),
    );
    return [month, events.map((event) => parseLedgerEvent("monthly", event))] as const;
  });
  const key = formatVkey(makeVkey(origin, settlementKey.publicKey));
  return {
    dialect: "monthly",
    settlement: { v: 1, host, network, key, accounts: [] },
    nodes: [parseNodeManifest(nodeJson(node, "compute"))],
    files: new Map(files),
  };
}

const made = new Map<number, LedgerSnapshot>();

/** A small ledger of two months or of three. All but the last are long over. */
export function smallLedger(count: number): { readonly ledger: Ledger; readonly months: readonly Month[] } {
  const sizes = ledgers.find(({ length }) => length === count);
  if (!sizes) throw new RangeError(`there is no ledger of ${count} months`);
  const snapshot = made.get(count) ?? snapshotOf(sizes);
  made.set(count, snapshot);
  return { ledger: memoryLedger(snapshot), months: sizes.map(([month]) => month) };
}
