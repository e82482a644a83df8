import type { ErrorCode } from "../core/error.ts";

export type Severity = "error" | "warning";

interface CodeFacts {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What to do about it. */
  readonly hint: string;
}

function error(title: string, hint: string): CodeFacts {
  return { severity: "error", title, hint };
}

function warning(title: string, hint: string): CodeFacts {
  return { severity: "warning", title, hint };
}

const signAgain = "make the event anew and sign it; a signed event cannot be corrected in place";
const restore = "restore what the ledger held from version control and put new events after it";
const closeNever = "a closed month is never changed: restore its files from a copy or from version control";
const recompute =
  "restore the events and the files of the month: what was published is recomputed from the ledger alone";
const republish = "restore the file from a copy or from version control; only the settlement node writes it";
const signCommit = "sign it with a key of the node: git commit -S with gpg.format ssh, as docs/keys.md shows";
const fixManifest = "correct the manifest; schemas/node.schema.json is its grammar";

/** What the validator finds, beside the codes of what cannot be read at all. Codes are stable. */
export const findingCodes = {
  // files
  LEDGER_FILE_NOT_PLAIN: error(
    "not a plain file",
    "put a plain file there; links and folders in its place are never followed",
  ),
  FILE_EXECUTABLE: warning("file is executable", "take the executable bit away: chmod a-x"),
  FILE_UNKNOWN: warning("file has no place in a ledger", "move it elsewhere if it is not meant to be in the ledger"),
  FILE_NAME_ALIAS: error(
    "name is another spelling of one of the ledger's",
    "rename or remove it: some file systems cannot tell the two apart",
  ),
  FILE_NAME_CLASH: warning("names differ only in case", "rename one: some file systems cannot hold both"),
  PARTITION_TORN: error(
    "file ends in a torn append",
    "cut it back to its last whole event, as the next append does; the rest was never acknowledged",
  ),

  // events
  PAYLOAD_INVALID: error("payload breaks the schema of its type", `see schemas/events/; ${signAgain}`),
  PAYLOAD_DOUBTFUL: warning("payload contradicts itself", "check what the event says; it is accepted as it is"),
  EVENT_DUPLICATE_ID: error("event stands in the ledger twice", "remove the later copy"),
  EVENT_DUPLICATE: error(
    "says again what an earlier event says",
    "an event is unique by repository, version, type and signer: remove the later one",
  ),
  RELEASE_DUPLICATE: error(
    "release published twice",
    "a version is released once: give the later release another version",
  ),
  EVENT_WRONG_MONTH: error(
    "event stands in the file of another month",
    "put it into the file of the UTC month of its timestamp",
  ),
  EVENT_FROM_FUTURE: error("timestamp is ahead of the clock", "set the signer's clock right and sign again"),
  EVENT_TOO_OLD: error(
    "timestamp is too old",
    "an event is handed in when it happens; sign again with the present time",
  ),
  EVENT_REPO_NOT_OWN: error(
    "node speaks for another repository",
    "a release or an interface is announced by the node of its own repository",
  ),
  EVENT_KIND_NOT_ALLOWED: error(
    "kind of node may not emit this type",
    "let a node of the right kind emit it, or have the node's kind corrected",
  ),
  SIGNER_NOT_REGISTERED: error("node is not registered", "register it first: nodes/<org>/<repo>/node.json"),
  SIGNER_NOT_PERMITTED: error(
    "signer may not say this",
    "a node that the network's verifier.policy.json permits must sign it",
  ),
  SIGNATURE_INVALID: error(
    "signature verifies under no key of the signer",
    "sign the 32 raw bytes of the id with a key of the node's manifest",
  ),
  SIGNATURE_KEY_ID_WRONG: error(
    "key id names another key than the one that signed",
    "name the key that made the signature",
  ),
  KEY_NOT_VALID: error("key was not valid", "sign with a key that is valid at the event's time"),
  KEY_NOT_VALID_NOW: error("key is not valid any more", "a new event is signed with a key that is valid now"),
  KEY_COMPROMISED: warning(
    "key was declared compromised later",
    "nothing proves the event older than the compromise: do not rely on it",
  ),
  TARGET_EVENT_UNKNOWN: error(
    "speaks of an event that does not stand earlier in the ledger",
    "name the id of an earlier event",
  ),
  VERSION_PAIR_NOT_ASCENDING: error("the later version is not later", "toVersion must be above fromVersion"),
  VERSION_NOT_SEMVER: warning(
    "version is not a Semantic Version",
    "the node promises invariants.semver: keep to it or withdraw it",
  ),
  REPO_NOT_REGISTERED: warning(
    "speaks of a repository that is not registered",
    "register the node or check the spelling",
  ),
  KEY_EVENT_INCOMPLETE: error("key event lacks what it needs", signAgain),
  KEY_EVENT_SIGNER: error(
    "signer may not decide over this key",
    "let another valid key of the node or a trusted policy node sign it",
  ),
  KEY_EVENT_NOT_IN_MANIFEST: error(
    "node.json does not show what the key event says",
    "write the windows of the keys into node.json in the same change",
  ),

  // the door
  EVENT_LATE: error(
    "its month takes no more events",
    "sign it again with the present time and add that to the open month; in a list (events.jsonl) it may stay as it is, at the end",
  ),
  MONTH_CLOSING: error("its month is being closed", "hand it in again when the month is closed"),
  EVENT_SIGNED_OTHERWISE: error(
    "the ledger holds this event with another signature",
    "the first signature stays: ask for the event by its id, or say something else and sign that",
  ),

  // node manifests
  NODE_FOLDER_MISMATCH: error(
    "manifest stands in the folder of another node",
    "a manifest stands at nodes/<org>/<repo>/node.json of its own id",
  ),
  NODE_KEY_ID_DUPLICATE: error("two keys of a node have one id", "give each key of the node an id of its own"),
  NODE_KEY_SHARED: warning(
    "several nodes share a key",
    "give each node a key of its own: together they count as one witness",
  ),
  NODE_KEY_WINDOW_EMPTY: warning("key is never valid", "validUntil must come after validFrom"),
  NODE_CONTACT_MISSING: warning("maintainer has no contact", "add a contact, so that somebody can be asked"),

  // what a network published of its own anchors
  MANIFEST_RANGE_MISMATCH: error("manifest does not fit the events of its range", recompute),
  MANIFEST_ROOT_MISMATCH: error("manifest states another root than the events have", recompute),
  MANIFEST_PREV_UNKNOWN: warning("manifest follows a root that nothing has", "check which partition it follows"),
  ANCHOR_NOTE_MALFORMED: warning(
    "anchor event carries no readable note",
    "the note of a ledger.anchor attestation ends in a line of JSON with root and range",
  ),
  ANCHOR_NOTE_MISMATCH: error("anchor event's note does not fit the ledger", recompute),

  // closed months
  MONTH_INCOMPLETE: error("closed month lacks a file", republish),
  MONTH_CLOSE_UNFINISHED: warning(
    "files of a month that is not closed",
    "close the month: what an unfinished close left is written anew",
  ),
  MONTH_NOT_CLOSED: error(
    "an earlier month is not closed",
    "months close in ascending order, those without events too",
  ),
  MANIFEST_ID_MISMATCH: error("manifest is of another month", republish),
  MANIFEST_NETWORK_MISMATCH: error("manifest is for another network", "it must name the network of settlement.json"),
  MANIFEST_ALGO_OLD: error("manifest uses the old tree", "closed months use sha256-merkle-v2"),
  MANIFEST_PREV_MISMATCH: error("manifest does not follow the previous month", republish),
  MANIFEST_COUNT_MISMATCH: error("closed month holds another number of events", closeNever),
  EVIDENCE_MISMATCH: error("evidence does not fit the ledger", recompute),
  SNAPSHOT_MALFORMED: error("nodes.json of the close is not well formed", republish),
  SNAPSHOT_SIGNER_MISSING: error("signer was not registered at the close", republish),
  CHECKPOINT_MISMATCH: error("checkpoint does not fit the ledger", republish),
  TILE_MISMATCH: error(
    "tile does not fit the ledger",
    "remove the tiles of the month and build them again; they are derived",
  ),
  RECEIPT_MISMATCH: error("receipt does not fit the closed month", republish),
  RECEIPT_ACCOUNT_UNKNOWN: warning(
    "receipt is of an account that settlement.json does not name",
    "add the account to settlement.json if it is yours",
  ),

  // an earlier state
  EVENT_ALTERED: error("accepted event was altered", restore),
  EVENT_REMOVED: error("accepted event was removed", restore),
  EVENT_MOVED: error("accepted event was moved to another file", restore),
  EVENT_REORDERED: error("accepted events changed their order", restore),
  EVENT_INSERTED: error("new event stands before accepted ones", "put new events after the accepted ones"),
  MONTH_CLOSED_REWRITTEN: error("file of a closed month was rewritten", closeNever),
  MONTH_REFORMATTED: warning("accepted events were reformatted", "leave the text of accepted events as it is"),
  DIALECT_CHANGED: error("ledger changed its dialect", "start a new ledger instead, or import this one"),
  FILE_REMOVED: error("file of the ledger was removed", restore),
  FILE_RENAMED: error("file of the ledger was renamed", restore),
  FILE_MODE_CHANGED: error("file mode was changed", "restore the mode: ledger files are plain and not executable"),
  CLOSED_FILE_CHANGED: error("file of a closed month was changed", closeNever),
  CLOSED_FILE_REMOVED: error("file of a closed month was removed", closeNever),
  NODE_REMOVED: error(
    "node manifest was removed",
    "keep the manifest; a node leaves by closing the windows of its keys",
  ),
  KEY_REMOVED: error(
    "key that signed events was removed",
    "keep the key and close its window with validUntil or revokedAt",
  ),
  KEY_REMOVED_UNUSED: warning("key was removed", "close the window of a key rather than removing it"),
  KEY_REVOCATION_LIFTED: error("revocation of a key was taken back", "a revoked key stays revoked: add a new key"),
  SETTLEMENT_INFO_CHANGED: error("name, network or key of a ledger with closed months was changed", restore),
  NETWORK_MANIFEST_CHANGED: error("published manifest was changed", closeNever),

  // the commits of a change
  COMMIT_UNSIGNED: error("commit that changes a node is not signed", signCommit),
  COMMIT_SIGNATURE_INVALID: error("signature of a commit is no SSH signature of it", signCommit),
  COMMIT_SIGNER_NOT_PERMITTED: error(
    "commit is signed by a key that may not change this node",
    "let a key of the node sign it that its manifest has had before; a new node signs with its own key",
  ),
  COMMIT_MISSING: error("change stands in no commit", "commit it, signed by a key of the node, or take it back"),
} as const satisfies Record<string, CodeFacts>;

