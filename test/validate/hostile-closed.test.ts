import { describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { signCheckpoint } from "../../src/core/checkpoint.ts";
import { idBytes } from "../../src/core/event.ts";
import { sha256 } from "../../src/core/hash.ts";
import { type Manifest, manifestHashOf } from "../../src/core/manifest.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { tileBuilder } from "../../src/core/tile-builder.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Files,
  host,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nativeEvent,
  nodeJson,
  nowUnixMs,
  releasePayload,
  seedOf,
  textIn,
  withEvents,
  withJson,
  withoutFile,
} from "../support/build-ledger.ts";

interface Case {
  readonly name: string;
  readonly alter: (files: Files) => Files;
  readonly code: string;
  readonly file: string;
  /** Codes that come with it. */
  readonly with?: readonly string[];
}

const january = "anchors/2026-01/";
const february = "anchors/2026-02/";

const json =
  (path: string, change: (value: Json) => JsonValue | void) =>
  (files: Files): Files =>
    withJson(files, path, change);

/** A manifest that says something else and hashes rightly. */
const manifest =
  (path: string, change: Partial<Manifest>) =>
  (files: Files): Files =>
    withJson(files, `${path}manifest.json`, (value) => {
      const { manifestHash: _old, ...rest } = { ...(value as unknown as Manifest), ...change };
      return { ...rest, manifestHash: manifestHashOf(rest) };
    });

const evidence = (change: Json): ((files: Files) => Files) =>
  json(`${february}evidence.json`, (value) => ({ ...value, ...change }));

function checkpoint(origin: string, size: number, signer = "settlement"): string {
  const seed = seedOf(signer);
  const key = { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => signEd25519(seed, message) };
  return signCheckpoint({ origin, size, root: sha256(new Uint8Array()) }, key);
}

const late = nativeEvent(
  "ReleasePublished",
  "acme/widget",
  "2026-01-20T10:00:00Z",
  releasePayload("acme/widget", "1.0.1"),
);
const zeros = "00".repeat(32);
const rest = ["MANIFEST_RANGE_MISMATCH", "MANIFEST_ROOT_MISMATCH", "EVIDENCE_MISMATCH", "CHECKPOINT_MISMATCH"];

