import { isDeepStrictEqual } from "node:util";

import { encode } from "ripple-binary-codec";

import { type AccountRoot, type Entry } from "./entry.ts";
import { bytesOf } from "./hex.ts";
import { accountKey } from "./keys.ts";
import { type Result } from "./results.ts";
import { type Change } from "./workspace.ts";

interface AffectedNode {
  readonly LedgerEntryType: string;
  readonly LedgerIndex: string;
  PreviousTxnID?: string;
  PreviousTxnLgrSeq?: number;
  PreviousFields?: Fields;
  FinalFields?: Fields;
  NewFields?: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that metadata never repeats, and those it repeats when an entry goes (rippled `SField.cpp`, `sMD_*`). */
const neverShown = new Set(["LedgerEntryType", "Indexes"]);
const alwaysShown = new Set(["RootIndex"]);
const shownWhenDeleted = new Set(["PreviousTxnID", "PreviousTxnLgrSeq"]);

/**
 * Metadata of an applied transaction. Each entry it created or changed is threaded: it names this transaction, and the
 * metadata names the one before.
 *
 * @param changes - in order of keys; threading writes into their `after`
 */
export function threadAndDescribe(
  changes: readonly Change[],
  { transactionId, ledgerIndex, result, place }: Described,
): Uint8Array {
  const nodes = new Map<string, AffectedNode>();
  const byKey = new Map(changes.map((change) => [change.key, change]));
  const thread = (change: Change): void => {
    const { after } = change;
    if (after.PreviousTxnID === transactionId) return;
    const { PreviousTxnID, PreviousTxnLgrSeq } = after;
    after.PreviousTxnID = transactionId;
    after.PreviousTxnLgrSeq = ledgerIndex;
    const node = nodeOf(nodes, change);
    if (PreviousTxnID !== undefined && !/^0+$/.test(PreviousTxnID))
      Object.assign(node, { PreviousTxnID, PreviousTxnLgrSeq });
  };
  for (const change of changes) {
    const node = nodeOf(nodes, change);
    const owner = change.kind === "modified" ? undefined : byKey.get(ownerKeyOf(change.after) ?? "");
    if (owner?.kind === "modified") thread(owner);
    if (change.kind !== "deleted") thread(change);
    describe(node, change);
  }
  const AffectedNodes = changes.map((change) => ({ [wrapperOf[change.kind]]: nodeOf(nodes, change) }));
  return bytesOf(encode({ TransactionIndex: place, TransactionResult: result, AffectedNodes }));
}

interface Described {
  readonly transactionId: string;
  readonly ledgerIndex: number;
  readonly result: Result;
  /** Transactions before this one in the ledger. */
  readonly place: number;
}

const wrapperOf = { created: "CreatedNode", modified: "ModifiedNode", deleted: "DeletedNode" } as const;

function nodeOf(nodes: Map<string, AffectedNode>, { key, after }: Change): AffectedNode {
  let node = nodes.get(key);
  if (!node) {
    node = { LedgerEntryType: after.LedgerEntryType, LedgerIndex: key };
    nodes.set(key, node);
  }
  return node;
}

/** Entries with an `Account` are threaded to that account when they come and go. */
function ownerKeyOf(entry: Entry): string | undefined {
  const { Account } = entry as Partial<AccountRoot>;
  return Account === undefined || entry.LedgerEntryType === "AccountRoot" ? undefined : accountKey(Account);
}

function describe(node: AffectedNode, change: Change): void {
  const { after } = change;
  if (change.kind === "created") {
    node.NewFields = pick(after, (name, value) => !isDefault(value) && !shownWhenDeleted.has(name));
    return;
  }
  const now = after as unknown as Fields;
  const changed = pick(change.before, (name, value) => {
    return !shownWhenDeleted.has(name) && !alwaysShown.has(name) && !isDeepStrictEqual(now[name], value);
  });
  if (Object.keys(changed).length > 0) node.PreviousFields = changed;
  const final = pick(after, (name) => change.kind === "deleted" || !shownWhenDeleted.has(name));
  if (Object.keys(final).length > 0) node.FinalFields = final;
}

function pick(entry: Entry, shown: (name: string, value: unknown) => boolean): Fields {
  const kept = Object.entries(entry).filter(
    ([name, value]) => !neverShown.has(name) && value !== undefined && shown(name, value),
  );
  return Object.fromEntries(kept);
}

/** Zero, an empty list, a hash or 64-bit number of zeros: metadata leaves them out of what was created. */
function isDefault(value: unknown): boolean {
  if (typeof value === "string") return value === "" || value === "0" || (/^0+$/.test(value) && value.length >= 16);
  return value === 0 || (Array.isArray(value) && value.length === 0);
}
