import { type VerifySignature, verifyEd25519 } from "../core/ed25519.ts";
import { type Sha256, sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { indexNodes, type NodeIndex } from "../core/signer.ts";
import { readClosedMonths } from "./closed-months.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { type FindingSink, findingList, inOrder, type Report } from "./finding.ts";
import { judgeHistory } from "./history.ts";
import { entriesOf, type Entry, type LedgerState } from "./ledger-state.ts";
import { readLedger } from "./read-ledger.ts";
import type { RuleContext } from "./rule.ts";
import { rules } from "./rules.ts";
import { folderId } from "./rules/nodes.ts";
import { judgeSignatures } from "./rules/signatures.ts";

export interface ValidateOptions {
  /** The clock to judge by, milliseconds since 1970. */
  readonly nowUnixMs: number;
  /** An earlier state of the same ledger, to which the change may only append. */
  readonly base?: LedgerTree;
  /** Bytes of a `verifier.policy.json` to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array;
  /** How far ahead of the clock an event may be, an hour by default, and how old when it is added, a year by default. */
  readonly windows?: { readonly aheadMs?: number; readonly behindMs?: number };
  readonly verify?: VerifySignature;
  readonly sha256?: Sha256;
  /** Close time of the XRPL ledger that witnessed a month, milliseconds since 1970: it saves events from a later compromise. */
  readonly witnessedUnixMs?: (month: Month) => number | undefined;
}

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Takes nothing: an earlier state was judged when it was accepted. */
const nowhere: FindingSink = { add: () => undefined, addError: () => undefined };

/**
 * Judges a ledger folder, or the repository that holds it, by every rule of its dialect. One run shows every fault; a bad
 * ledger is a report and never an exception.
 *
 * The clock judges events of open months alone, and with `base` only what was added: a ledger does not turn invalid by
 * ageing, nor by the clock of whoever reads it.
 */
export async function validateLedger(tree: LedgerTree, options: ValidateOptions): Promise<Report> {
  const { nowUnixMs, windows = {}, verify = verifyEd25519, sha256: hash = sha256 } = options;
  const list = findingList();
  const ledger = await readLedger(tree, list, { policy: options.policy, sha256: hash });
  const closed = await readClosedMonths(ledger, list);
  const base = options.base && (await readLedger(options.base, nowhere, { policy: options.policy, sha256: hash }));
  const history = base && (await judgeHistory(ledger, base, closed, list));
  const entries = entriesOf(ledger);
  const byEvent = new Map<LedgerEvent, Entry>(
    entries.flatMap((entry) => (entry.event ? [[entry.event, entry] as const] : [])),
  );
  const context: RuleContext = {
    ledger,
    entries,
    entryOf: (event) => byEvent.get(event),
    nodes: indexLedgerNodes(ledger),
    closed,
    base,
    isNew: (entry) => history?.isNew(entry) ?? false,
    signers: new Map(),
    clock: { nowUnixMs, aheadMs: windows.aheadMs ?? hourMs, behindMs: windows.behindMs ?? yearMs },
    witnessedUnixMs: options.witnessedUnixMs ?? (() => undefined),
    verify,
    sha256: hash,
    sink: list,
  };
  const signaturesChecked = judgeSignatures(context);
  for (const rule of rules) await rule.run(context);
  return {
    valid: list.findings.every(({ severity }) => severity !== "error"),
    dialect: ledger.dialect,
    events: entries.length,
    findings: inOrder(list.findings),
    signaturesChecked,
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