const monthly: readonly Case[] = [
  {
    name: "an event added",
    alter: (files) => withEvents(files, "2026-01.json", (events) => [...events, late]),
    code: "EVENT_LATE",
    file: "2026-01.json",
  },
  {
    name: "events swapped",
    alter: (files) => withEvents(files, "2026-02.json", (events) => events.toReversed()),
    code: "MANIFEST_ROOT_MISMATCH",
    file: `${february}manifest.json`,
    with: rest,
  },
  {
    name: "the file of the month gone",
    alter: (files) => withoutFile(files, "2026-02.json"),
    code: "MANIFEST_COUNT_MISMATCH",
    file: `${february}manifest.json`,
    with: rest,
  },
  {
    name: "a signature replaced, which no id covers",
    alter: (files) =>
      withEvents(files, "2026-02.json", ([first = {}, ...others]) => [
        { ...first, signature: "A".repeat(86) + "==" },
        ...others,
      ]),
    code: "EVIDENCE_MISMATCH",
    file: `${february}evidence.json`,
    with: ["SIGNATURE_INVALID"],
  },
  {
    name: "a manifest that is no JSON",
    alter: (files) => ({ ...files, [`${february}manifest.json`]: "{" }),
    code: "JSON_MALFORMED",
    file: `${february}manifest.json`,
  },
  {
    name: "a manifest whose hash is wrong",
    alter: json(`${february}manifest.json`, (value) => void (value["count"] = 3)),
    code: "MANIFEST_HASH_MISMATCH",
    file: `${february}manifest.json`,
  },
  {
    name: "a manifest of another month",
    alter: manifest(february, { partitionId: "2026-01" }),
    code: "MANIFEST_ID_MISMATCH",
    file: `${february}manifest.json`,
  },
  {
    name: "a manifest for another network",
    alter: manifest(february, { network: "testnet" }),
    code: "MANIFEST_NETWORK_MISMATCH",
    file: `${february}manifest.json`,
  },
  {
    name: "the old tree",
    alter: manifest(february, { algo: "sha256-merkle-v1" }),
    code: "MANIFEST_ALGO_OLD",
    file: `${february}manifest.json`,
  },
  {
    name: "a lying count",
    alter: manifest(february, { count: 3 }),
    code: "MANIFEST_COUNT_MISMATCH",
    file: `${february}manifest.json`,
    with: ["CHECKPOINT_MISMATCH"],
  },
  {
    name: "a lying root",
    alter: manifest(february, { root: zeros }),
    code: "MANIFEST_ROOT_MISMATCH",
    file: `${february}manifest.json`,
    with: ["CHECKPOINT_MISMATCH"],
  },
  {
    name: "a lying range",
    alter: manifest(february, { range: [zeros, zeros] }),
    code: "MANIFEST_RANGE_MISMATCH",
    file: `${february}manifest.json`,
  },
  {
    name: "a broken chain",
    alter: manifest(february, { prev: zeros }),
    code: "MANIFEST_PREV_MISMATCH",
    file: `${february}manifest.json`,
  },
  {
    name: "a chain that begins in the middle",
    alter: manifest(january, { prev: zeros }),
    code: "MANIFEST_PREV_MISMATCH",
    file: `${january}manifest.json`,
  },
  {
    name: "a month that was skipped",
    alter: (files) => withoutFile(files, ...Object.keys(files).filter((path) => path.startsWith(january))),
    code: "MONTH_NOT_CLOSED",
    file: `${january}manifest.json`,
    with: ["MANIFEST_PREV_MISMATCH"],
  },
  {
    name: "no evidence",
    alter: (files) => withoutFile(files, `${february}evidence.json`),
    code: "MONTH_INCOMPLETE",
    file: `${february}evidence.json`,
  },
  {
    name: "no checkpoint",
    alter: (files) => withoutFile(files, `${february}checkpoint`),
    code: "MONTH_INCOMPLETE",
    file: `${february}checkpoint`,
  },
  {
    name: "a receipt without a manifest",
    alter: (files) => ({ ...withoutFile(files, `${february}manifest.json`), [`${february}receipt.json`]: "{}" }),
    code: "MONTH_INCOMPLETE",
    file: `${february}receipt.json`,
  },
  {
    name: "a close that was not finished",
    alter: (files) => withoutFile(files, `${february}manifest.json`),
    code: "MONTH_CLOSE_UNFINISHED",
    file: "anchors/2026-02",
  },
  {
    name: "a receipt that is none",
    alter: (files) => ({ ...files, [`${february}receipt.json`]: "{}" }),
    code: "RECEIPT_MALFORMED",
    file: `${february}receipt.json`,
  },
  ...["d", "k", "l"].map((name): Case => ({
    name: `a lying ${name}`,
    alter: evidence({ [name]: zeros }),
    code: "EVIDENCE_MISMATCH",
    file: `${february}evidence.json`,
  })),
  { name: "a lying s", alter: evidence({ s: 4 }), code: "EVIDENCE_MISMATCH", file: `${february}evidence.json` },
  {
    name: "a lying o",
    alter: evidence({ o: "elsewhere.test/ledger" }),
    code: "EVIDENCE_MISMATCH",
    file: `${february}evidence.json`,
  },
  {
    name: "the evidence of another month",
    alter: evidence({ p: "2026-01" }),
    code: "EVIDENCE_MISMATCH",
    file: `${february}evidence.json`,
  },
  {
    name: "a node left out of the snapshot",
    alter: json(`${february}nodes.json`, (value) =>
      (value as unknown as Json[]).filter((node) => node["id"] !== "watch/tower"),
    ),
    code: "SNAPSHOT_SIGNER_MISSING",
    file: "2026-02.json",
    with: ["EVIDENCE_MISMATCH"],
  },
  {
    name: "a snapshot out of order",
    alter: json(`${february}nodes.json`, (value) => (value as unknown as Json[]).toReversed()),
    code: "SNAPSHOT_MALFORMED",
    file: `${february}nodes.json`,
  },
  {
    name: "a snapshot that is no list",
    alter: json(`${february}nodes.json`, () => nodeJson("a/b", "compute")),
    code: "NODE_MALFORMED",
    file: `${february}nodes.json`,
  },
  {
    name: "a checkpoint by another key",
    alter: (files) => ({ ...files, [`${february}checkpoint`]: checkpoint(`${host}/ledger/2026-02`, 2, "stranger") }),
    code: "NOTE_SIGNER_UNKNOWN",
    file: `${february}checkpoint`,
  },
  {
    name: "a checkpoint of another log",
    alter: (files) => ({ ...files, [`${february}checkpoint`]: checkpoint(`${host}/ledger/2026-01`, 2) }),
    code: "CHECKPOINT_MISMATCH",
    file: `${february}checkpoint`,
  },
  {
    name: "a ledger checkpoint of another size",
    alter: (files) => ({ ...files, [`${february}ledger-checkpoint`]: checkpoint(`${host}/ledger`, 99) }),
    code: "CHECKPOINT_MISMATCH",
    file: `${february}ledger-checkpoint`,
  },
  {
    name: "a checkpoint that is no note",
    alter: (files) => ({ ...files, [`${february}checkpoint`]: "hello" }),
    code: "NOTE_MALFORMED",
    file: `${february}checkpoint`,
  },
  {
    name: "a tile of other hashes",
    alter: (files) => ({ ...files, [`${february}tile/0/000.p/2`]: "x".repeat(64) }),
    code: "TILE_MISMATCH",
    file: `${february}tile/0/000.p/2`,
  },
  {
    name: "a tile beyond the month",
    alter: (files) => ({ ...files, [`${february}tile/0/001`]: "" }),
    code: "TILE_MISMATCH",
    file: `${february}tile/0/001`,
  },
  {
    name: "no settlement.json",
    alter: (files) => withoutFile(files, "settlement.json"),
    code: "SETTLEMENT_INFO_MISSING",
    file: "settlement.json",
  },
  {
    name: "a settlement key of another name",
    alter: json("settlement.json", (value) => void (value["host"] = "elsewhere.test")),
    code: "SETTLEMENT_INFO_MALFORMED",
    file: "settlement.json",
    with: ["EVIDENCE_MISMATCH"],
  },
];

