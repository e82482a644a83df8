import type { JsonValue } from "../core/json.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { Policy } from "../core/policy.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import type { TreeEntry } from "../ports.ts";
import type { Place } from "./finding.ts";

/** One event as it stands in a file. */
export interface Entry {
  readonly place: Required<Place>;
  /** The text between the separators of the file. */
  readonly text: string;
  /** Undefined when the text is no JSON. */
  readonly value: JsonValue | undefined;
  /** Undefined when type, node or repository, and time cannot be read. */
  readonly event: LedgerEvent | undefined;
  /** Has the event the id of its content, and a signature of the right form? Only then can the signature be verified. */
  readonly isSound: boolean;
}

/** A file of events. */
export interface EventFile {
  readonly path: string;
  readonly month: Month | "";
  readonly bytes: Uint8Array;
  readonly entries: readonly Entry[];
}

/** A `node.json`. */
export interface NodeFile {
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** Undefined when it cannot be read far enough to know the node and its keys. */
  readonly node: NodeManifest | undefined;
}

/** What a ledger holds, as far as it can be read; faults are reported where they are met. */
export interface LedgerState {
  /** Where the ledger folder is in the tree: `""` or `"ledger/"`. */
  readonly root: string;
  readonly dialect: Dialect;
  /** Under the root, by path relative to the tree. */
  readonly tree: ReadonlyMap<string, TreeEntry>;
  /** By month. */
  readonly files: readonly EventFile[];
  readonly nodes: readonly NodeFile[];
  readonly settlement: SettlementInfo | undefined;
  readonly policy: Policy;
  /** Plain file of the tree. Undefined when there is none, or when it cannot be read, which is reported. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** See `FileTree.tags`; of every plain file under the root, asked for once. */
  tags(): Promise<ReadonlyMap<string, string>>;
  /** Everything under a folder of the tree, `""` for all; nothing where it cannot be read, which is reported. */
  list(prefix: string): Promise<readonly TreeEntry[]>;
}

export function entriesOf(ledger: Pick<LedgerState, "files">): readonly Entry[] {
  return ledger.files.flatMap((file) => file.entries);
}
