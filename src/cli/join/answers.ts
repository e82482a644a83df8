import { factsOf, type FindingCode } from "../../validate/finding-codes.ts";
import type { Finding } from "../../validate/finding.ts";
import { columns, harmless, type Io, styled } from "../io.ts";

/** What became of one event, whoever judged it. */
export interface Answer {
  readonly id?: string | undefined;
  readonly state: "accepted" | "known" | "refused";
  /** Name of the log it has a place in; that of its month when left out. */
  readonly origin?: string | undefined;
  readonly month?: string | undefined;
  readonly leafIndex?: number | undefined;
  readonly checkpoint?: string | undefined;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
  /** Where in the ledger, when it is not the thing itself that is at fault. */
  readonly file?: string | undefined;
}

/** A refusal, as every command of a joining node says it. */
export function refusalText(io: Io, { code = "", reason = "", hint = "", file = "" }: Omit<Answer, "state">): string {
  const rows: readonly (readonly [string, string])[] = [
    ["at", harmless(file)],
    ["to do", harmless(hint)],
  ];
  const advice = columns(rows.filter(([, value]) => value !== ""));
  return `${styled(io, "red", "REFUSED")}  ${harmless(code)}: ${harmless(reason)}\n${advice}`;
}

export function refusalOf({ code, message, file, line }: Finding): Answer {
  const place = file === "" ? {} : { file: line === null ? file : `${file}:${line}` };
  return { state: "refused", code, reason: message, hint: factsOf(code).hint, ...place };
}

/** A refusal that a command knows of without asking a ledger. */
export function refusal(code: FindingCode, reason: string): Answer {
  return { state: "refused", code, reason, hint: factsOf(code).hint };
}

function answerText(io: Io, answer: Answer): string {
  if (answer.state === "refused") return refusalText(io, answer);
  const { id = "", state, month, origin = month, leafIndex } = answer;
  const where = origin === undefined || leafIndex === undefined ? "" : `, leaf ${leafIndex} of ${harmless(origin)}`;
  const what = state === "accepted" ? "ACCEPTED" : "KNOWN   ";
  return `${styled(io, "green", what)}  ${id}${where}${state === "known" ? "; nothing was added" : ""}\n`;
}

/** Prints answers; the exit code says whether all were taken. */
export function showAnswers(io: Io, format: string, answers: readonly Answer[]): number {
  io.out(
    format === "json" ? `${JSON.stringify({ answers })}\n` : answers.map((answer) => answerText(io, answer)).join(""),
  );
  return answers.some(({ state }) => state === "refused") ? 1 : 0;
}
