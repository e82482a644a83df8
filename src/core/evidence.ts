import { fieldsOf } from "./fields.ts";
import type { JsonValue } from "./json.ts";

/** What the second memo witnesses beside the manifest, `repomesh-evidence-v1`; hashes are lower-case hex. */
export interface Evidence {
  readonly v: 1;
  /** The month. */
  readonly p: string;
  /** SHA-256 over each event's JCS, signature included, and a line feed, in leaf order. */
  readonly d: string;
  /** Root of the nodes tree: the keys as they were at the close. */
  readonly k: string;
  /** Origin of the ledger log. */
  readonly o: string;
  /** Size of the ledger log at the close. */
  readonly s: number;
  /** Root of the ledger log at the close. */
  readonly l: string;
}

/** @throws SettlementError `EVIDENCE_MALFORMED`, `FORMAT_VERSION_UNKNOWN` */
export function parseEvidence(value: JsonValue): Evidence {
  const fields = fieldsOf("EVIDENCE_MALFORMED", "evidence", value);
  fields.version(1);
  fields.only("v", "p", "d", "k", "o", "s", "l");
  return {
    v: 1,
    p: fields.text("p", 20),
    d: fields.hash("d"),
    k: fields.hash("k"),
    o: fields.text("o", 128),
    s: fields.count("s"),
    l: fields.hash("l"),
  };
}
