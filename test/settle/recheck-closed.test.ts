import { expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeDigest, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { makeManifest } from "../../src/core/manifest.ts";
import type { LedgerSnapshot } from "../../src/ports.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import type { LedgerSource } from "../../src/settle/ledger-view.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { recheckClosed } from "../../src/settle/recheck-closed.ts";
import { sampleLedger } from "../support/sample.ts";
import { testCloseDeps, testKey } from "../support/settle.ts";
import { sha256 } from "../../src/core/hash.ts";

const month = "2026-09";
const zeros = "0".repeat(64);

/** Two closed months, then other events or nodes, then one file of the second month changed. */
async function altered(
  ledger: Partial<LedgerSnapshot>,
  name = "",
  change: (value: never) => unknown = (value) => value,
) {
  const closed: LedgerSource = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  for (const each of ["2026-08", month])
    await closePartition(each, "local", testCloseDeps(closed, Date.UTC(2026, 10, 1)));
  const source: LedgerSource = { ...closed, ledger: memoryLedger({ ...sampleLedger(), ...ledger }) };
  if (name === "") return source;
  const { read } = closed.archive;
  const changed = async (at: string, path: string): Promise<Uint8Array | undefined> => {
    const bytes = await read(at, path);
    if (!bytes || at !== month || path !== name) return bytes;
    return utf8(JSON.stringify(change(JSON.parse(fromUtf8(bytes)) as never)));
  };
  return { ...source, archive: { ...closed.archive, read: changed } };
}

async function recheck(source: LedgerSource, key: { readonly publicKey: Uint8Array } = testKey): Promise<void> {
  await recheckClosed(month, "local", await readClosed(source.archive, month), {
    ...source,
    key,
    sha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    verify: nodeVerify,
  });
}

const { files, nodes, settlement } = sampleLedger();
const events = files.get(month) ?? [];
const withMonth = (changed: typeof events): Partial<LedgerSnapshot> => ({
  files: new Map([...files, [month, changed]]),
});

test("what was closed and left alone comes out the same, whatever happens around it", async () => {
  await expect(recheck(await altered({}))).resolves.toBeUndefined();
  const later = new Map([...files].filter(([name]) => name <= month));
  await expect(recheck(await altered({ files: later, nodes: nodes.slice(1) }))).resolves.toBeUndefined();
});

test.each<[name: string, ledger: Partial<LedgerSnapshot>]>([
  ["an event removed", withMonth(events.slice(0, -1))],
  ["an event twice", withMonth([...events, ...events.slice(-1)])],
  ["two events swapped", withMonth([...events.slice(0, 3), ...events.slice(3, 5).toReversed(), ...events.slice(5)])],
  ["a signature exchanged", withMonth(events.map((each) => ({ ...each, json: { ...each.json, signature: "" } })))],
])("%s is found", async (_, ledger) => {
  await expect(recheck(await altered(ledger))).rejects.toMatchObject({ code: "LEDGER_REFUTED" });
});

test("months before count as this node has signed them, and without their tiles by their events", async () => {
  const shortened = { files: new Map([...files, ["2026-08", files.get("2026-08")?.slice(1) ?? []]]) };
  const source = await altered(shortened);
  await recheck(source);
  const { read } = source.archive;
  const untiled = async (at: string, name: string): ReturnType<typeof read> =>
    name.startsWith("ledger-tile/") ? undefined : read(at, name);
  await recheck({ ...(await altered({})), archive: { ...source.archive, read: untiled } });
  await expect(recheck({ ...source, archive: { ...source.archive, read: untiled } })).rejects.toMatchObject({
    code: "LEDGER_REFUTED",
  });
});

test.each([
  ["root", zeros],
  ["prev", zeros],
  ["prev", null],
  ["count", 7],
  ["range", [zeros, zeros]],
  ["network", "mainnet"],
  ["partitionId", "2026-08"],
])("a manifest with another %s is found", async (member, value) => {
  const source = await altered({}, "manifest.json", (manifest: Parameters<typeof makeManifest>[0]) =>
    makeManifest({ ...manifest, [member]: value }),
  );
  await expect(recheck(source)).rejects.toMatchObject({ code: "LEDGER_REFUTED" });
});

test.each([
  ["p", "2026-08"],
  ["d", zeros],
  ["k", zeros],
  ["o", "other.example/ledger"],
  ["s", 7],
  ["l", zeros],
])("evidence with another %s is found", async (member, value) => {
  const source = await altered({}, "evidence.json", (evidence: object) => ({ ...evidence, [member]: value }));
  await expect(recheck(source)).rejects.toMatchObject({ code: "LEDGER_REFUTED" });
});

test("other nodes than at the close are found", async () => {
  const source = await altered({}, "nodes.json", (list: readonly object[]) => list.slice(1));
  await expect(recheck(source)).rejects.toMatchObject({ code: "LEDGER_REFUTED" });
});

test.each<[code: string, ledger: Partial<LedgerSnapshot>]>([
  ["SETTLEMENT_INFO_MISSING", { settlement: undefined }],
  ["CHAIN_WRONG_NETWORK", settlement ? { settlement: { ...settlement, network: "testnet" } } : {}],
  ["SETTLEMENT_KEY_MISMATCH", settlement ? { settlement: { ...settlement, host: "other.example" } } : {}],
])("%s", async (code, ledger) => {
  await expect(recheck(await altered(ledger))).rejects.toMatchObject({ code });
});
