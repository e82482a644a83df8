import { memoryTree } from "../../adapters/memory-tree.ts";
import { fast } from "../../compose-judging.ts";
import { SettlementError } from "../../core/error.ts";
import { isJsonObject, parseJson } from "../../core/json.ts";
import { keyVerdict } from "../../core/key-window.ts";
import { isNodeId } from "../../core/node-id.ts";
import { type NodeManifest, parseNodeManifest } from "../../core/node-manifest.ts";
import { registryDependencies } from "../../core/registry-dependencies.ts";
import type { Finding } from "../../validate/finding.ts";
import { judgeNode, type NodeJudgement } from "../../validate/judge-node.ts";
import { harmless, type Io, styled } from "../io.ts";
import { type Answer, refusal, refusalOf, refusalText } from "./answers.ts";
import { manifestPath } from "../../compose-nodes.ts";

/** A manifest as far as it can be read, and what is wrong with its form. */
export interface ReadNode {
  /** Undefined where there are faults that keep it from being read. */
  readonly node: NodeManifest | undefined;
  readonly faults: readonly Answer[];
}

/** Reads the bytes of a manifest and judges their form, without any ledger. */
export async function readNode(bytes: Uint8Array, nowUnixMs: number): Promise<ReadNode> {
  let id: unknown;
  try {
    const value = parseJson(bytes);
    id = isJsonObject(value) ? value["id"] : undefined;
  } catch (error) {
    if (error instanceof SettlementError) return { node: undefined, faults: [refusal(error.code, error.message)] };
    throw error;
  }
  if (typeof id !== "string" || !isNodeId(id)) {
    return { node: undefined, faults: [refusal("NODE_ID_MALFORMED", "node: id is not written org/repo")] };
  }
  const after = memoryTree({ [manifestPath(id)]: bytes });
  const { errors } = await judgeNode({ before: undefined, after, path: manifestPath(id) }, { ...fast, nowUnixMs });
  return { node: errors.length > 0 ? undefined : parseNodeManifest(parseJson(bytes)), faults: errors.map(refusalOf) };
}

/** What a key of a node is good for now. */
export interface KeyFacts {
  readonly name: string;
  readonly keyId: string | null;
  readonly state: "valid" | "early" | "expired" | "revoked" | "compromised";
}

export function keyFacts({ maintainers }: NodeManifest, nowUnixMs: number): readonly KeyFacts[] {
  return maintainers.map(({ name, keyId, window }) => {
    const verdict = keyVerdict(window, { claimed: nowUnixMs });
    return { name, keyId: keyId ?? null, state: verdict.valid ? "valid" : verdict.why };
  });
}

/** Capabilities that a node consumes and no node of the network provides. */
export function unmetOf(node: NodeManifest, others: readonly NodeManifest[]): readonly string[] {
  const network = [...others.filter(({ id }) => id !== node.id), node];
  return registryDependencies(network).warnings.flatMap((warning) =>
    warning.type === "unmet.dependency" && warning.node === node.id ? [warning.capability] : [],
  );
}

function warningText(io: Io, { code, message }: Finding): string {
  return `${styled(io, "yellow", "WARNING")}  ${code}: ${harmless(message)}\n`;
}

/** Errors as refusals, warnings after them. */
export function judgementText(io: Io, { errors, warnings }: NodeJudgement): string {
  const refused = errors.map((finding) => refusalText(io, refusalOf(finding)));
  return [...refused, ...warnings.map((finding) => warningText(io, finding))].join("");
}