/** Hints for the codes of what cannot be read; others point to the message. */
const readingHints: Partial<Record<ErrorCode, string>> = {
  JSON_MALFORMED: "write valid JSON there",
  JSON_DUPLICATE_KEY: "remove one of the two members",
  UTF8_MALFORMED: "save the file as UTF-8 without a byte order mark",
  EVENT_MALFORMED: `see schemas/event.schema.json and schemas/event-jsonl.schema.json; ${signAgain}`,
  EVENT_TYPE_UNKNOWN: signAgain,
  EVENT_ID_MISMATCH: "restore the event as it was signed, or make it anew",
  EVENT_SIGNATURE_MALFORMED: "a signature is 64 bytes in canonical padded base64",
  TIMESTAMP_MALFORMED: "write UTC time as YYYY-MM-DDTHH:MM:SSZ",
  MONTH_MALFORMED: "name the file or folder after a month, YYYY-MM",
  NODE_MALFORMED: fixManifest,
  NODE_ID_MALFORMED: fixManifest,
  KEY_WINDOW_MALFORMED: fixManifest,
  PARTITION_MALFORMED: "repair the file: a JSON array of events, or one event a line",
  PARTITION_ALTERED: restore,
  LEDGER_NOT_FOUND: "name a ledger folder, or the repository that holds it in ledger/",
  LEDGER_AMBIGUOUS: "name one of the two, and move the other away if it does not belong here",
  LEDGER_MIXED_DIALECTS: "keep one dialect: monthly files or events/events.jsonl",
  LEDGER_UNREADABLE: "make the file readable",
  MANIFEST_MALFORMED: republish,
  MANIFEST_HASH_MISMATCH: republish,
  EVIDENCE_MALFORMED: republish,
  RECEIPT_MALFORMED: republish,
  RECEIPT_REFUTED: republish,
  SETTLEMENT_INFO_MALFORMED: "see schemas/settlement.schema.json",
  SETTLEMENT_INFO_MISSING: "restore settlement.json: without it nobody knows the key of the checkpoints",
  POLICY_MALFORMED: "see what other RepoMesh networks write in verifier.policy.json",
};

export type FindingCode = keyof typeof findingCodes | ErrorCode;

/** Severity and advice for a code; whatever cannot be read is an error. */
export function factsOf(code: FindingCode): CodeFacts {
  const own: Readonly<Record<string, CodeFacts>> = findingCodes;
  const reading: Readonly<Record<string, string>> = readingHints;
  return own[code] ?? error("cannot be read", reading[code] ?? "correct what the message names");
}
