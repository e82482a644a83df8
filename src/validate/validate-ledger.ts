import { verifyEd25519 } from "../core/ed25519.ts";
import { sha256 } from "../core/hash.ts";
import { readClosedMonths } from "./closed-months.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { findingList, inOrder, nowhere, type Report } from "./finding.ts";
import { judgeHistory } from "./history.ts";
import { judgeLedger, type JudgeOptions, ruleContext } from "./judge-ledger.ts";
import { setLateApart } from "./late-events.ts";
import { readLedger } from "./read-ledger.ts";
import { streamLedger, type StreamOptions } from "./stream-ledger.ts";

type Hashing = "verify" | "sha256";

export interface ValidateOptions extends Omit<StreamOptions, Hashing>, Partial<Pick<JudgeOptions, Hashing>> {}

/**
 * Judges a ledger folder, or the repository that holds it, by every rule of its dialect. One run shows every fault; a bad
 * ledger is a report and never an exception.
 *
 * The clock judges events of open months alone, and with `base` only what was added: a ledger does not turn invalid by
 * ageing, nor by the clock of whoever reads it.
 *
 * @throws the reason of `signal`, once it is aborted
 */
export async function validateLedger(tree: LedgerTree, options: ValidateOptions): Promise<Report> {
  const full = { ...options, verify: options.verify ?? verifyEd25519, sha256: options.sha256 ?? sha256 };
  return (await streamLedger(tree, full)) ?? validateWhole(tree, full);
}

/** The same with every event of the ledger at hand. */
export async function validateWhole(
  tree: LedgerTree,
  options: ValidateOptions & Pick<JudgeOptions, Hashing>,
): Promise<Report> {
  const { policy, isFull, sha256: hash } = options;
  const list = findingList();
  const ledger = await readLedger(tree, list, { policy, isFull, sha256: hash });
  const held = await readClosedMonths(ledger, list);
  const base = options.base && (await readLedger(options.base, nowhere, { policy, isFull, sha256: hash }));
  const history = base && (await judgeHistory(ledger, base, held, list));
  const closed = await setLateApart(held, ledger, history?.late ?? new Set(), { sha256: hash, sink: list });
  const context = ruleContext(
    { ledger, closed, base, isNew: (entry) => history?.isNew(entry) ?? false, sink: list },
    options,
  );
  const signaturesChecked = await judgeLedger(context);
  return {
    valid: list.findings.every(({ severity }) => severity !== "error"),
    dialect: ledger.dialect,
    events: context.entries.length,
    findings: inOrder(list.findings),
    signaturesChecked,
    signaturesNotRechecked: 0,
  };
}
