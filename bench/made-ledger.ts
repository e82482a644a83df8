import { createHash, createPrivateKey, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { nodeSha256 } from "../src/adapters/node-crypto.ts";
import { fromHex, toBase64, toHex, utf8 } from "../src/core/bytes.ts";
import { canonicalJson } from "../src/core/canonical-json.ts";
import { signCheckpoint } from "../src/core/checkpoint.ts";
import { publicKeyOf, signEd25519 } from "../src/core/ed25519.ts";
import { eventIdBytes, evidenceLine } from "../src/core/event.ts";
import { jsonlEventHash } from "../src/core/event-jsonl.ts";
import type { JsonObject } from "../src/core/json.ts";
import { makeManifest } from "../src/core/manifest.ts";
import { leafHash, rootOf, treeAccumulator } from "../src/core/merkle.ts";
import { monthsBetween, type Month, monthStartUnixMs } from "../src/core/month.ts";
import { nodesRoot, parseNodeManifest } from "../src/core/node-manifest.ts";
import { formatVkey, makeVkey } from "../src/core/note.ts";
import { formatPartition } from "../src/core/partition-file.ts";
import { privateKeyPem } from "../src/core/public-key.ts";
import { ledgerOrigin, monthOrigin } from "../src/core/settlement-info.ts";
import { formatTimestamp } from "../src/core/time.ts";
import { nodeJson, seedOf } from "../test/support/build-ledger.ts";

/** A good ledger of a size: the same bytes each time it is made. */
export interface LedgerPlan {
  readonly dialect: "monthly" | "jsonl";
  readonly events: number;
  /** Months from 2024-01 on, events spread evenly over them. */
  readonly months: number;
  /** So many of the first months are closed. */
  readonly closed: number;
}

interface MonthPlan {
  readonly folder: string;
  readonly dialect: LedgerPlan["dialect"];
  readonly month: Month;
  /** Number of the month's first event in the ledger. */
  readonly start: number;
  readonly count: number;
}

/** What closing a month needs of its events. */
interface MadeMonth {
  readonly month: Month;
  readonly ids: readonly string[];
  readonly digest: string;
}

/** The clock by which made ledgers are good. */
export const madeNowUnixMs = Date.parse("2026-11-20T12:00:00Z");

const host = "bench.example";
const speakers = Array.from({ length: 8 }, (_, at) => `bench/node-${at}`);
const auditors = ["audit/one", "audit/two"];
const settlementSeed = seedOf("settlement");

/** The settlement key of made ledgers. */
export const settlementKey = {
  publicKey: publicKeyOf(settlementSeed),
  sign: (message: Uint8Array): Uint8Array => signEd25519(settlementSeed, message),
};

const kinds = [
  ...speakers.map((id) => ({ id, kind: "compute" })),
  ...auditors.map((id) => ({ id, kind: "attestor" })),
  { id: "bench/notary", kind: "settlement" },
];
const nodes = kinds.map(({ id, kind }) => ({ id, node: nodeJson(id, kind) }));

const keys = new Map(
  [...speakers, ...auditors].map((id) => [id, createPrivateKey(privateKeyPem(seedOf(id)))] as const),
);

function signed(signer: string, id: Uint8Array): string {
  const key = keys.get(signer);
  if (!key) throw new TypeError(`no key of ${signer}`);
  return toBase64(new Uint8Array(sign(null, id, key)));
}

const commitOf = (at: number): string => toHex(nodeSha256(utf8(`commit ${at}`))).slice(0, 40);
const digestOf = (at: number): string => toHex(nodeSha256(utf8(`artifact ${at}`)));

/** @param target - id of an event that may be attested */
export function monthlyEvent(
  at: number,
  timestamp: string,
  target: string | undefined,
  signatureOf = signed,
): JsonObject & { readonly id: string } {
  const isAttested = target !== undefined && at % 3 === 2;
  const repo = speakers[at % speakers.length] ?? "";
  const signer = isAttested ? (auditors[at % auditors.length] ?? "") : repo;
  const content = {
    type: isAttested ? ("AttestationPublished" as const) : ("ReleasePublished" as const),
    nodeId: signer,
    timestamp,
    payload: isAttested
      ? {
          targetEventId: target,
          verifierResults: [
            { check: "license.audit", result: "pass" },
            { check: "repro.build", result: "pass" },
          ],
          compositeScore: 90.5,
        }
      : {
          repo,
          version: `${Math.floor(at / 1000)}.${at % 1000}.0`,
          commit: commitOf(at),
          artifacts: [{ name: `widget-${at}.tgz`, sha256: digestOf(at) }],
          profile: "baseline",
        },
  };
  const id = eventIdBytes(content, nodeSha256);
  return { id: toHex(id), ...content, signature: signatureOf(signer, id) };
}

function jsonlEvent(at: number, timestamp: string): JsonObject & { readonly id: string } {
  const isAttested = at % 3 === 2;
  const repo = speakers[at % speakers.length] ?? "";
  const signer = isAttested ? (auditors[at % auditors.length] ?? "") : repo;
  const content = {
    type: isAttested ? "AttestationPublished" : "ReleasePublished",
    repo,
    version: `${Math.floor(at / 1000)}.${at % 1000}.0`,
    commit: commitOf(at),
    timestamp,
    artifacts: [
      { name: `widget-${at}.tgz`, sha256: digestOf(at), uri: `https://example.org/${repo}/widget-${at}.tgz` },
    ],
    attestations: isAttested ? [{ type: "license.audit", uri: "repomesh:attestor:license.audit:pass" }] : [],
    ...(isAttested ? { notes: "license.audit: pass" } : {}),
  };
  const hash = jsonlEventHash(content, nodeSha256);
  const signature = { alg: "ed25519", keyId: `${signer.replace("/", "-")}-1`, value: signed(signer, hash) };
  // Not enumerable: an id is no member of such an event.
  const event = { ...content, signature: { ...signature, canonicalHash: toHex(hash) } };
  return Object.defineProperty(event, "id", { value: toHex(hash), enumerable: false }) as never;
}

function madeEvents({ dialect, month, start, count }: MonthPlan): (JsonObject & { readonly id: string })[] {
  const events: (JsonObject & { readonly id: string })[] = [];
  const first = monthStartUnixMs(month);
  const step = Math.floor((28 * 86_400_000) / Math.max(1, count));
  for (let at = 0; at < count; at++) {
    const timestamp = formatTimestamp(first + at * step);
    events.push(
      dialect === "monthly"
        ? monthlyEvent(start + at, timestamp, events[at - 1]?.id)
        : jsonlEvent(start + at, timestamp),
    );
  }
  return events;
}

/** Further events for the end of a made ledger, as texts of JSON. */
export function furtherEvents(plan: LedgerPlan, count: number): string[] {
  const month = monthsOf(plan).at(-1) ?? "";
  const events = madeEvents({ folder: "", dialect: plan.dialect, month, start: plan.events, count });
  return events.map((event) => JSON.stringify(event));
}

function writeMonth(plan: MonthPlan): MadeMonth {
  const events = madeEvents(plan);
  const digest = createHash("sha256");
  for (const event of events) digest.update(evidenceLine(event));
  const texts = events.map((event) => JSON.stringify(event));
  writeFile(plan.folder, `${plan.month}.json`, formatPartition("array", texts));
  return { month: plan.month, ids: events.map(({ id }) => id), digest: digest.digest("hex") };
}

function writeFile(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Nodes and name of a made ledger. */
export function writeFrame(folder: string): void {
  for (const { id, node } of nodes) writeFile(folder, `nodes/${id}/node.json`, JSON.stringify(node, null, 2));
  const key = formatVkey(makeVkey(ledgerOrigin(host), settlementKey.publicKey));
  writeFile(folder, "settlement.json", JSON.stringify({ v: 1, host, network: "local", key, accounts: [] }, null, 2));
}

export function monthsOf({ months }: LedgerPlan): readonly Month[] {
  return monthsBetween("2024-01", "2033-12").slice(0, months);
}

/** Writes a ledger into a folder: month files, manifests of nodes, and what is published of closed months (no tiles). */
export async function makeLedger(folder: string, plan: LedgerPlan): Promise<void> {
  const months = monthsOf(plan);
  const each = Math.ceil(plan.events / months.length);
  const plans = months.map((month, at) => ({
    folder,
    dialect: plan.dialect,
    month,
    start: at * each,
    count: Math.max(0, Math.min(each, plan.events - at * each)),
  }));
  writeFrame(folder);
  const waiting = plans.values();
  const made = new Map<Month, MadeMonth>();
  const work = async (): Promise<void> => {
    for (const each of waiting) made.set(each.month, await inWorker(each));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  closeMonths(
    folder,
    months.slice(0, plan.closed).flatMap((month) => made.get(month) ?? []),
  );
}

function inWorker(plan: MonthPlan): Promise<MadeMonth> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: plan });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function closeMonths(folder: string, months: readonly MadeMonth[]): void {
  const manifests = nodes.map(({ node }) => parseNodeManifest(node));
  const k = toHex(nodesRoot(manifests, nodeSha256));
  const snapshot = manifests
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ json }) => canonicalJson(json))
    .join("\n,");
  const log = treeAccumulator(nodeSha256);
  const origin = ledgerOrigin(host);
  const key = settlementKey;
  let prev: string | null = null;
  for (const { month, ids, digest } of months) {
    const leaves = ids.map((id) => leafHash(fromHex(id), nodeSha256));
    for (const leaf of leaves) log.append(leaf);
    const tree = rootOf(leaves, nodeSha256);
    const range: readonly [string, string] = [ids[0] ?? "", ids.at(-1) ?? ""];
    const manifest = makeManifest({
      partitionId: month,
      network: "local",
      prev,
      range: ids.length === 0 ? null : range,
      count: ids.length,
      root: toHex(tree),
    });
    prev = manifest.root;
    const evidence = { v: 1, p: month, d: digest, k, o: origin, s: log.size, l: toHex(log.root()) };
    const put = (name: string, text: string): void => writeFile(folder, `anchors/${month}/${name}`, text);
    const monthHead = { origin: monthOrigin(host, month), size: ids.length, root: tree };
    put("checkpoint", signCheckpoint(monthHead, key));
    put("ledger-checkpoint", signCheckpoint({ origin, size: log.size, root: log.root() }, key));
    put("nodes.json", `[\n${snapshot}\n]\n`);
    put("evidence.json", `${JSON.stringify(evidence, null, 2)}\n`);
    put("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

function isMonthPlan(data: unknown): data is MonthPlan {
  return typeof data === "object" && data !== null && "folder" in data && "month" in data && "start" in data;
}

// Others may import this in threads of theirs.
if (parentPort && isMonthPlan(workerData)) parentPort.postMessage(writeMonth(workerData), []);
