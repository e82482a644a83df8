import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import type { StaticFiles } from "../../src/adapters/static-files.ts";
import { staticLedger } from "../../src/adapters/static-ledger.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseSettlementInfo } from "../../src/core/settlement-info.ts";
import type { Archive, Ledger, LedgerSnapshot } from "../../src/ports.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { type JudgeReleaseOptions, type ReleaseJudge, releaseJudge } from "../../src/settle/judge-release.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { readNetworkRules } from "../../src/settle/network-files.ts";
import { monthProver } from "../../src/settle/prove-inclusion.ts";
import { indexedReleases, releaseLedger } from "../../src/settle/release-events.ts";
import { eventProofs } from "../../src/settle/release-month.ts";
import { folderOf } from "../support/accepting.ts";
import {
  anchorEvent,
  type Files,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nativeEvent,
  networkManifest,
  partition,
  seedOf,
  settlementJson,
  textIn,
  withEvents,
} from "../support/build-ledger.ts";
import {
  jsonlAttestation,
  jsonlDispute,
  jsonlNetwork,
  jsonlRelease,
  jsonlViolation,
  monthlyAttestation,
  monthlyNetwork,
  monthlyRelease,
  widget,
} from "../support/releases.ts";
import { testCloseDeps } from "../support/settle.ts";
import { hasShared, sharedPath } from "../support/shared.ts";

const seed = seedOf("settlement");
const key = { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => signEd25519(seed, message) };
const settlement = `${JSON.stringify(settlementJson(), null, 2)}\n`;

/** A ledger, and what is published of it. */
interface Made {
  readonly ledger: Ledger;
  readonly archive: Archive;
  close(month: string): Promise<void>;
}

/** One in memory, whose files can be put in place of others. */
function made(root: string): Made & { put(files: Files): void } {
  let own: Files = {};
  return {
    ...madeOf(() => readLedger(memoryTree(own))),
    put(files) {
      const inside = Object.entries(files).filter(([path]) => path.startsWith(root));
      own = Object.fromEntries(inside.map(([path, text]) => [path.slice(root.length), text]));
    },
  };
}

function madeOf(snapshot: () => Promise<LedgerSnapshot>): Made {
  const ledger = { ...readsOf(snapshot), append: () => Promise.reject(new TypeError("read only")) };
  return closing(ledger, memoryArchive());
}

function closing(ledger: Ledger, archive: Archive): Made {
  return {
    ledger,
    archive,
    async close(month) {
      const deps = testCloseDeps({ ledger, archive }, Date.parse("2030-01-01T00:00:00Z"));
      await closePartition(month, "local", { ...deps, key });
    },
  };
}

/** What was taken from the derived files of the months. */
type Lost = "nothing" | "index" | "about" | "tiles";

function withoutDerived(archive: Archive, lost: Lost): Archive {
  return {
    ...archive,
    async read(month, name) {
      if (lost === "index" && name.startsWith("index/")) return undefined;
      if (lost === "tiles" && name.startsWith("tile/entries")) return undefined;
      const bytes = await archive.read(month, name);
      if (lost !== "about" || name !== "index/facts.json" || !bytes) return bytes;
      const { about: _about, ...facts } = JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonObject;
      return utf8(JSON.stringify(facts));
    },
  };
}

interface Judges {
  readonly whole: ReleaseJudge;
  readonly indexed: ReleaseJudge;
}

/** @param held - the same ledger where it is at hand as a whole */
async function judgesOf(
  ledger: Ledger,
  archive: Archive,
  rules: Parameters<typeof releaseJudge>[1],
  held = ledger,
): Promise<Judges> {
  const view = await readLedgerView({ ledger, archive });
  const deps = {
    verify: nodeVerify,
    sha256: nodeSha256,
    trust: { publishers: [], accounts: [], logs: [] },
    proofOf: eventProofs(
      archive,
      () => Promise.resolve(view),
      async (now, { partition: month, index }) =>
        (await monthProver(now, month, { ledger, archive, verify: nodeVerify, sha256: nodeSha256 })).prove(index),
    ),
  };
  return {
    whole: releaseJudge(releaseLedger(await held.snapshot()), rules, deps),
    indexed: releaseJudge(indexedReleases(view, { ledger, archive }), rules, deps),
  };
}

