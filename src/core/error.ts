/** What a caller may do about a failure. HTTP status, exit code and retry follow from it. */
export type ErrorKind =
  | "invalid" // the input is wrong; never retry
  | "absent" // nothing by that name
  | "conflict" // the state forbids it
  | "refuted" // well formed, and the mathematics says no
  | "unavailable" // a neighbour is down; retry later
  | "uncertain"; // sent, outcome unknown; look before any retry

const kinds = {
  // how the program is used
  USAGE_INVALID: "invalid",
  CONFIG_INVALID: "invalid",
  PROOF_UNREADABLE: "absent",
  OUTPUT_UNWRITABLE: "conflict",

  // texts and JSON
  JSON_MALFORMED: "invalid",
  JSON_DUPLICATE_KEY: "invalid",
  JSON_LONE_SURROGATE: "invalid",
  JSON_NUMBER_OUT_OF_RANGE: "invalid",
  JSON_TOO_DEEP: "invalid",
  JSON_TOO_LARGE: "invalid",
  JSON_VALUE_UNSUPPORTED: "invalid",
  UTF8_MALFORMED: "invalid",
  HEX_MALFORMED: "invalid",
  BASE64_MALFORMED: "invalid",

  // events, nodes and keys
  TIMESTAMP_MALFORMED: "invalid",
  MONTH_MALFORMED: "invalid",
  NODE_ID_MALFORMED: "invalid",
  NODE_MALFORMED: "invalid",
  KEY_WINDOW_MALFORMED: "invalid",
  PUBLIC_KEY_MALFORMED: "invalid",
  PUBLIC_KEY_NOT_ED25519: "invalid",
  PUBLIC_KEY_SMALL_ORDER: "invalid",
  PRIVATE_KEY_MALFORMED: "invalid",
  PRIVATE_KEY_NOT_ED25519: "invalid",
  SSH_SIGNATURE_MALFORMED: "invalid",
  SSH_SIGNATURE_REFUTED: "refuted",
  EVENT_MALFORMED: "invalid",
  EVENT_TYPE_UNKNOWN: "invalid",
  EVENT_SIGNATURE_MALFORMED: "invalid",
  EVENT_ID_MISMATCH: "refuted",
  EVENT_NOT_FOUND: "absent",
  EVENT_NAME_MALFORMED: "invalid",
  POLICY_MALFORMED: "invalid",
  NODE_NOT_FOUND: "absent",
  NODE_REQUEST_REFUSED: "conflict",
  KEY_NOT_FOUND: "absent",
  KEY_CHANGE_CONFLICT: "conflict",
  SUBMISSION_REFUSED: "conflict",
  SUBMISSION_UNANSWERED: "uncertain",

  // what is published of a closed month
  FORMAT_VERSION_UNKNOWN: "invalid",
  NETWORK_UNKNOWN: "invalid",
  MANIFEST_MALFORMED: "invalid",
  MANIFEST_HASH_MISMATCH: "refuted",
  EVIDENCE_MALFORMED: "invalid",
  MEMO_MALFORMED: "invalid",
  MEMO_TOO_LARGE: "invalid",
  RECEIPT_MALFORMED: "invalid",
  RECEIPT_REFUTED: "refuted",
  BUNDLE_MALFORMED: "invalid",
  BUNDLE_REFUTED: "refuted",
  TRUST_MALFORMED: "invalid",
  SETTLEMENT_INFO_MALFORMED: "invalid",
  SETTLEMENT_INFO_MISSING: "absent",
  SETTLEMENT_KEY_MISMATCH: "conflict",

  // the ledger folder
  LEDGER_NOT_FOUND: "absent",
  LEDGER_MIXED_DIALECTS: "invalid",
  LEDGER_UNREADABLE: "unavailable",
  LEDGER_REFUTED: "refuted",
  LEDGER_WRITE_FAILED: "unavailable",
  STATIC_COPY_UNREACHABLE: "unavailable",
  LEDGER_CHANGED: "unavailable",
  LEDGER_IN_USE: "unavailable",
  ACCEPTANCE_STOPPED: "unavailable",
  PARTITION_MALFORMED: "invalid",
  PARTITION_NOT_FOUND: "absent",
  PARTITION_ALREADY_CLOSED: "conflict",
  PARTITION_NOT_OVER: "conflict",
  PARTITION_OUT_OF_ORDER: "conflict",
  PARTITION_REJECTED: "refuted",
  PARTITION_NOT_CLOSED: "unavailable",
  SECOND_ROOT_MISMATCH: "refuted",
  HEAD_CONFLICT: "conflict",
  PARTITION_ALTERED: "refuted",
  ARCHIVE_CONFLICT: "conflict",
  ARCHIVE_NAME_MALFORMED: "invalid",
  LEDGER_ALREADY_EXISTS: "conflict",
  LEDGER_AMBIGUOUS: "invalid",
  LEDGER_FILE_NOT_PLAIN: "invalid",
  LEDGER_FILE_TOO_LARGE: "invalid",
  GIT_UNAVAILABLE: "unavailable",
  GIT_NOT_A_REPOSITORY: "absent",
  GIT_REF_MALFORMED: "invalid",
  GIT_REF_UNKNOWN: "absent",
  GIT_REMOTE_MALFORMED: "invalid",
  GIT_REMOTE_UNREACHABLE: "unavailable",
  GIT_HISTORY_REWRITTEN: "refuted",
  GIT_CHANGE_REFUSED: "refuted",
  GIT_CLONE_UNFIT: "conflict",
  GIT_MERGE_CONFLICT: "conflict",
  GIT_PUSH_REFUSED: "conflict",
  GIT_PUSH_OUTRUN: "unavailable",
  COMMIT_MALFORMED: "invalid",
  SECRET_NEAR_GIT: "conflict",

  // anchoring
  CHAIN_UNREACHABLE: "unavailable",
  CHAIN_WRONG_NETWORK: "conflict",
  TRANSACTION_HASH_MALFORMED: "invalid",
  TRANSACTION_NOT_FOUND: "absent",
  TRANSACTION_NOT_VALIDATED: "unavailable",
  CHAIN_ANSWER_MALFORMED: "unavailable",
  CHAIN_ANSWER_REFUTED: "refuted",
  MAINNET_NOT_CONFIRMED: "conflict",
  SEED_MALFORMED: "invalid",
  ACCOUNT_NOT_FUNDED: "conflict",
  FEE_ABOVE_CAP: "unavailable",
  ANCHOR_HISTORY_INCOMPLETE: "conflict",
  ANCHOR_CONFLICT: "conflict",
  ANCHOR_OUTCOME_UNKNOWN: "uncertain",
  ANCHOR_FAILED: "conflict",
  ATTEMPT_CONFLICT: "conflict",
  PARTITION_STATE_CONFLICT: "conflict",
  CHAIN_FORKED: "conflict",
  CHAIN_STALE: "unavailable",
  CHAIN_DISAGREEMENT: "unavailable",
  STATE_UNAVAILABLE: "unavailable",
  QUEUE_UNAVAILABLE: "unavailable",
  SIGNER_FAILED: "unavailable",
  ADMIN_TOKEN_REQUIRED: "invalid",

  // trees, notes and checkpoints
  HASH_MALFORMED: "invalid",
  TREE_POSITION_INVALID: "invalid",
  TREE_EMPTY: "invalid",
  INCLUSION_PROOF_MISMATCH: "refuted",
  CONSISTENCY_PROOF_MISMATCH: "refuted",
  INDEX_MALFORMED: "invalid",
  TILE_MALFORMED: "invalid",
  TILE_PATH_MALFORMED: "invalid",
  VKEY_MALFORMED: "invalid",
  VKEY_TYPE_UNKNOWN: "invalid",
  NOTE_MALFORMED: "invalid",
  NOTE_SIGNER_UNKNOWN: "refuted",
  NOTE_SIGNATURE_INVALID: "refuted",
  ORIGIN_MALFORMED: "invalid",
  CHECKPOINT_MALFORMED: "invalid",
  TLOG_PROOF_MALFORMED: "invalid",

  // the local network's data folder
  LOCALNET_DATA_MALFORMED: "invalid",
  LOCALNET_DATA_REFUTED: "refuted",
  LOCALNET_DATA_MISMATCH: "conflict",
  LOCALNET_DATA_SHARED: "conflict",
  LOCALNET_DATA_UNWRITABLE: "unavailable",

  // the bytes of the XRP Ledger
  XRPL_BASE58_MALFORMED: "invalid",
  XRPL_ADDRESS_MALFORMED: "invalid",
  XRPL_FIELDS_MALFORMED: "invalid",
  XRPL_HEADER_MALFORMED: "invalid",
  XRPL_CHAIN_REFUTED: "refuted",
  XRPL_LEDGER_REFUTED: "refuted",
  XRPL_LIST_MALFORMED: "invalid",
  XRPL_LIST_REFUTED: "refuted",
  XRPL_MANIFEST_MALFORMED: "invalid",
  XRPL_MANIFEST_REFUTED: "refuted",
  XRPL_TRANSACTION_MALFORMED: "invalid",
  XRPL_TREE_MALFORMED: "invalid",
  XRPL_TREE_LEAF_ABSENT: "absent",
  XRPL_TREE_PATH_MALFORMED: "invalid",
  XRPL_TREE_PATH_MISMATCH: "refuted",
  XRPL_VALIDATION_MALFORMED: "invalid",
  XPOP_MALFORMED: "invalid",
  XPOP_REFUTED: "refuted",
  XPOP_BELOW_QUORUM: "unavailable",

  // the HTTP API
  ROUTE_NOT_FOUND: "absent",
  METHOD_NOT_ALLOWED: "invalid",
  MEDIA_TYPE_UNSUPPORTED: "invalid",
  REQUEST_MALFORMED: "invalid",
  REQUEST_TOO_LARGE: "invalid",
  RATE_LIMITED: "unavailable",
  SERVER_BUSY: "unavailable",
  PARAMETER_MALFORMED: "invalid",
  PARAMETER_REPEATED: "invalid",
  PARAMETER_UNKNOWN: "invalid",
  ANCHOR_NOT_FOUND: "absent",
  JOB_NOT_FOUND: "absent",
  SCHEMA_NOT_FOUND: "absent",
  TILE_NOT_FOUND: "absent",
  PARTITION_NOT_ANCHORED: "unavailable",
  PARTITION_NOT_PROVEN: "unavailable",
  HTTP_LISTEN_FAILED: "unavailable",
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

/** Every code with its kind; the reference table in the documentation is tested against it. */
export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = kinds;

/** The only error this package throws on purpose. A bug stays a `TypeError`. */
export class SettlementError extends Error {
  override readonly name = "SettlementError";
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.kind = kinds[code];
  }
}
