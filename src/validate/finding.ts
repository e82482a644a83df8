import { SettlementError } from "../core/error.ts";
import type { Dialect } from "../core/ledger-event.ts";
import { factsOf, type FindingCode, type Severity } from "./finding-codes.ts";

/** What a fault is the fault of, where it is a change of the ledger. */
interface Change {
  /** Id of the commit. */
  readonly commit?: string;
  /** The node it changes. */
  readonly node?: string;
}

/** One fault of a ledger. */
export interface Finding extends Change {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Path in the tree that was validated. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number | null;
  /** Position of the event in its file, counted from 0. */
  readonly index: number | null;
  readonly message: string;
  readonly hint: string;
}

/** The verdict over a ledger. */
export interface Report {
  /** No finding is an error. */
  readonly valid: boolean;
  readonly dialect: Dialect;
  /** Events found, good or bad. */
  readonly events: number;
  /** By file, then by line. */
  readonly findings: readonly Finding[];
  /** Events whose signature was verified in this run. */
  readonly signaturesChecked: number;
  /** Events whose signature was taken from an earlier verification. */
  readonly signaturesNotRechecked: number;
}

export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
}

/** Takes findings. */
export interface FindingSink {
  add(code: FindingCode, place: Place & Change, message: string): void;
  /** A fault that a parser threw, its line counted from the place's. Anything else than a `SettlementError` is a bug and goes on. */
  addError(error: unknown, place: Place & Change): void;
}

/** Takes nothing. */
export const nowhere: FindingSink = { add: () => undefined, addError: () => undefined };

export interface FindingList extends FindingSink {
  readonly findings: readonly Finding[];
}

/** Takes findings of several stages, in whatever order they come. */
export interface StagedFindings {
  /** A sink for one stage; the findings of one place stand in the order of their stages. */
  at(stage: number): FindingSink;
  /** By file, line and index, then by stage. */
  inOrder(): Finding[];
}

export function stagedFindings(): StagedFindings {
  const stages = new Map<number, FindingList>();
  return {
    at(stage) {
      const list = stages.get(stage) ?? findingList();
      stages.set(stage, list);
      return list;
    },
    inOrder: () => inOrder([...stages].toSorted(([a], [b]) => a - b).flatMap(([, { findings }]) => findings)),
  };
}

export function findingList(): FindingList {
  const findings: Finding[] = [];
  const add = (code: FindingCode, { file, line, index, commit, node }: Place & Change, message: string): void => {
    const { severity, hint } = factsOf(code);
    const change = { ...(commit === undefined ? {} : { commit }), ...(node === undefined ? {} : { node }) };
    findings.push({ code, severity, file, line: line ?? null, index: index ?? null, message, hint, ...change });
  };
  return {
    findings,
    add,
    addError(error, place) {
      if (!(error instanceof SettlementError)) throw error;
      const [, lines = "", rest = ""] = /^JSON line (\d+), (.*)$/s.exec(error.message) ?? [];
      if (lines === "") return add(error.code, place, error.message);
      const line = (place.line ?? 1) + Number(lines) - 1;
      add(error.code, { ...place, line }, `JSON line ${line}, ${rest}`);
    },
  };
}

/** By file, line and index; faults of one place in the order they were found. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.index ?? -1) - (b.index ?? -1),
  );
}

/** A report with more findings of the same ledger. */
export function withFindings(report: Report, findings: readonly Finding[]): Report {
  const valid = report.valid && findings.every(({ severity }) => severity !== "error");
  return { ...report, valid, findings: inOrder([...report.findings, ...findings]) };
}