const ledger = "ledger/";
const lineLate = jsonlEvent(
  jsonlContent("ReleasePublished", "acme/widget", "1.0.1", "2026-01-20T10:00:00Z"),
  "acme/widget",
);

const jsonl: readonly Case[] = [
  {
    name: "an old event put before the end of its month",
    alter: (files) => withEvents(files, linesPath, ([first = {}, ...others]) => [first, lineLate, ...others]),
    code: "MANIFEST_COUNT_MISMATCH",
    file: `${ledger}${january}manifest.json`,
    with: [...rest, "ANCHOR_NOTE_MISMATCH"],
  },
  {
    name: "the last event of a month removed",
    alter: (files) => withEvents(files, linesPath, (events) => events.filter((_, at) => at !== 2)),
    code: "MANIFEST_RANGE_MISMATCH",
    file: `${ledger}${january}manifest.json`,
    with: [...rest, "MANIFEST_COUNT_MISMATCH", "ANCHOR_NOTE_MISMATCH"],
  },
];

describe.for([
  { dialect: "monthly", cases: monthly, files: closedMonthlyFiles },
  { dialect: "jsonl", cases: jsonl, files: closedJsonlFiles },
])("$dialect", ({ cases, files }) => {
  test.for([...cases])("$name: $code", async ({ alter, code, file, with: others = [] }) => {
    const report = await validateBothWays(memoryTree(alter(await files())), { nowUnixMs, verify: nodeVerify });
    expect(report.findings).toContainEqual(expect.objectContaining({ code, file }));
    expect(
      report.findings.map((each) => each.code).filter((found) => found !== code && !others.includes(found)),
    ).toEqual([]);
    expect(report.valid).toBe(code === "MONTH_CLOSE_UNFINISHED");
  });
});

test("a late jsonl event falls into the next month that closes and changes nothing", async () => {
  const files = withEvents(await closedJsonlFiles(), linesPath, (events) => [...events, lineLate]);
  const report = await validateBothWays(memoryTree(withoutFile(files, "anchor/xrpl/manifests/all.json")), {
    nowUnixMs,
    verify: nodeVerify,
  });
  expect(report.findings).toEqual([]);
});

test("tiles that their events make are good", async () => {
  const files = await closedMonthlyFiles();
  const tiles: Record<string, Uint8Array> = {};
  const builder = tileBuilder(({ path, bytes }) => (tiles[january + path] = bytes));
  for (const { id } of eventsIn(files, "2026-01.json")) builder.append(idBytes(textIn(id)));
  builder.finish();
  const report = await validateBothWays(memoryTree({ ...files, ...tiles }), { nowUnixMs, verify: nodeVerify });
  expect(report.findings).toEqual([]);
  expect(Object.keys(tiles)).toHaveLength(2);
});
