import { verifyEd25519 } from "../core/ed25519.ts";
import { sha256 } from "../core/hash.ts";
import { readClosedMonths } from "./closed-months.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { type FindingSink, findingList, inOrder, type Report } from "./finding.ts";
import { judgeHistory } from "./history.ts";
import { judgeLedger, type JudgeOptions, ruleContext } from "./judge-ledger.ts";
import { readLedger } from "./read-ledger.ts";

type Hashing = "verify" | "sha256";

export interface ValidateOptions extends Omit<JudgeOptions, Hashing>, Partial<Pick<JudgeOptions, Hashing>> {
  /** An earlier state of the same ledger, to which the change may only append. */
  readonly base?: LedgerTree;
  /** Bytes of a `verifier.policy.json` to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array;
}

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
  const { policy, verify = verifyEd25519, sha256: hash = sha256 } = options;
  const list = findingList();
  const ledger = await readLedger(tree, list, { policy, sha256: hash });
  const closed = await readClosedMonths(ledger, list);
  const base = options.base && (await readLedger(options.base, nowhere, { policy, sha256: hash }));
  const history = base && (await judgeHistory(ledger, base, closed, list));
  const context = ruleContext(
    { ledger, closed, base, isNew: (entry) => history?.isNew(entry) ?? false, sink: list },
    { ...options, verify, sha256: hash },
  );
  const signaturesChecked = await judgeLedger(context);
  return {
    valid: list.findings.every(({ severity }) => severity !== "error"),
    dialect: ledger.dialect,
    events: context.entries.length,
    findings: inOrder(list.findings),
    signaturesChecked,
  };
}
