import type { Sha256 } from "../core/hash.ts";
import { type AnchoredWindows, rememberedWindows } from "../core/anchored-windows.ts";
import { type KeyStories, keyStories } from "./key-stories.ts";
import type { Entry } from "./ledger-state.ts";

/** What is remembered of an event of the ledger. */
export interface KnownEvent {
  readonly place: Entry["place"];
  readonly signature: string;
  readonly keyId?: string;
  /** Of the key that made the signature; absent where nobody registered made it. */
  readonly publicKey?: Uint8Array;
}

/** What was said that can be said once. */
interface Said {
  readonly id: string;
  readonly place: Entry["place"];
}

/** Where the rules look up what the events of a ledger say. */
export interface RuleMemory {
  readonly known: { get(id: string): Pick<KnownEvent, "place"> | undefined };
  readonly said: { get(key: string): Said | undefined };
  readonly keys: Pick<KeyStories, "story">;
  readonly windows: AnchoredWindows;
}

/**
 * What the rules have to know of the events of a ledger to judge a further one: a few hundred bytes for each, and no
 * event itself.
 */
export interface LedgerMemory extends RuleMemory {
  /** By id; of several events with one id the first. */
  readonly known: Map<string, KnownEvent>;
  /** By what makes an event unique beside its id; the first. */
  readonly said: Map<string, Said>;
  /** jsonl dialect: what was said of keys. */
  readonly keys: KeyStories;
  /** jsonl dialect: the events in file order, for what the network published of its anchors. */
  readonly windows: AnchoredWindows & { add(id: string): void };
}

export function emptyMemory(sha256: Sha256): LedgerMemory {
  return { known: new Map(), said: new Map(), keys: keyStories(), windows: rememberedWindows(sha256) };
}
