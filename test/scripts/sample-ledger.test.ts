import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sampleSeed, sampleSettlement, sampleSettlementSeed } from "../../scripts/sample/keys.ts";
import { sampleFiles } from "../../scripts/sample/sample-files.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { equalBytes, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { idBytes, type NativeEvent, parseEvent, parseSignature } from "../../src/core/event.ts";
import { emitterOf, eventTypes, nodeKinds } from "../../src/core/event-types.ts";
import { type JsonObject, type JsonValue, parseJson } from "../../src/core/json.ts";
import { keyVerdict } from "../../src/core/key-window.ts";
import { monthOf } from "../../src/core/month.ts";
import { type Maintainer, parseNodeManifest } from "../../src/core/node-manifest.ts";
import { formatPartition } from "../../src/core/partition-file.ts";
import { parseTimestamp } from "../../src/core/time.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { schemaFaults } from "../../src/validate/schema-faults.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { sampleLedger } from "../support/sample.ts";
import { testCloseDeps } from "../support/settle.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";

const folder = fileURLToPath(new URL("../../ledger", import.meta.url));
const script = fileURLToPath(new URL("../../scripts/make-sample-ledger.ts", import.meta.url));
const texts = await textsIn(folder);
const json = (path: string): JsonValue => parseJson(texts[path] ?? "");

const months = Object.keys(texts).filter((path) => /^\d{4}-\d{2}\.json$/.test(path));
const nodes = Object.keys(texts)
  .filter((path) => path.endsWith("/node.json"))
  .map((path) => parseNodeManifest(json(path)));
const nodeOf = new Map(nodes.map((node) => [node.id, node]));
const events = months.flatMap((path) =>
  (json(path) as readonly JsonValue[]).map((value) => ({ month: path.slice(0, 7), event: parseEvent(value) })),
);

/** The maintainer whose key made the signature. */
function signerOf({ id, nodeId, signature }: NativeEvent): Maintainer | undefined {
  return nodeOf
    .get(nodeId)
    ?.maintainers.find(({ publicKey }) => nodeVerify(publicKey, idBytes(id), parseSignature(signature)));
}

const targetOf = ({ payload }: NativeEvent): JsonValue | undefined => payload["targetEventId"];

describe("the generator", () => {
  test("makes the bytes that stand in ledger/, and nothing else stands there", () => {
    const { "README.md": readme, ...made } = texts;
    expect(made).toEqual(Object.fromEntries(sampleFiles()));
    expect(readme).toContain(`${events.length} events`);
  });

  test("writes a folder, and --check sees a changed file", async () => {
    const target = temporaryFolder();
    const run = (...args: readonly string[]): number | null =>
      spawnSync(process.execPath, [script, target, ...args], { stdio: "ignore" }).status;
    expect(run("--check")).toBe(1);
    expect(await textsIn(target)).toEqual({});
    expect(run()).toBe(0);
    expect(await textsIn(target)).toEqual(Object.fromEntries(sampleFiles()));
    expect(run("--check")).toBe(0);
    appendFileSync(join(target, "2026-08.json"), "\n");
    expect(run("--check")).toBe(1);
  });
});

describe("the network", () => {
  test("has nodes of all kinds, valid by their schema", () => {
    expect(new Set(nodes.map(({ kind }) => kind))).toEqual(new Set(nodeKinds));
    expect(nodes.length).toBeGreaterThanOrEqual(10);
    expect(nodes.flatMap((node) => schemaFaults("node", node.json))).toEqual([]);
  });

  test("keeps every key apart, named and with a contact", () => {
    const keys = nodes.flatMap(({ id, maintainers }) => maintainers.map((key) => ({ id, ...key })));
    expect(new Set(keys.map(({ publicKey }) => toHex(publicKey))).size).toBe(keys.length);
    for (const { id, keyId = "", contact, publicKey } of keys) {
      expect(contact).toMatch(/@[a-z-]+\.example$/);
      expect(equalBytes(publicKey, publicKeyOf(sampleSeed(id, keyId)))).toBe(true);
    }
  });

  test("provides whatever a node consumes", () => {
    const provided = new Set(nodes.flatMap(({ provides }) => provides));
    expect(nodes.flatMap(({ consumes }) => consumes).filter((capability) => !provided.has(capability))).toEqual([]);
  });
});