/** What a judge says, byte by byte; of a release that it does not find, that. */
async function said(
  judge: ReleaseJudge,
  version: string,
  options: JudgeReleaseOptions,
  repo = widget,
): Promise<string> {
  try {
    return JSON.stringify([await judge.newest(repo), await judge.judge(repo, version, options)]);
  } catch (error) {
    if (error instanceof SettlementError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const asked: readonly JudgeReleaseOptions[] = [{}, { demand: "anchored-or-local", compat: true }];

/** What the two judges say, where it is not the same. */
async function differences(
  { whole, indexed }: Judges,
  versions: readonly string[],
  repo = widget,
): Promise<readonly { readonly whole: string; readonly indexed: string }[]> {
  const pairs = versions.flatMap((version) => asked.map((options) => ({ version, options })));
  const both = await Promise.all(
    pairs.map(async ({ version, options }) => ({
      whole: await said(whole, version, options, repo),
      indexed: await said(indexed, version, options, repo),
    })),
  );
  return both.filter((each) => each.whole !== each.indexed);
}

const rotation = (signer: string, timestamp: string): JsonObject =>
  jsonlEvent(
    {
      type: "KeyRotation",
      repo: widget,
      timestamp,
      key: {
        action: "rotate",
        retiringKeyId: "acme-widget-1",
        newKeyId: "n",
        newPublicKey: "p",
        effectiveAt: timestamp,
      },
    },
    signer,
  );

/** Everything that a jsonl ledger may say of releases 1.0.0 and 2.0.0, late and early. */
const jsonlPool: readonly JsonObject[] = [
  jsonlRelease(),
  jsonlRelease("1.0.0", { notes: "again" }),
  jsonlRelease("2.0.0"),
  jsonlEvent(jsonlContent("ReleasePublished", widget, "2.0.0", "2026-02-05T10:00:00Z"), widget),
  jsonlEvent(jsonlContent("ReleasePublished", "audit/one", "1.0.0", "2026-02-05T10:00:00Z"), "audit/one"),
  jsonlAttestation("audit/one", { "signature.chain": "pass" }),
  jsonlAttestation("audit/one", { "signature.chain": "fail" }, "2026-02-06T10:00:00Z"),
  jsonlAttestation("audit/two", { "signature.chain": "pass", "sbom.present": "warn" }, "2026-03-06T10:00:00Z"),
  jsonlViolation(),
  jsonlDispute("audit/two"),
  rotation(widget, "2026-01-04T00:00:00Z"),
  rotation("rules/keeper", "2026-02-01T00:00:00Z"),
  jsonlEvent(
    {
      type: "KeyRevocation",
      repo: widget,
      timestamp: "2026-02-20T00:00:00Z",
      key: { action: "revoke", revokedKeyId: "acme-widget-1", reason: "retirement" },
    },
    "rules/keeper",
  ),
];

const jsonlEvents = fc.shuffledSubarray([...jsonlPool], { minLength: 3 });
const lost = fc.constantFrom<Lost>("nothing", "index", "about", "tiles");

/** The events with an anchor over the first of them put in, and a manifest of the network over more. */
function withAnchors(
  events: readonly JsonObject[],
  at: number,
  isTrue: boolean,
): { events: JsonObject[]; more: Files } {
  const head = events.slice(0, Math.max(1, at));
  const manifest = networkManifest(isTrue ? head : head.toReversed(), "p");
  const { signature: _old, ...content } = anchorEvent(manifest, "2026-02-02T00:00:00Z");
  const all = [...head, jsonlEvent(content, "net/registry"), ...events.slice(head.length)];
  return { events: all, more: { "anchor/xrpl/manifests/p.json": JSON.stringify(manifest) } };
}

const release = monthlyRelease();
const again = monthlyRelease({ version: "2.0.0", profile: "regulated" });
const monthlyPool: readonly JsonObject[] = [
  again,
  monthlyRelease({ commit: "c1".repeat(20) }),
  monthlyAttestation(release.id, { "signature.chain": "pass" }),
  monthlyAttestation(release.id, { "signature.chain": "fail" }, "rules/keeper"),
  monthlyAttestation(again.id, { "sbom.present": "pass" }),
  nativeEvent("PolicyViolation", "rules/keeper", "2026-02-06T10:00:00Z", {
    ruleId: "r",
    repo: widget,
    version: "1.0.0",
  }),
  nativeEvent("PolicyViolation", "rules/keeper", "2026-02-07T10:00:00Z", { ruleId: "r", targetEventId: release.id }),
  nativeEvent("BreakingChangeDetected", widget, "2026-02-08T10:00:00Z", {
    repo: widget,
    fromVersion: "1.0.0",
    toVersion: "2.0.0",
  }),
  nativeEvent("DependencyVulnFound", "watch/tower", "2026-03-01T10:00:00Z", { repo: widget, dependency: "d" }),
  nativeEvent("DependencyVulnFound", "watch/tower", "2026-03-02T10:00:00Z", {
    repo: widget,
    dependency: "d",
    toVersion: "2.0.0",
  }),
];

function monthlyFilesOf(events: readonly JsonObject[]): Files {
  const months = Map.groupBy([release, ...events], ({ timestamp }) => textIn(timestamp).slice(0, 7));
  const parts = Object.fromEntries(Array.from(months, ([month, own]) => [`${month}.json`, partition(own)]));
  return { ...monthlyNetwork({ events: [] }), ...parts };
}

describe("a release found by the index is judged as one that is found among all events", () => {
  test("jsonl, whatever is said and in whatever order", async () => {
    const shape = fc.record({
      events: jsonlEvents,
      first: fc.nat(12),
      anchored: fc.nat(12),
      isTrue: fc.boolean(),
      lost,
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ events: chosen, first, anchored, isTrue, lost: gone }) => {
        const { events, more } = withAnchors(chosen, anchored, isTrue);
        const files = jsonlNetwork({ events, more: { ...more, "ledger/settlement.json": settlement } });
        const { ledger, archive, put, close } = made("ledger/");
        const january = events.findIndex(({ timestamp }) => textIn(timestamp).startsWith("2026-01"));
        const begun = Math.max(first, january + 1);
        put(withEvents(files, linesPath, (all) => all.slice(0, begun)));
        if (january >= 0) await close("2026-01");
        put(files);
        if (january >= 0) await close("2026-02");
        const rules = await readNetworkRules({ tree: memoryTree(files), prefix: "ledger" });
        const judges = await judgesOf(ledger, withoutDerived(archive, gone), rules);
        expect(await differences(judges, ["1.0.0", "2.0.0", "3.0.0"])).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("monthly, whatever is said and in whatever order", async () => {
    const chosen = fc.shuffledSubarray([...monthlyPool]);
    await fc.assert(
      fc.asyncProperty(chosen, lost, async (events, gone) => {
        const files = { ...monthlyFilesOf(events), "settlement.json": settlement };
        const { ledger, archive, put, close } = made("");
        put(files);
        for (const month of ["2026-01", "2026-02"]) await close(month);
        const rules = await readNetworkRules({ tree: memoryTree(files), prefix: "" });
        const judges = await judgesOf(ledger, withoutDerived(archive, gone), rules);
        expect(await differences(judges, ["1.0.0", "2.0.0", "3.0.0"])).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

test.skipIf(!hasShared)("every release of a real network is judged the same, its months closed or open", async () => {
  const folder = sharedPath("repomesh-ledger");
  const snapshot = await readLedger(folderTree(`${folder}/ledger`), { hash: nodeSha256 });
  const rules = await readNetworkRules({ tree: folderTree(folder), prefix: "ledger" });
  const { ledger, archive, close } = madeOf(() =>
    Promise.resolve({ ...snapshot, settlement: parseSettlementInfo(settlementJson()) }),
  );
  const releases = snapshot.files.get("")?.filter(({ type }) => type === "ReleasePublished") ?? [];
  expect(releases.length).toBeGreaterThan(5);
  const check = async (): Promise<void> => {
    const judges = await judgesOf(ledger, archive, rules);
    for (const { repo, version = "" } of releases) expect(await differences(judges, [version], repo ?? "")).toEqual([]);
  };
  await check();
  const [first] = (await readLedgerView({ ledger, archive })).partitions;
  await close(first?.month ?? "");
  await check();
});

/** The files of a folder as a static host gives them. */
function filesOf(folder: string): StaticFiles {
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined;
  return { read, part: async (path, start, length) => (await read(path))?.subarray(start, start + length) };
}

test.for([
  { form: "months", events: monthlyPool, versions: ["1.0.0", "2.0.0"] },
  { form: "one list", events: jsonlPool, versions: ["1.0.0", "2.0.0"] },
] as const)("closed $form are judged the same from a folder, and from a static copy of it", async (own) => {
  const { events, versions } = own;
  const isList = own.form === "one list";
  const { more, events: anchored } = withAnchors(events, 4, true);
  const network = isList ? jsonlNetwork({ events: anchored, more }) : monthlyFilesOf(events);
  const folder = folderOf({ ...network, [`${isList ? "ledger/" : ""}settlement.json`]: settlement });
  const dir = isList ? join(folder, "ledger") : folder;
  const { ledger, archive, close } = closing(ledgerFolder(dir), archiveFolder(dir));
  for (const month of ["2026-01", "2026-02", "2026-03"]) await close(month);
  const rules = await readNetworkRules({ tree: folderTree(folder), prefix: isList ? "ledger" : "" });
  const judges = await judgesOf(ledger, archive, rules);
  const copy = staticLedger(filesOf(dir), "2026-04", nodeSha256);
  const remote = await judgesOf(copy.ledger, copy.archive, rules, ledger);
  for (const { whole, indexed } of [judges, { ...remote, whole: judges.whole }]) {
    expect(await differences({ whole, indexed }, [...versions, "3.0.0"])).toEqual([]);
  }
});
