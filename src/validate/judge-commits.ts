import { equalBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type GitCommit, parseGitCommit } from "../core/git-commit.ts";
import { didKey } from "../core/identity-did.ts";
import { parseJson } from "../core/json.ts";
import { type KeyVerdict, keyVerdict } from "../core/key-window.ts";
import type { NodeId } from "../core/node-id.ts";
import type { Maintainer, NodeManifest } from "../core/node-manifest.ts";
import { defaultPolicy, parsePolicy, type Policy } from "../core/policy.ts";
import { parseSshSignature, verifySshSignature } from "../core/ssh-signature.ts";
import type { CommitRange, FileTree, RangeCommit } from "../ports.ts";
import { type EventReading, holdsEvents, manifestIn, manifestsIn, nodeOfPath, speakersIn } from "./commit-nodes.ts";
import { findRoot, listing } from "./find-ledger.ts";
import { type Finding, type FindingSink, findingList, nowhere } from "./finding.ts";

export interface CommitOptions extends Omit<EventReading, "policy"> {
  /** Bytes of a policy file to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array | undefined;
  /** The clock by which keys are valid, milliseconds since 1970. */
  readonly nowUnixMs: number;
}

/** What the commits are judged with. */
interface Judging extends EventReading, Pick<CommitOptions, "nowUnixMs"> {
  readonly range: CommitRange;
  /** Ids of the commits of the range. */
  readonly inRange: ReadonlySet<string>;
  /** The accepted commits that the range grows from. */
  readonly forks: readonly string[];
  /** Where the ledger is in every tree: `""` or `"ledger/"`. */
  readonly root: string;
  readonly sink: FindingSink;
}

/**
 * Is each commit that changes a node, its folder or its events, signed by a key of that node? The keys are those that the
 * manifest had before the commit, and of commits that follow on accepted ones those it has in the base; a key that is not
 * valid now, or that the base has revoked or dropped, signs nothing. A new node signs with a key of its own manifest, or a
 * node of kind governance in the base signs for it. A merge is judged by what it has from none of its parents.
 *
 * @throws SettlementError `LEDGER_AMBIGUOUS` when the ledger is at another place than in the base; what `range` throws
 */
export async function judgeCommits(range: CommitRange, options: CommitOptions): Promise<readonly Finding[]> {
  const { findings, ...sink } = findingList();
  const inRange = new Set(range.commits.map(({ id }) => id));
  const forks = new Set(range.commits.flatMap(({ parents }) => parents).filter((id) => !inRange.has(id)));
  const root = await rootOf(range);
  const policy = await policyOf(range.base, root, options.policy);
  const judging: Judging = { ...options, policy, range, inRange, forks: [...forks], root, sink };
  for (const commit of range.commits) await judgeCommit(commit, judging);
  for (const path of await range.uncommitted()) {
    const own = path.startsWith(root) ? path.slice(root.length) : "";
    const node = nodeOfPath(own);
    if (node === undefined && !holdsEvents(own)) continue;
    const place = { file: path, ...(node === undefined ? {} : { node }) };
    sink.add("COMMIT_MISSING", place, "the file is not as the newest commit has it, so nobody has signed it");
  }
  return findings;
}

async function rootOf({ base, commits, treeAt }: CommitRange): Promise<string> {
  const newest = commits.at(-1);
  const before = await findRoot(base.name, listing(base, nowhere), nowhere);
  const tree = newest && (await treeAt(newest.id));
  const now = tree ? await findRoot(tree.name, listing(tree, nowhere), nowhere) : before;
  if (before !== undefined && now !== before) {
    throw new SettlementError(
      "LEDGER_AMBIGUOUS",
      "the commits move the ledger to another folder, so what they change cannot be told; move it in a change of its own",
    );
  }
  return now ?? "";
}

/** The policy of the base: a change does not say who may sign it. */
async function policyOf(base: FileTree, root: string, given: Uint8Array | undefined): Promise<Policy> {
  const bytes = given ?? (root === "" ? undefined : await base.read("verifier.policy.json"));
  return bytes ? parsePolicy(parseJson(bytes, { maxBytes: 1_048_576 })) : defaultPolicy;
}

async function judgeCommit(commit: RangeCommit, judging: Judging): Promise<void> {
  const nodes = await nodesChangedBy(commit, judging);
  if (nodes.size === 0) return;
  const signed = await signerOf(commit, nodes, judging);
  if (!signed) return;
  for (const [node, file] of nodes) {
    const why = await whyNot(signed, { commit, node }, judging);
    if (why === undefined) continue;
    const message = `commit ${commit.id.slice(0, 12)} changes ${node} and is signed by ${didKey(signed.key)}: ${why}`;
    judging.sink.add("COMMIT_SIGNER_NOT_PERMITTED", { file, commit: commit.id, node }, message);
  }
}

