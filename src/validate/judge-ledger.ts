import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { indexNodes, type NodeIndex } from "../core/signer.ts";
import { entriesOf, type Entry, type LedgerState } from "./ledger-state.ts";
import { emptyMemory } from "./memory.ts";
import { readable, type Readable, type RuleContext } from "./rule.ts";
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
  /** Close time of the XRPL ledger that witnessed a month, milliseconds since 1970: it saves events from a later compromise. */
  readonly witnessedUnixMs?: (month: Month) => number | undefined;
}

/** A ledger, the earlier state it is compared with, and where findings go. */
type Judged = Pick<RuleContext, "ledger" | "closed" | "base" | "isNew" | "sink">;

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Everything the rules look at; signers and memory are filled by {@link judgeLedger}. */
export function ruleContext(judged: Judged, options: JudgeOptions): RuleContext {
  const { nowUnixMs, windows = {}, verify, sha256, witnessedUnixMs = () => undefined } = options;
  const entries = entriesOf(judged.ledger);
  const byEvent = new Map<LedgerEvent, Entry>(
    entries.flatMap((entry) => (entry.event ? [[entry.event, entry] as const] : [])),
  );
  return {
    ...judged,
    entries,
    entryOf: (event) => byEvent.get(event),
    nodes: indexLedgerNodes(judged.ledger),
    signers: new Map(),
    memory: emptyMemory(sha256),
    clock: { nowUnixMs, aheadMs: windows.aheadMs ?? hourMs, behindMs: windows.behindMs ?? yearMs },
    witnessedUnixMs,
    verify,
    sha256,
  };
}

/** Manifests that stand in their own folders; others speak for nobody. */
function indexLedgerNodes({ nodes, policy, root }: LedgerState): NodeIndex {
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
export async function judgeLedger(context: RuleContext): Promise<number> {
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
export function remember(entry: Readable, context: RuleContext): void {
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
  memory.windows.add(event.id);
}