describe("the events", () => {
  test("are of all types, in four months, each in the file of its own, one a line", () => {
    expect(months).toEqual(["2026-08.json", "2026-09.json", "2026-10.json", "2026-11.json"]);
    expect(new Set(events.map(({ event }) => event.type))).toEqual(new Set(eventTypes));
    for (const { month, event } of events) expect(monthOf(parseTimestamp(event.timestamp))).toBe(month);
    for (const path of months) {
      const lines = (json(path) as readonly JsonValue[]).map((event) => JSON.stringify(event));
      expect(formatPartition("array", lines)).toBe(texts[path]);
      for (const event of json(path) as readonly JsonObject[])
        expect(Object.keys(event)).toEqual(["id", "type", "nodeId", "timestamp", "payload", "signature"]);
    }
  });

  test("come one after the other", () => {
    const times = events.map(({ event }) => parseTimestamp(event.timestamp));
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });

  test("are valid by their schemas", () => {
    const all = months.flatMap((path) => json(path) as readonly JsonValue[]);
    expect(all.flatMap((event) => schemaFaults("event", event))).toEqual([]);
    expect(events.flatMap(({ event }) => schemaFaults(event.type, event.payload))).toEqual([]);
  });

  test("are signed by a key of their node, valid at their time", () => {
    for (const { event } of events) {
      const signer = signerOf(event);
      expect(signer && keyVerdict(signer.window, { claimed: parseTimestamp(event.timestamp) })).toEqual({
        valid: true,
      });
    }
  });

  test("come from nodes of the right kind, about repositories of the network", () => {
    for (const { event } of events) {
      expect(nodeOf.get(event.nodeId)?.kind).toBe(emitterOf[event.type]);
      const { repo } = event.payload;
      if (emitterOf[event.type] === "compute") expect(repo).toBe(event.nodeId);
      if (typeof repo === "string") expect(nodeOf.get(repo)?.kind).toBe("compute");
    }
  });

  test("point back to earlier events", () => {
    const positions = new Map<JsonValue, number>(events.map(({ event }, at) => [event.id, at]));
    const pointing = events.flatMap(({ event }, at) => {
      const target = targetOf(event);
      return target === undefined ? [] : [{ at, target: positions.get(target) ?? Infinity }];
    });
    expect(pointing.length).toBeGreaterThan(0);
    expect(pointing.filter(({ at, target }) => target >= at)).toEqual([]);
  });

  test("release a version once, and both attestors look at it", () => {
    const releases = events.flatMap(({ event }) => (event.type === "ReleasePublished" ? [event] : []));
    const names = releases.map(({ payload }) => JSON.stringify([payload["repo"], payload["version"]]));
    expect(new Set(names).size).toBe(names.length);
    for (const { id } of releases) {
      const attestors = events.filter(({ event }) => event.type === "AttestationPublished" && targetOf(event) === id);
      expect(new Set(attestors.map(({ event }) => event.nodeId)).size).toBe(2);
    }
  });

  test.each([
    ["a change of key", "tidewater-labs/chart-tiles", ["ci-2025", "ci-2026"]],
    ["two maintainers by turns", "tidewater-labs/tidegauge", ["ines-2026", "oskar-2026", "ines-2026", "oskar-2026"]],
  ])("show %s", (_, nodeId, expected) => {
    const releases = events.filter(({ event }) => event.nodeId === nodeId && event.type === "ReleasePublished");
    const signers = releases.map(({ event }) => signerOf(event)?.keyId);
    expect(signers.filter((keyId, at) => keyId !== signers[at - 1])).toEqual(expected);
  });
});

test("the validator finds nothing", async () => {
  const report = await validateLedger(folderTree(folder), {
    nowUnixMs: parseTimestamp("2026-11-21T12:00:00Z"),
    verify: nodeVerify,
  });
  expect(report).toMatchObject({
    valid: true,
    dialect: "monthly",
    events: events.length,
    signaturesChecked: events.length,
    findings: [],
  });
});

test("three months close under the settlement key of the sample", async () => {
  const settlement = sampleSettlement();
  expect(schemaFaults("settlement", parseJson(JSON.stringify(settlement)))).toEqual([]);
  const source = { ledger: memoryLedger({ ...sampleLedger(), settlement }), archive: memoryArchive() };
  const seed = sampleSettlementSeed();
  const key = { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => signEd25519(seed, message) };
  const deps = { ...testCloseDeps(source, parseTimestamp("2026-11-21T12:00:00Z")), key };
  const closed = ["2026-08", "2026-09", "2026-10"];
  let size = 0;
  for (const month of closed) {
    const { manifest, evidence } = await closePartition(month, "local", deps);
    const own = events.filter((event) => event.month === month).map(({ event }) => event.id);
    size += own.length;
    expect(manifest).toMatchObject({ partitionId: month, count: own.length, range: [own[0], own.at(-1)] });
    expect(evidence).toMatchObject({ s: size, o: "ledger.tidewater.example/ledger" });
  }
});
