import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ReleaseView } from "../../src/core/release-view.ts";
import type { Archive } from "../../src/ports.ts";
import {
  type JudgeReleaseOptions,
  parseReleaseName,
  type ReleaseJudge,
  releaseJudge,
} from "../../src/settle/judge-release.ts";
import { readNetworkRules } from "../../src/settle/network-files.ts";
import { releaseLedger } from "../../src/settle/release-events.ts";
import { eventProofs } from "../../src/settle/release-month.ts";
import { type Files, jsonlContent, jsonlEvent, type Json, nativeEvent, nodeJson, textIn } from "./build-ledger.ts";

/** Judges the releases of files in memory, of which no month is closed. */
export async function judgeOf(files: Files): Promise<ReleaseJudge> {
  const prefix = Object.keys(files).some((path) => path.startsWith("ledger/")) ? "ledger" : "";
  const start = prefix === "" ? "" : `${prefix}/`;
  const own = Object.entries(files).filter(([path]) => path.startsWith(start));
  const snapshot = await readLedger(
    memoryTree(Object.fromEntries(own.map(([path, text]) => [path.slice(start.length), text]))),
  );
  const rules = await readNetworkRules({ tree: memoryTree(files), prefix });
  const archive: Archive = memoryArchive();
  const never = (): never => {
    throw new TypeError("no month is closed");
  };
  const proofOf = eventProofs(archive, never, never);
  const trust = { publishers: [], accounts: [], logs: [] };
  return releaseJudge(releaseLedger(snapshot), rules, { verify: nodeVerify, sha256: nodeSha256, trust, proofOf });
}

/** The verdict about one release of files in memory. */
export async function judged(files: Files, name: string, options: JudgeReleaseOptions = {}): Promise<ReleaseView> {
  const { repo, version = "" } = parseReleaseName(name);
  return (await judgeOf(files)).judge(repo, version, options);
}

/** The name under which all releases of these ledgers stand. */
export const widget = "acme/widget";

interface Parts {
  readonly events: readonly JsonObject[];
  readonly nodes?: readonly JsonObject[];
  readonly more?: Files;
}

export const jsonlNodes: readonly Json[] = [
  nodeJson(widget, "compute"),
  nodeJson("net/registry", "registry"),
  nodeJson("audit/one", "attestor"),
  nodeJson("audit/two", "attestor"),
  nodeJson("rules/keeper", "policy"),
];

const policy = {
  v: 2,
  trustedAttestors: ["net/registry", "audit/one", "audit/two"],
  trustedPolicy: ["rules/keeper"],
};

/** A jsonl network with these events; audit/three is registered nowhere. */
export function jsonlNetwork({ events, nodes = jsonlNodes, more = {} }: Parts): Files {
  return {
    ...Object.fromEntries(nodes.map((node) => [`ledger/nodes/${textIn(node["id"])}/node.json`, JSON.stringify(node)])),
    "ledger/events/events.jsonl": events.map((event) => `${JSON.stringify(event)}\n`).join(""),
    "verifier.policy.json": JSON.stringify(policy),
    ...more,
  };
}

const released = "2026-01-05T10:00:00Z";

export function jsonlRelease(version = "1.0.0", more: JsonObject = {}, signer: string = widget): Json {
  return jsonlEvent(jsonlContent("ReleasePublished", widget, version, released, more), signer);
}

/** What an attestor says of release 1.0.0, in the words of its notes and in URIs. */
export function jsonlAttestation(
  signer: string,
  results: Readonly<Record<string, string>>,
  timestamp = "2026-01-06T10:00:00Z",
  more: JsonObject = {},
): Json {
  const said = Object.entries(results);
  const attestations = said.map(([type, result]) => ({ type, uri: `repomesh:attestor:${type}:${result}` }));
  const notes = said.map(([type, result]) => `${type}: ${result} — as ${signer} sees it`).join("\n");
  const content = jsonlContent("AttestationPublished", widget, "1.0.0", timestamp, { attestations, notes, ...more });
  return jsonlEvent(content, signer);
}

export function jsonlViolation(signer = "rules/keeper"): Json {
  const content = jsonlContent("PolicyViolation", widget, "1.0.0", "2026-01-08T10:00:00Z", { notes: "no changelog" });
  return jsonlEvent(content, signer);
}

export function jsonlDispute(signer: string): Json {
  const attestations = [{ type: "attestation.dispute", uri: "https://example.org/dispute" }];
  return jsonlAttestation(signer, {}, "2026-01-09T10:00:00Z", { attestations, notes: "disputed: it does not build" });
}

export const monthlyNodes: readonly Json[] = [
  nodeJson(widget, "compute"),
  nodeJson("audit/one", "attestor"),
  nodeJson("rules/keeper", "policy"),
  nodeJson("watch/tower", "oracle"),
];

export function monthlyRelease(more: JsonObject = {}): Json & { readonly id: string } {
  return nativeEvent("ReleasePublished", widget, released, {
    repo: widget,
    version: "1.0.0",
    commit: "c0".repeat(20),
    artifacts: [{ name: "widget.tgz", sha256: "ab".repeat(32) }],
    profile: "baseline",
    ...more,
  });
}

export function monthlyAttestation(
  target: string,
  results: Readonly<Record<string, string>>,
  signer = "audit/one",
): Json & { readonly id: string } {
  const verifierResults = Object.entries(results).map(([check, result]) => ({ check, result }));
  const payload = { targetEventId: target, verifierResults, compositeScore: 50 };
  return nativeEvent("AttestationPublished", signer, "2026-01-06T10:00:00Z", payload);
}

/** A ledger of the monthly dialect with these events of January. */
export function monthlyNetwork({ events, nodes = monthlyNodes, more = {} }: Parts): Files {
  return {
    ...Object.fromEntries(nodes.map((node) => [`nodes/${textIn(node["id"])}/node.json`, JSON.stringify(node)])),
    "2026-01.json": JSON.stringify(events),
    ...more,
  };
}
