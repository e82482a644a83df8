import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeDigest, nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { merkletreejsRoot, merkletreejsTree } from "../../src/adapters/second-root.ts";
import { fromHex, fromUtf8, toBase64, toHex, utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import { jsonlEventHash } from "../../src/core/event-jsonl.ts";
import type { EventType } from "../../src/core/event-types.ts";
import { sha256 } from "../../src/core/hash.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { formatPartition } from "../../src/core/partition-file.ts";
import { publicKeyPem } from "../../src/core/public-key.ts";
import type { Archive } from "../../src/ports.ts";
import { closePartition } from "../../src/settle/close-partition.ts";

/** Files of a tree by path. */
export type Files = Record<string, string>;

/** Members of a test's JSON, free to be changed. */
export type Json = Record<string, JsonValue>;

/** A text, of which the test knows that it is one. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function without(object: JsonObject, member: string): Json {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== member));
}

/** Seed of a key that is made from its name. */
export function seedOf(name: string): Uint8Array {
  return sha256(utf8(`throwaway key ${name}`));
}

export function pemOf(name: string): string {
  return publicKeyPem(publicKeyOf(seedOf(name)));
}

/** The clock by which the built ledgers are good. */
export const nowUnixMs = Date.parse("2026-03-20T12:00:00Z");

export const host = "ledger.test";

export function settlementJson(): Json {
  const key = formatVkey(makeVkey(`${host}/ledger`, publicKeyOf(seedOf("settlement"))));
  return { v: 1, host, network: "local", key, accounts: [] };
}

/** A manifest whose one key is called after the node and made from its id. */
export function nodeJson(id: string, kind: string, more: JsonObject = {}, key: JsonObject = {}): Json {
  const name = id.replace("/", "-");
  return {
    id,
    kind,
    provides: [`${kind}.results.v1`],
    consumes: [],
    interfaces: [{ name: "api", version: "v1", schemaPath: "./schemas/api.v1.json" }],
    invariants: { deterministicBuild: true, signedReleases: true, semver: true, changelog: true },
    maintainers: [{ name, keyId: `${name}-1`, publicKey: pemOf(id), contact: "ops@example.org", ...key }],
    ...more,
  };
}

/** A signed event of the monthly dialect. */
export function nativeEvent(
  type: EventType,
  nodeId: string,
  timestamp: string,
  payload: JsonObject,
  signer: string = nodeId,
): Json & { readonly id: string } {
  const id = eventIdBytes({ type, nodeId, timestamp, payload });
  return { id: toHex(id), type, nodeId, timestamp, payload, signature: toBase64(signEd25519(seedOf(signer), id)) };
}

/** The id and the signature that the content of an event has now. */
export function signAgain(event: JsonObject, signer = textIn(event["nodeId"])): Json {
  const { type, nodeId, timestamp, payload } = event as never;
  return { ...event, ...nativeEvent(type, nodeId, timestamp, payload, signer) };
}

/** A signed event of the jsonl dialect. */
export function jsonlEvent(content: JsonObject, signer: string, keyId = `${signer.replace("/", "-")}-1`): Json {
  const hash = jsonlEventHash(content);
  const value = toBase64(signEd25519(seedOf(signer), hash));
  return { ...content, signature: { alg: "ed25519", keyId, value, canonicalHash: toHex(hash) } };
}

/** The hash and the signature that the content of a jsonl event has now. */
export function signLineAgain(event: JsonObject, signer: string, keyId?: string): Json {
  const { signature: _old, ...content } = event;
  return jsonlEvent(content, signer, keyId);
}

export function partition(events: readonly JsonObject[]): string {
  return formatPartition(
    "array",
    events.map((event) => JSON.stringify(event)),
  );
}

function lines(events: readonly JsonObject[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

export function eventsIn(files: Files, path: string): Json[] {
  const text = files[path] ?? "[]";
  if (!path.endsWith("l")) return JSON.parse(text) as Json[];
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Json);
}

/** The files with the events of one file replaced. */
export function withEvents(files: Files, path: string, change: (events: Json[]) => readonly JsonObject[]): Files {
  const events = change(eventsIn(files, path));
  return { ...files, [path]: path.endsWith("l") ? lines(events) : partition(events) };
}

/** The files with one JSON file changed. */
export function withJson(files: Files, path: string, change: (value: Json) => JsonValue | void): Files {
  const value = JSON.parse(files[path] ?? "{}") as Json;
  const changed = change(value) ?? value;
  return { ...files, [path]: `${JSON.stringify(changed, null, 2)}\n` };
}

export function withoutFile(files: Files, ...paths: readonly string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
}

function nodeFiles(nodes: readonly JsonObject[], root = ""): Files {
  const texts = nodes.map((node) => [
    `${root}nodes/${textIn(node["id"])}/node.json`,
    `${JSON.stringify(node, null, 2)}\n`,
  ]);
  return Object.fromEntries(texts) as Files;
}

const digest = "ab".repeat(32);
const commit = "c0".repeat(20);

export function releasePayload(repo: string, version: string): Json {
  return { repo, version, commit, artifacts: [{ name: "widget.tgz", sha256: digest }], profile: "baseline" };
}

/** A ledger of the monthly dialect with all seven types: 2026-01 and 2026-02 to be closed, 2026-03 open. */
export function monthlyFiles(): Files {
  const nodes = [
    nodeJson("acme/widget", "compute"),
    nodeJson("acme/gadget", "compute"),
    nodeJson("audit/one", "attestor"),
    nodeJson("rules/keeper", "policy"),
    nodeJson("watch/tower", "oracle"),
    nodeJson("acme/notary", "settlement"),
  ];
  const diff = { added: ["b"], removed: ["a"], changed: [] };
  const attest = (target: string, timestamp: string): Json =>
    nativeEvent("AttestationPublished", "audit/one", timestamp, {
      targetEventId: target,
      verifierResults: [{ check: "license.audit", result: "pass" }],
      compositeScore: 92.5,
    });
  const first = nativeEvent(
    "ReleasePublished",
    "acme/widget",
    "2026-01-05T10:00:00Z",
    releasePayload("acme/widget", "1.0.0"),
  );
  const january = [
    first,
    attest(first.id, "2026-01-06T10:00:00Z"),
    nativeEvent("InterfaceUpdated", "acme/widget", "2026-01-07T10:00:00.250Z", {
      repo: "acme/widget",
      version: "1.0.0",
      schemaDiff: { added: ["b"], removed: [], changed: [] },
      backwardCompatible: true,
    }),
  ];
  const february = [
    nativeEvent("ReleasePublished", "acme/gadget", "2026-02-02T10:00:00Z", releasePayload("acme/gadget", "0.1.0")),
    nativeEvent("DependencyVulnFound", "watch/tower", "2026-02-03T10:00:00Z", {
      repo: "acme/widget",
      dependency: "pkg:npm/left-pad@1.3.0",
      cveId: "CVE-2026-12345",
      severity: "high",
      fixAvailable: true,
      fixedVersion: "1.3.1",
    }),
  ];
  const second = nativeEvent(
    "ReleasePublished",
    "acme/widget",
    "2026-03-01T10:00:00Z",
    releasePayload("acme/widget", "2.0.0"),
  );
  const march = [
    second,
    nativeEvent("BreakingChangeDetected", "rules/keeper", "2026-03-02T10:00:00Z", {
      repo: "acme/widget",
      fromVersion: "1.0.0",
      toVersion: "2.0.0",
      interfaceDiff: diff,
    }),
    nativeEvent("HealthCheckFailed", "watch/tower", "2026-03-03T10:00:00Z", {
      repo: "acme/gadget",
      checkType: "ci.build",
      details: "the build failed",
      severity: "low",
    }),
    attest(second.id, "2026-03-04T10:00:00Z"),
    nativeEvent("PolicyViolation", "rules/keeper", "2026-03-05T10:00:00Z", {
      repo: "acme/gadget",
      ruleId: "changelog.missing",
      details: "0.1.0 has no changelog",
      suggestedAction: "add one",
    }),
  ];
  return {
    ...nodeFiles(nodes),
    "settlement.json": `${JSON.stringify(settlementJson(), null, 2)}\n`,
    "2026-01.json": partition(january),
    "2026-02.json": partition(february),
    "2026-03.json": partition(march),
  };
}

const archived = ["manifest.json", "evidence.json", "nodes.json", "checkpoint", "ledger-checkpoint"];

/** Closes months as the settlement node does, and puts what it publishes under `anchors/`. */
async function closeMonths(files: Files, months: readonly string[], root = ""): Promise<Files> {
  const closed: Files = { ...files };
  const write: Archive["write"] = (month, name, bytes) => {
    if (archived.includes(name)) closed[`${root}anchors/${month}/${name}`] = fromUtf8(bytes);
    return Promise.resolve();
  };
  const archive: Archive = {
    months: () =>
      Promise.resolve(months.filter((month) => closed[`${root}anchors/${month}/manifest.json`] !== undefined)),
    read: (month, name) => {
      const text = closed[`${root}anchors/${month}/${name}`];
      return Promise.resolve(text === undefined ? undefined : utf8(text));
    },
    part: () => Promise.resolve(undefined),
    write,
    async writeAll(month, files) {
      for (const [name, bytes] of files) await write(month, name, bytes);
    },
    discard: () => Promise.resolve(),
  };
  const own = Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => path.startsWith(root))
      .map(([path, text]) => [path.slice(root.length), text]),
  );
  const seed = seedOf("settlement");
  for (const month of months) {
    await closePartition(month, "local", {
      ledger: {
        ...readsOf(() => readLedger(memoryTree(own))),
        append: () => Promise.reject(new TypeError("read only")),
      },
      archive,
      clock: () => Date.parse("2030-01-01T00:00:00Z"),
      key: { publicKey: publicKeyOf(seed), sign: (message) => signEd25519(seed, message) },
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
  return closed;
}

/** {@link monthlyFiles} with its first two months closed. */
export function closedMonthlyFiles(): Promise<Files> {
  return closeMonths(monthlyFiles(), ["2026-01", "2026-02"]);
}

export function jsonlContent(
  type: string,
  repo: string,
  version: string,
  timestamp: string,
  more: JsonObject = {},
): Json {
  const artifacts = [{ name: "widget.tgz", sha256: digest, uri: "https://example.org/widget.tgz" }];
  return { type, repo, version, commit, timestamp, artifacts, attestations: [], ...more };
}

/** What a network writes of an anchor over some of its events, in an event's note or a manifest. */
export function networkManifest(events: readonly JsonObject[], partitionId: string, prev: string | null = null): Json {
  const ids = events.map((event) => textIn((event["signature"] as JsonObject)["canonicalHash"]));
  const root = toHex(merkletreejsRoot(ids.map(fromHex)));
  const range = [ids[0] ?? "", ids.at(-1) ?? ""];
  const rest = {
    algo: "sha256-merkle-v2",
    count: ids.length,
    network: "testnet",
    partitionId,
    prev,
    range,
    root,
    v: 1,
  };
  return { ...rest, manifestHash: toHex(sha256(utf8(JSON.stringify(rest)))) };
}

export function anchorEvent(
  manifest: JsonObject,
  timestamp: string,
  change: (note: Json) => Json = (note) => note,
): Json {
  const { root, manifestHash, range, count, algo, prev, partitionId, network } = manifest;
  const note = change({
    txHash: toHex(sha256(utf8(timestamp))).toUpperCase(),
    network: network ?? "",
    partitionId: partitionId ?? "",
    eventCount: count ?? 0,
    merkleRoot: root ?? "",
    manifestHash: manifestHash ?? "",
    algo: algo ?? "",
    prev: prev ?? null,
    range: range ?? [],
  });
  const content = jsonlContent("AttestationPublished", "net/registry", `0.0.0-${textIn(partitionId)}`, timestamp, {
    commit: "0000000",
    artifacts: [{ name: "anchor.json", sha256: root ?? "", uri: "https://example.org/anchor" }],
    attestations: [{ type: "ledger.anchor", uri: `xrpl:tx:${toHex(sha256(utf8(timestamp))).toUpperCase()}` }],
    notes: `ledger.anchor: pass\n${JSON.stringify(note)}`,
  });
  return jsonlEvent(content, "net/registry");
}

export const linesPath = "ledger/events/events.jsonl";

/** The repository of a network with a jsonl ledger, two anchors of its own and a policy. */
export function jsonlFiles(): Files {
  const nodes = [
    nodeJson("acme/widget", "compute"),
    nodeJson("net/registry", "registry"),
    nodeJson("audit/one", "attestor"),
    nodeJson("audit/two", "attestor"),
    nodeJson("rules/keeper", "policy"),
  ];
  const audited = {
    attestations: [{ type: "license.audit", uri: "repomesh:attestor:license.audit:pass" }],
    notes: "license.audit: pass",
  };
  const first = [
    jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", "1.0.0", "2026-01-05T10:00:00Z"), "acme/widget"),
    jsonlEvent(
      jsonlContent("AttestationPublished", "acme/widget", "1.0.0", "2026-01-06T10:00:00Z", audited),
      "audit/one",
    ),
    jsonlEvent(
      jsonlContent("AttestationPublished", "acme/widget", "1.0.0", "2026-01-06T11:00:00Z", audited),
      "audit/two",
    ),
  ];
  const genesis = networkManifest(first, "genesis");
  const anchor = anchorEvent(genesis, "2026-02-01T10:00:00+01:00");
  const later = [
    jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", "1.1.0", "2026-02-10T10:00:00Z"), "acme/widget"),
    jsonlEvent(jsonlContent("PolicyViolation", "acme/widget", "1.1.0", "2026-03-02T10:00:00Z"), "rules/keeper"),
  ];
  const all = [...first, anchor, ...later];
  const policy = {
    v: 2,
    trustedAttestors: ["net/registry", "audit/one", "audit/two"],
    trustedPolicy: ["rules/keeper"],
  };
  return {
    ...nodeFiles(nodes, "ledger/"),
    "ledger/settlement.json": `${JSON.stringify(settlementJson(), null, 2)}\n`,
    [linesPath]: lines(all),
    "anchor/xrpl/manifests/genesis.json": JSON.stringify(genesis),
    "anchor/xrpl/manifests/all.json": JSON.stringify(networkManifest(all, "all", textIn(genesis["root"]))),
    "verifier.policy.json": JSON.stringify(policy),
  };
}

/** {@link jsonlFiles} with January and February closed. */
export function closedJsonlFiles(): Promise<Files> {
  return closeMonths(jsonlFiles(), ["2026-01", "2026-02"], "ledger/");
}
