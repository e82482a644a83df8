import { toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { indexNodes, type NodeIndex, type Signer } from "../core/signer.ts";
import { type TreeHashing, treeHashing } from "../core/tree-hashing.ts";
import type { EventPartitions } from "./closed-months.ts";
import { entriesOf, type Entry, type LedgerState } from "./ledger-state.ts";
import { emptyMemory, type LedgerMemory } from "./memory.ts";
import { type KeyHolder, readable, type Readable, type RuleContext } from "./rule.ts";
import { rules } from "./rules.ts";
import { contentKey } from "./rules/events.ts";
import { keySayings } from "./rules/key-events.ts";
import { folderId } from "./rules/nodes.ts";
import { judgeSignatures } from "./rules/signatures.ts";

/** What a ledger is judged by, beside itself. */
export interface JudgeOptions {
  /** The clock to judge by, milliseconds since 1970. */
  readonly nowUnixMs: number;
  /** How far ahead of the clock an event may be, an hour by default, and how old when it is added, a year by default. */
  readonly windows?: { readonly aheadMs?: number; readonly behindMs?: number };
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  /** Hashes trees; by `sha256` when left out. */
  readonly hashing?: TreeHashing;
  /** Close time of the XRPL ledger that witnessed a month, milliseconds since 1970: it saves events from a later compromise. */
  readonly witnessedUnixMs?: (month: Month) => number | undefined;
}

/** A ledger, the earlier state it is compared with, and where findings go. */
type Judged = Pick<RuleContext, "ledger" | "base" | "isNew" | "sink"> & { readonly closed: EventPartitions };

/** Of a ledger all of whose events are at hand. */
export interface WholeContext extends RuleContext {
  readonly memory: LedgerMemory;
  /** Events that are none of the closed month they stand in: what was published does not speak of them. */
  readonly late: ReadonlySet<LedgerEvent>;
}

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Everything the rules look at; signers and memory are filled by {@link judgeLedger}. */
export function ruleContext(judged: Judged, options: JudgeOptions): WholeContext {
  const { nowUnixMs, windows = {}, verify, sha256, witnessedUnixMs = () => undefined } = options;
  const entries = entriesOf(judged.ledger);
  const byEvent = new Map<LedgerEvent, Entry>(
    entries.flatMap((entry) => (entry.event ? [[entry.event, entry] as const] : [])),
  );
  const signers: RuleContext["signers"] = new Map();
  return {
    ...judged,
    entries,
    *signedIn(month) {
      for (const event of judged.closed.partitions.get(month) ?? []) {
        const entry = byEvent.get(event);
        const found = entry ? (signers.get(entry) ?? []) : [];
        if (entry && found.length > 0) yield { place: () => entry.place, signers: found.map(holderOf) };
      }
    },
    nodes: indexLedgerNodes(judged.ledger),
    signers,
    late: judged.closed.late,
    memory: emptyMemory(sha256),
    clock: clockOf(nowUnixMs, windows),
    witnessedUnixMs,
    verify,
    sha256,
    hashing: options.hashing ?? treeHashing(sha256),
  };
}

/** The clock that events are judged by. */
export function clockOf(nowUnixMs: number, windows: JudgeOptions["windows"] = {}): RuleContext["clock"] {
  return { nowUnixMs, aheadMs: windows.aheadMs ?? hourMs, behindMs: windows.behindMs ?? yearMs };
}

export function holderOf({ node, key }: Signer): KeyHolder {
  return { node: node.id, key: toHex(key.publicKey) };
}

/** Manifests that stand in their own folders; others speak for nobody. */
export function indexLedgerNodes({ nodes, policy, root }: Pick<LedgerState, "nodes" | "policy" | "root">): NodeIndex {
  const own = nodes.filter((file) => file.node?.id === folderId(file, root));
  return indexNodes(
    own.flatMap(({ node }) => node ?? []),
    policy,
  );
}

/**
 * Judges a ledger by every rule.
 *
 * @returns number of events whose signature was verified
 */
export async function judgeLedger(context: WholeContext): Promise<number> {
  const signaturesChecked = judgeSignatures(context);
  const events = readable(context.entries);
  for (const entry of events) remember(entry, context);
  for (const rule of rules) {
    if ("run" in rule) await rule.run(context);
    else for (const entry of events) rule.judge(entry, context);
  }
  return signaturesChecked;
}

/** Takes an event of the ledger into the memory; who signed it is known by then. */
export function remember(entry: Readable, context: WholeContext): void {
  const { event, place } = entry;
  const { memory, signers } = context;
  if (!memory.known.has(event.id)) {
    const publicKey = signers.get(entry)?.[0]?.key.publicKey;
    const { signature, keyId } = event;
    memory.known.set(event.id, {
      place,
      signature,
      ...(keyId === undefined ? {} : { keyId }),
      ...(publicKey ? { publicKey } : {}),
    });
  }
  const key = contentKey(entry, context);
  if (key !== undefined && !memory.said.has(key)) memory.said.set(key, { id: event.id, place });
  if (event.dialect === "monthly") return;
  for (const saying of keySayings(entry)) memory.keys.add(saying);
  if (!context.late.has(event)) memory.windows.add(event.id);
}
