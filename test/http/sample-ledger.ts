import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { createHash } from "node:crypto";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeDigest, nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { merkletreejsTree } from "../../src/adapters/second-root.ts";
import { toBase64, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import type { EventType } from "../../src/core/event-types.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { publicKeyPem } from "../../src/core/public-key.ts";
import type { Archive, Ledger } from "../../src/ports.ts";
import { closePartition } from "../../src/settle/close-partition.ts";

/** A key that anybody can make again from its name. */
export function throwawaySeed(name: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(`throwaway ${name}`).digest());
}

const settlementSeed = throwawaySeed("settlement");
export const settlementKey = {
  publicKey: publicKeyOf(settlementSeed),
  sign: (message: Uint8Array): Uint8Array => signEd25519(settlementSeed, message),
};
export const settlementVkey = makeVkey("ledger.example/ledger", settlementKey.publicKey);

const kinds = { "acme/compiler": "compute", "acme/auditor": "attestor", "acme/watch": "oracle" } as const;
type NodeName = keyof typeof kinds;

function nodeJson(id: NodeName): JsonObject {
  return {
    id,
    kind: kinds[id],
    provides: [`${id.slice(5)}.results.v1`],
    consumes: id === "acme/compiler" ? [] : ["compiler.results.v1"],
    interfaces: [{ name: "events", version: "v1", schemaPath: "schemas/events.json" }],
    invariants: { deterministicBuild: true, signedReleases: true, semver: true, changelog: true },
    maintainers: [{ name: "Ada", keyId: `${id.slice(5)}-1`, publicKey: publicKeyPem(publicKeyOf(throwawaySeed(id))) }],
  };
}

type SampleEvent = JsonObject & { readonly id: string };

function signedEvent(nodeId: NodeName, type: EventType, timestamp: string, payload: JsonObject): SampleEvent {
  const id = eventIdBytes({ type, nodeId, timestamp, payload });
  return {
    id: toHex(id),
    type,
    nodeId,
    timestamp,
    payload,
    signature: toBase64(signEd25519(throwawaySeed(nodeId), id)),
  };
}

function release(version: string, timestamp: string): SampleEvent {
  const artifacts = [{ name: "compiler.tgz", sha256: "ab".repeat(32) }];
  const payload = { repo: "acme/compiler", version, commit: "c0".repeat(20), artifacts, profile: "baseline" };
  return signedEvent("acme/compiler", "ReleasePublished", timestamp, payload);
}

function attestation(targetEventId: string, timestamp: string): SampleEvent {
  const verifierResults = [{ check: "license.audit", result: "pass" }];
  return signedEvent("acme/auditor", "AttestationPublished", timestamp, {
    targetEventId,
    verifierResults,
    compositeScore: 90,
  });
}

function failure(number: number, timestamp: string): SampleEvent {
  const payload = { repo: "acme/watch", checkType: "ci.build", details: `run ${number} failed`, severity: "low" };
  return signedEvent("acme/watch", "HealthCheckFailed", timestamp, payload);
}

const firstRelease = release("1.0.0", "2026-01-02T03:04:05Z");

/** 300 events in January (more than one tile), 3 in February, 2 in March. */
export const sampleMonths: Readonly<Record<string, readonly SampleEvent[]>> = {
  "2026-01": [
    firstRelease,
    attestation(firstRelease.id, "2026-01-03T00:00:00Z"),
    ...Array.from({ length: 298 }, (_, at) => failure(at, `2026-01-04T00:00:00.${String(at).padStart(3, "0")}Z`)),
  ],
  "2026-02": [
    release("1.1.0", "2026-02-01T00:00:00Z"),
    failure(400, "2026-02-02T00:00:00Z"),
    failure(401, "2026-02-03T00:00:00Z"),
  ],
  "2026-03": [release("2.0.0", "2026-03-01T00:00:00Z"), failure(500, "2026-03-02T00:00:00Z")],
};

export function eventId(month: string, index: number): string {
  return sampleMonths[month]?.[index]?.id ?? "";
}

export function sampleFiles(months = sampleMonths): Record<string, string> {
  const settlement = {
    v: 1,
    host: "ledger.example",
    network: "local",
    key: formatVkey(settlementVkey),
    accounts: [],
  };
  const nodes = Object.keys(kinds).map((id) => [`nodes/${id}/node.json`, JSON.stringify(nodeJson(id as NodeName))]);
  const events = Object.entries(months).map(([month, list]) => [`${month}.json`, JSON.stringify(list)]);
  return Object.fromEntries([["settlement.json", JSON.stringify(settlement)], ...nodes, ...events]) as Record<
    string,
    string
  >;
}

/** A ledger that is read from these files each time; what is put there later is seen. */
export function ledgerOfFiles(files: Record<string, string>): Ledger {
  return {
    ...readsOf(() => readLedger(memoryTree(files))),
    append: () => Promise.reject(new Error("this ledger is read only")),
  };
}

/** Closes a month of the sample as the settlement node does. */
export async function closeMonth(
  month: string,
  ledger: Ledger,
  archive: Archive,
  clock = (): number => Date.parse("2026-04-01T00:00:00Z"),
): Promise<void> {
  await closePartition(month, "local", {
    ledger,
    archive,
    clock,
    key: settlementKey,
    sha256: nodeSha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    heads: memoryHeads(),
    newSecondRoot: merkletreejsTree,
    verify: nodeVerify,
    judge: () => Promise.resolve([]),
    graceMs: 0,
  });
}

export interface Sample {
  readonly files: Record<string, string>;
  readonly ledger: Ledger;
  readonly archive: Archive;
}

/** January and February closed, March open. */
export async function closedSample(): Promise<Sample> {
  const files = sampleFiles();
  const ledger = ledgerOfFiles(files);
  const archive = memoryArchive();
  for (const month of ["2026-01", "2026-02"]) await closeMonth(month, ledger, archive);
  return { files, ledger, archive };
}

export { nodeSha256, nodeVerify };
