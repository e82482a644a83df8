import { existsSync } from "node:fs";
import type { BrowsableTree } from "../../adapters/browsable-tree.ts";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { memoryTree } from "../../adapters/memory-tree.ts";
import { withFile } from "../../adapters/overlay-tree.ts";
import { nodeVerifyAsync } from "../../adapters/node-crypto.ts";
import { readFile } from "../../adapters/plain-file.ts";
import { fast } from "../../compose-judging.ts";
import type { Config } from "../../config.ts";
import { equalBytes, utf8 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { type JsonObject, parseJson } from "../../core/json.ts";
import { type KeyChange, keysFrom } from "../../core/key-change.ts";
import type { Dialect } from "../../core/ledger-event.ts";
import { monthOf } from "../../core/month.ts";
import { isNodeId } from "../../core/node-id.ts";
import { type NodeManifest, parseNodeManifest } from "../../core/node-manifest.ts";
import { type SignedEvent, signEvent } from "../../core/sign-event.ts";
import { formatTimestamp, parseRfc3339 } from "../../core/time.ts";
import { placed } from "../../core/placed.ts";
import { appendEvents } from "../../settle/append-events.ts";
import type { SettingName } from "../../settings.ts";
import { openDoor, type OpenedDoor } from "../../validate/door.ts";
import { judgeNode } from "../../validate/judge-node.ts";
import type { Context } from "../command.ts";
import { writeOutput } from "../output.ts";
import { type Answer, refusal, refusalOf } from "./answers.ts";
import { manifestPath, type ProposedNode, proposeNode, restoreNode, writeNode } from "../../compose-nodes.ts";
import { readManifest } from "./given-files.ts";
import { judgingOf, nowOf, openWritable, type WritableLedger } from "./open-writable.ts";
import { givenKey, type SigningKey, signingKey } from "./signing-key.ts";

/** What became of a change of keys. */
export type KeyOutcome =
  | { readonly state: "refused"; readonly faults: readonly Answer[] }
  | {
      readonly state: "changed";
      readonly node: string;
      /** The manifest that was changed, as it was named or in the ledger folder. */
      readonly path: string;
      /** Is it that of the ledger? */
      readonly isInLedger: boolean;
      /** The signed key event of the jsonl dialect; null in the monthly one, which knows windows alone. */
      readonly event: SignedEvent | null;
      /** Keys that may sign from then on. */
      readonly keysLeft: number;
    };

/** Settings of every change of keys, beside those of the key that signs. */
export const changeSettings = [
  "at",
  "dialect",
  "keyId",
  "output",
  "policy",
  "grace",
  "now",
  "format",
] as const satisfies readonly SettingName[];

type MakeChange = (node: NodeManifest) => KeyChange;

/** The instant of the change, a whole second that is not over. @throws SettlementError `KEY_CHANGE_CONFLICT` */
export function instantOf(config: Config): number {
  const nowUnixMs = wholeSecond(nowOf(config));
  const { at } = config;
  const atUnixMs = at === undefined ? nowUnixMs : placed("--at", () => parseRfc3339(at));
  if (atUnixMs >= nowUnixMs) return atUnixMs;
  throw new SettlementError(
    "KEY_CHANGE_CONFLICT",
    `--at ${formatTimestamp(atUnixMs)} is over: windows of keys look forward; only a compromise looks back, by --invalid-after`,
  );
}

function wholeSecond(unixMs: number): number {
  return unixMs - (unixMs % 1000);
}

function manifestText(node: JsonObject): Uint8Array {
  return utf8(`${JSON.stringify(node, null, 2)}\n`);
}

/** Changes the keys of a node: of a manifest in a file, or of a node in the ledger folder, with its event. */
export async function changeKeys(context: Context, target: string, make: MakeChange): Promise<KeyOutcome> {
  return isNodeId(target) && !existsSync(target)
    ? changeInLedger(context, target, make)
    : changeInFile(context, target, make);
}

async function changeInFile({ config }: Context, path: string, make: MakeChange): Promise<KeyOutcome> {
  if (path === "-") throw new SettlementError("CONFIG_INVALID", "the manifest is changed in its place: name its file");
  const node = readManifest(path);
  const change = make(node);
  const inTree = manifestPath(node.id);
  const before = memoryTree({ [inTree]: manifestText(node.json) });
  const bytes = manifestText(change.node);
  const after = withFile(before, inTree, bytes);
  const { errors } = await judgeNode({ before, after, path: inTree }, { ...fast, nowUnixMs: nowOf(config) });
  const dialect: Dialect = config.dialect === "jsonl" ? "jsonl" : "monthly";
  const door = (tree: BrowsableTree): Promise<OpenedDoor> => openDoor(tree, { ...fast, verifyAhead: nodeVerifyAsync });
  const judged = await judgeChange({ change, proposed: { errors, after }, dialect, others: [node], door }, config);
  if ("faults" in judged) return { state: "refused", faults: judged.faults };
  const { event } = judged;
  if (event && config.output !== undefined) writeOutput(config.output, utf8(`${JSON.stringify(event.event)}\n`));
  writeOutput(path, bytes);
  return changed({ change, event, path, isInLedger: false }, config);
}

async function changeInLedger({ config, io }: Context, id: string, make: MakeChange): Promise<KeyOutcome> {
  const open = await openWritable(config, io);
  return open.ledger.alone(async () => {
    const node = await registered(open, id);
    const change = make(node);
    const proposed = await proposeNode(open, { id, bytes: manifestText(change.node) }, judgingOf(config));
    const { nodes, files } = await open.ledger.frame();
    const dialect = files.length === 0 && config.dialect === "jsonl" ? "jsonl" : await dialectOf(open);
    const judged = await judgeChange({ change, proposed, dialect, others: nodes, door: open.door }, config);
    if ("faults" in judged) return { state: "refused", faults: judged.faults };
    const { event } = judged;
    const faults = await writeBoth(open, proposed, event);
    if (faults.length > 0) return { state: "refused", faults };
    return changed({ change, event, path: proposed.path, isInLedger: true }, config);
  });
}

async function registered(open: WritableLedger, id: string): Promise<NodeManifest> {
  const path = manifestPath(id);
  const bytes = await readFile({ root: open.folder, fs: nodeFileSystem }, path);
  if (bytes) return placed(path, () => parseNodeManifest(parseJson(bytes)));
  throw new SettlementError("NODE_NOT_FOUND", `${id} is no file, and no node of the ledger that --ledger names`);
}

async function dialectOf(open: WritableLedger): Promise<Dialect> {
  return (await open.door()).door.dialect() ?? "monthly";
}

/** The manifest first, since the event speaks of it; put back when the event is not taken. */
async function writeBoth(
  open: WritableLedger,
  proposed: ProposedNode,
  event: SignedEvent | null,
): Promise<readonly Answer[]> {
  await writeNode(open, proposed);
  if (!event) return [];
  try {
    const [answer] = await appendEvents([event.event], open.appending);
    if (answer?.state !== "refused") return [];
    await restoreNode(open, proposed);
    return [answer];
  } catch (error) {
    // Where nobody knows whether the event was kept, the manifest that shows what it says stays.
    if (error instanceof SettlementError && error.kind !== "unavailable") await restoreNode(open, proposed);
    throw error;
  }
}

interface Judged {
  readonly change: KeyChange;
  readonly proposed: Pick<ProposedNode, "errors" | "after">;
  readonly dialect: Dialect;
  /** Nodes whose keys may decide over this one's. */
  readonly others: readonly NodeManifest[];
  readonly door: (tree: BrowsableTree) => Promise<OpenedDoor>;
}

/** Asks every rule about the manifest, and in the jsonl dialect about the event that it is changed with. */
async function judgeChange(
  { change, proposed, dialect, others, door }: Judged,
  config: Config,
): Promise<{ readonly event: SignedEvent | null } | { readonly faults: readonly Answer[] }> {
  const key = dialect === "jsonl" ? signingKey(config) : givenKey(config);
  const unfit = key ? signerFaults(key, change, others, dialect) : [];
  if (unfit.length > 0) return { faults: unfit };
  if (proposed.errors.length > 0) return { faults: proposed.errors.map(refusalOf) };
  if (dialect === "monthly" || !key) return { event: null };
  const nowUnixMs = nowOf(config);
  const content = { ...change.event, timestamp: formatTimestamp(wholeSecond(nowUnixMs)) };
  const keyId = config.keyId ?? keyIdOf(key, others, change);
  const event = signEvent({ dialect, content }, { sign: key.sign, keyId });
  const opened = await door(proposed.after);
  const candidate = await opened.door.read(event.event);
  const errors = opened.door.admit(candidate, { month: monthOf(nowUnixMs), nowUnixMs, tally: opened.door.tally() });
  return errors.length > 0 ? { faults: errors.map(refusalOf) } : { event };
}

/** Who may never decide, whatever the windows say: the key that is revoked, and who has nothing to do with the node. */
function signerFaults(
  { publicKey }: SigningKey,
  { key, event, nodeId }: KeyChange,
  others: readonly NodeManifest[],
  dialect: Dialect,
): readonly Answer[] {
  const name = key.keyId ?? key.name;
  if (event["type"] === "KeyRevocation" && equalBytes(publicKey, key.publicKey)) {
    return [refusal("KEY_EVENT_SIGNER", `${name} revokes itself; let another key of the node or governance do it`)];
  }
  if (dialect === "jsonl") return [];
  // What is changed by hand is signed by whoever commits it; the key that was given is taken for that one.
  const may = others.filter(({ id, kind }) => id === nodeId || kind === "governance");
  const holds = may.some(({ maintainers }) => maintainers.some((each) => equalBytes(each.publicKey, publicKey)));
  const why = `the key at hand is neither one of ${nodeId} nor one of governance`;
  return holds ? [] : [refusal("COMMIT_SIGNER_NOT_PERMITTED", why)];
}

/** Name of the signing key by the manifests at hand, the node's own first. */
function keyIdOf(
  { publicKey }: SigningKey,
  others: readonly NodeManifest[],
  { nodeId }: KeyChange,
): string | undefined {
  const own = others.filter(({ id }) => id === nodeId);
  const [found] = [...own, ...others]
    .flatMap(({ maintainers }) => maintainers)
    .filter((each) => equalBytes(each.publicKey, publicKey));
  return found?.keyId ?? found?.name;
}

function changed(
  {
    change,
    ...written
  }: {
    readonly change: KeyChange;
    readonly path: string;
    readonly isInLedger: boolean;
    readonly event: SignedEvent | null;
  },
  config: Config,
): KeyOutcome {
  const keysLeft = keysFrom(change.node, instantOf(config)).length;
  return { state: "changed", node: change.nodeId, ...written, keysLeft };
}
