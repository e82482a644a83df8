import { SettlementError } from "../core/error.ts";
import type { LedgerTree } from "./find-ledger.ts";
import type { Finding } from "./finding.ts";
import { validateLedger, type ValidateOptions } from "./validate-ledger.ts";

/** A ledger, and the same with a manifest that was added to it or changed. */
export interface NodeChange {
  readonly before: LedgerTree;
  readonly after: LedgerTree;
  /** Of the manifest in the tree. */
  readonly path: string;
}

/** What every rule of the ledger says of a manifest. */
export interface NodeJudgement {
  /** Without any, the ledger takes the manifest. */
  readonly errors: readonly Finding[];
  /** Of the manifest itself. */
  readonly warnings: readonly Finding[];
}

/**
 * Judges a manifest by every rule, as the change of a ledger: exactly what the validator says of that change.
 *
 * @param before - undefined for a ledger that begins with this node
 * @throws SettlementError `ACCEPTANCE_STOPPED` when the ledger breaks its rules without the change
 */
export async function judgeNode(
  { before, after, path }: Omit<NodeChange, "before"> & { readonly before: LedgerTree | undefined },
  options: Omit<ValidateOptions, "base">,
): Promise<NodeJudgement> {
  const { findings } = await validateLedger(after, { ...options, ...(before ? { base: before } : {}) });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0 && before) await requireGood(before, errors, options);
  return { errors, warnings: findings.filter(({ severity, file }) => severity === "warning" && file === path) };
}

/** Of a ledger that is bad already nobody can say what a change would do to it. */
async function requireGood(before: LedgerTree, errors: readonly Finding[], options: ValidateOptions): Promise<void> {
  const old = (await validateLedger(before, options)).findings.filter(({ severity }) => severity === "error");
  const isOld = ({ code, file, message }: Finding): boolean =>
    old.some((each) => each.code === code && each.file === file && each.message === message);
  const first = errors.find(isOld);
  if (!first) return;
  throw new SettlementError(
    "ACCEPTANCE_STOPPED",
    `the ledger breaks its rules (${old.length} faults), so it takes nothing until it is repaired; ` +
      `first: ${first.code} ${first.file}${first.line === null ? "" : `:${first.line}`} ${first.message}`,
  );
}
