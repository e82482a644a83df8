import { isDeepStrictEqual } from "node:util";

import { encodeEntry, type Entry } from "./entry.ts";
import { readEntry } from "./draft.ts";
import { type StateTree } from "./state-tree.ts";

/** What one transaction does to an entry. */
export type Change =
  | { readonly kind: "created"; readonly key: string; readonly after: Entry }
  | { readonly kind: "modified"; readonly key: string; readonly before: Entry; readonly after: Entry }
  | { readonly kind: "deleted"; readonly key: string; readonly before: Entry; readonly after: Entry };

interface Slot {
  readonly before: Entry | undefined;
  after: Entry;
  erased: boolean;
}

/** The entries one transaction works on. Nothing reaches the ledger until its changes are taken. */
export interface Workspace {
  /** The entry to change in place; undefined when there is none (or no longer). */
  peek(key: string): Entry | undefined;
  has(key: string): boolean;
  insert(key: string, entry: Entry): void;
  erase(key: string): void;
  /** Forgets everything done so far. */
  discard(): void;
  /** In order of keys; an entry that ends as it began is not among them. */
  changes(): readonly Change[];
}

export function workspaceOn(state: StateTree): Workspace {
  const slots = new Map<string, Slot>();
  const slotAt = (key: string): Slot | undefined => {
    const known = slots.get(key);
    if (known) return known;
    const before = readEntry(state, key);
    if (!before) return undefined;
    const slot = { before, after: structuredClone(before), erased: false };
    slots.set(key, slot);
    return slot;
  };
  return {
    peek(key) {
      const slot = slotAt(key);
      return slot && !slot.erased ? slot.after : undefined;
    },
    has: (key) => !(slotAt(key)?.erased ?? true),
    insert(key, entry) {
      const slot = slotAt(key);
      if (slot && !slot.erased) throw new Error(`ledger entry ${key} is there already`);
      slots.set(key, { before: slot?.before, after: entry, erased: false });
    },
    erase(key) {
      const slot = slotAt(key);
      if (!slot || slot.erased) throw new Error(`ledger entry ${key} is not there`);
      if (slot.before) slot.erased = true;
      else slots.delete(key);
    },
    discard: () => slots.clear(),
    changes: () =>
      [...slots].flatMap(([key, slot]) => changeOf(key, slot)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

function changeOf(key: string, { before, after, erased }: Slot): readonly Change[] {
  if (!before) return [{ kind: "created", key, after }];
  if (erased) return [{ kind: "deleted", key, before, after }];
  return isDeepStrictEqual(before, after) ? [] : [{ kind: "modified", key, before, after }];
}

/** The state after `changes`. */
export function stateAfter(state: StateTree, changes: readonly Change[]): StateTree {
  return changes.reduce(
    (tree, change) => tree.with(change.key, change.kind === "deleted" ? undefined : encodeEntry(change.after)),
    state,
  );
}
