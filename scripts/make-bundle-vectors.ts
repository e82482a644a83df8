// Writes test/vectors/bundles.json: proof bundles of ledgers that are settled now, on local networks with validators. Hashes,
// times and signatures are new each time. Run it after a change of the format, and the tests afterwards.
import { writeFileSync } from "node:fs";
import { memoryLedger } from "../src/adapters/memory-ledger.ts";
import { memoryTree } from "../src/adapters/memory-tree.ts";
import { readLedger } from "../src/adapters/read-ledger.ts";
import type { SettlementKey } from "../src/compose-keys.ts";
import { bundleJson } from "../src/core/bundle.ts";
import { publicKeyOf, signEd25519 } from "../src/core/ed25519.ts";
import type { JsonObject } from "../src/core/json.ts";
import { formatVkey, makeVkey } from "../src/core/note.ts";
import { type Trust, trustJson } from "../src/core/trust.ts";
import type { LedgerSnapshot } from "../src/ports.ts";
import { settle, type SettleOptions } from "../test/interop/settled.ts";
import {
  host,
  jsonlFiles,
  monthlyFiles,
  nativeEvent,
  partition,
  releasePayload,
  seedOf,
} from "../test/support/build-ledger.ts";
import { sampleLedger } from "../test/support/sample.ts";

type Verdict = "proven" | "anchored" | "unproven" | "failed";
type Wanted = readonly [month: string, index: number, name: string, expect: Verdict];

interface Made {
  readonly trust: Trust;
  readonly cases: readonly JsonObject[];
}

function keyOf(name: string): SettlementKey {
  const seed = seedOf(name);
  return { publicKey: publicKeyOf(seed), sign: (message) => signEd25519(seed, message) };
}

async function made(options: SettleOptions, wanted: readonly Wanted[]): Promise<Made> {
  const settled = await settle(options);
  const cases: JsonObject[] = [];
  for (const [month, index, name, expect] of wanted) {
    const bundle = bundleJson(await (await settled.prover(month)).prove(index));
    cases.push({ name, expect, bundle });
  }
  await settled.close();
  return { trust: settled.trust, cases };
}

function sample(): Promise<Made> {
  const months = ["2026-08", "2026-09", "2026-10", "2026-11"];
  const validators = { count: 6, seed: "bundles of six", missing: 1 };
  return made(
    { ledger: memoryLedger(sampleLedger()), months, host: "test.example", validators, anchored: 3, proven: 2 },
    [
      ["2026-08", 5, "five of six validators", "proven"],
      ["2026-08", 21, "the last event of the same month", "proven"],
      ["2026-09", 0, "the month after", "proven"],
      ["2026-10", 3, "no XPOP", "anchored"],
      ["2026-11", 1, "no receipt", "unproven"],
    ],
  );
}

function headerChain(): Promise<Made> {
  const validators = { count: 2, seed: "bundles of two" };
  const ledger = memoryLedger(sampleLedger());
  return made({ ledger, months: ["2026-08"], host: "test.example", validators, missed: 2 }, [
    ["2026-08", 11, "chain of headers", "proven"],
  ]);
}

async function jsonl(): Promise<Made> {
  const files = Object.entries(jsonlFiles()).filter(([path]) => path.startsWith("ledger/"));
  const own = Object.fromEntries(files.map(([path, text]) => [path.slice("ledger/".length), text]));
  const ledger = memoryLedger(await readLedger(memoryTree(own)));
  const validators = { count: 1, seed: "bundles of one" };
  return made({ ledger, months: ["2026-01"], host, validators, key: keyOf("settlement") }, [
    ["2026-01", 1, "jsonl dialect", "proven"],
  ]);
}

/** A ledger of one event. */
function lone(): Promise<LedgerSnapshot> {
  const { "2026-02.json": _february, "2026-03.json": _march, ...files } = monthlyFiles();
  const payload = releasePayload("acme/widget", "1.0.0");
  const event = nativeEvent("ReleasePublished", "acme/widget", "2026-01-05T10:00:00Z", payload);
  return readLedger(memoryTree({ ...files, "2026-01.json": partition([event]) }));
}

async function oneEvent(): Promise<Made> {
  const validators = { count: 1, seed: "bundles of one" };
  const ledger = memoryLedger(await lone());
  return made({ ledger, months: ["2026-01"], host, validators, key: keyOf("settlement") }, [
    ["2026-01", 0, "a month of one event", "proven"],
  ]);
}

/** Everything as in the others, and signed by nobody who is pinned. */
async function foreign(): Promise<Made> {
  const key = keyOf("somebody else");
  const own = sampleLedger();
  if (!own.settlement) throw new Error("the sample has a name");
  const vkey = formatVkey(makeVkey("test.example/ledger", key.publicKey));
  const ledger = memoryLedger({ ...own, settlement: { ...own.settlement, key: vkey } });
  const validators = { count: 2, seed: "validators of somebody else" };
  const { cases } = await made({ ledger, months: ["2026-08"], host: "test.example", validators, key }, [
    ["2026-08", 5, "the first one's event, settled and proven by somebody else", "failed"],
  ]);
  return { trust: { publishers: [], accounts: [], logs: [] }, cases };
}

const all = [await sample(), await headerChain(), await jsonl(), await oneEvent(), await foreign()];
const trusts = all.map(({ trust }) => trust);
const publishers = Map.groupBy(
  trusts.flatMap((trust) => trust.publishers),
  ({ publicKey }) => publicKey,
);
const logs = Map.groupBy(
  trusts.flatMap((trust) => trust.logs),
  formatVkey,
);
const trust: Trust = {
  publishers: Array.from(publishers.values(), ([first]) => first).filter((pin) => pin !== undefined),
  accounts: trusts.flatMap(({ accounts }) => accounts).slice(0, 1),
  logs: Array.from(logs.values(), ([first]) => first).filter((vkey) => vkey !== undefined),
};
const vectors = {
  comment:
    "Proof bundles of ledgers that local networks witnessed. One trust file for all; `expect` is the verdict on the bundle as it stands.",
  trust: trustJson(trust),
  cases: all.flatMap(({ cases }) => cases),
};
const path = new URL("../test/vectors/bundles.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(vectors, null, 1)}\n`);