/** Each node whose folder or events the commit changes, with a file that shows it. */
async function nodesChangedBy(commit: RangeCommit, judging: Judging): Promise<ReadonlyMap<NodeId, string>> {
  const { range, root } = judging;
  const own = commit.changed.filter((path) => path.startsWith(root));
  const eventPaths = own.filter((path) => holdsEvents(path.slice(root.length)));
  const nodes = new Map<NodeId, string>();
  for (const path of own) {
    const node = nodeOfPath(path.slice(root.length));
    if (node !== undefined && !nodes.has(node)) nodes.set(node, path);
  }
  if (eventPaths.length === 0) return nodes;
  const parents = await Promise.all(commit.parents.map((id) => range.treeAt(id)));
  const speakers = await speakersIn(await range.treeAt(commit.id), parents, eventPaths, judging);
  return new Map([...speakers, ...nodes]);
}

interface Signed {
  readonly key: Uint8Array;
  readonly commitTimeUnixMs: number;
}

/** Who signed a commit; undefined where nobody did, which is reported for each node. */
async function signerOf(
  { id, parents }: RangeCommit,
  nodes: ReadonlyMap<NodeId, string>,
  { range, verify, sink }: Judging,
): Promise<Signed | undefined> {
  const report = (add: (place: { file: string; commit: string; node: NodeId }) => void): undefined => {
    for (const [node, file] of nodes) add({ file, commit: id, node });
  };
  try {
    const commit = parseGitCommit(await range.object(id));
    if (!sameParents(commit, parents)) {
      throw new SettlementError(
        "LEDGER_UNREADABLE",
        `the repository lacks parents of commit ${id.slice(0, 12)}; fetch the whole history (no shallow clone)`,
      );
    }
    const { signature, payload, commitTimeUnixS } = commit;
    if (signature === undefined) {
      return report((place) => sink.add("COMMIT_UNSIGNED", place, `${named(place)} and is not signed`));
    }
    const key = verifySshSignature(parseSshSignature(signature), payload, "git", verify);
    return { key, commitTimeUnixMs: commitTimeUnixS * 1000 };
  } catch (error) {
    if (!(error instanceof SettlementError) || error.kind === "unavailable") throw error;
    return report((place) =>
      sink.add("COMMIT_SIGNATURE_INVALID", place, `${named(place)}, and its signature is none: ${error.message}`),
    );
  }
}

function named({ commit, node }: { readonly commit: string; readonly node: NodeId }): string {
  return `commit ${commit.slice(0, 12)} changes ${node}`;
}

function sameParents({ parents }: GitCommit, known: readonly string[]): boolean {
  return parents.length === known.length && parents.every((id, at) => id === known[at]);
}

/** Why a key may not sign a commit that changes a node; undefined where it may. */
async function whyNot(
  { key, commitTimeUnixMs }: Signed,
  { commit, node }: { readonly commit: RangeCommit; readonly node: NodeId },
  judging: Judging,
): Promise<string | undefined> {
  const { range, root } = judging;
  const accepted = await manifestIn(range.base, root, node);
  const before = (await manifestBefore(commit, node, judging)) ?? accepted;
  const tree = await range.treeAt(commit.id);
  const holders = before ? [before] : [await manifestIn(tree, root, node), ...(await governors(range.base, root))];
  const held = keysOf(holders, key);
  if (held.length === 0)
    return before ? "none of its keys before the commit" : "no key of the new node or of governance";
  const now = keysOf(accepted ? [accepted] : [], key);
  if (accepted && now.length === 0 && (await wasDropped(key, node, judging))) return "the key was removed since";
  const verdicts = [held, now].map((keys) => verdictOver(keys, [commitTimeUnixMs, judging.nowUnixMs]));
  return verdicts.map((verdict) => (verdict?.valid === false ? verdict.detail : undefined)).find(Boolean);
}

/** The manifest in the first parent, if that is a commit of the range too; others are accepted, and the base counts. */
async function manifestBefore(
  { parents: [parent] }: RangeCommit,
  node: NodeId,
  { range, inRange, root }: Judging,
): Promise<NodeManifest | undefined> {
  return parent !== undefined && inRange.has(parent) ? manifestIn(await range.treeAt(parent), root, node) : undefined;
}

async function governors(base: FileTree, root: string): Promise<readonly NodeManifest[]> {
  return (await manifestsIn(base, root)).filter(({ kind }) => kind === "governance");
}

function keysOf(nodes: readonly (NodeManifest | undefined)[], key: Uint8Array): readonly Maintainer[] {
  const keys = nodes.flatMap((node) => node?.maintainers ?? []);
  return keys.filter(({ publicKey }) => equalBytes(publicKey, key));
}

/** Had an accepted commit that the change grows from this key, which the base has no more? */
async function wasDropped(key: Uint8Array, node: NodeId, { range, forks, root }: Judging): Promise<boolean> {
  for (const id of forks) {
    const manifest = await manifestIn(await range.treeAt(id), root, node);
    if (keysOf([manifest], key).length > 0) return true;
  }
  return false;
}

/** The best that the windows of a key say of all these times; undefined for no key. */
function verdictOver(keys: readonly Maintainer[], times: readonly number[]): KeyVerdict | undefined {
  const verdicts = keys.map(({ window }) => {
    const each = times.map((claimed) => keyVerdict(window, { claimed }));
    return each.find(({ valid }) => !valid) ?? each[0];
  });
  return verdicts.find((verdict) => verdict?.valid) ?? verdicts[0];
}
