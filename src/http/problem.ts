import { utf8 } from "../core/bytes.ts";
import { statusOfKind } from "../core/error-status.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { Answer } from "./answer.ts";

export const problemMediaType = "application/problem+json";

/** An error as a client sees it, RFC 9457. */
export interface Problem {
  /** Names the code; it is not fetched. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The same code as everywhere; `INTERNAL_ERROR` for a bug, of which nothing else is told. */
  readonly code: ErrorCode | "INTERNAL_ERROR";
  /** Name of this one failure in the log of the server. */
  readonly instance?: string;
}

/** Where HTTP has a status of its own, or where the fault is not in the request. */
const statusOfCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  ADMIN_TOKEN_REQUIRED: 401,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  RATE_LIMITED: 429,
  LEDGER_REFUTED: 500,
};

/** Seconds after which it is worth asking again, for whatever is answered with 503. */
const retryAfterS: Readonly<Partial<Record<ErrorCode, number>>> = {
  PARTITION_NOT_CLOSED: 60,
  PARTITION_NOT_ANCHORED: 60,
  PARTITION_NOT_PROVEN: 60,
  SERVER_BUSY: 1,
};
const defaultRetryAfterS = 5;

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function makeProblem(code: Problem["code"], status: number, detail: string): Problem {
  return { type: `https://repomesh.dev/settlement/problems/${code}`, title: titleOf(code), status, detail, code };
}

/** @param requestId - names the failure in the log; shown where the detail is withheld */
export function problemOf(error: unknown, requestId: string): Problem {
  if (!(error instanceof SettlementError)) {
    const detail = "The server failed. The fault is not in the request; the log of the server says more.";
    return { ...makeProblem("INTERNAL_ERROR", 500, detail), instance: `urn:uuid:${requestId}` };
  }
  return makeProblem(error.code, statusOfCode[error.code] ?? statusOfKind[error.kind], error.message);
}

/** What HTTP demands beside a status. With 429, who refuses says in Retry-After how long the client has to wait. */
function headersOf({ status, code }: Problem): Readonly<Record<string, string>> {
  if (status === 401) return { "WWW-Authenticate": 'Bearer realm="settlement admin"' };
  const wait = code === "INTERNAL_ERROR" ? undefined : (retryAfterS[code] ?? defaultRetryAfterS);
  return status === 503 ? { "Retry-After": String(wait) } : {};
}

export function problemAnswer(problem: Problem, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: problem.status,
    type: problemMediaType,
    body: utf8(`${JSON.stringify(problem, null, 2)}\n`),
    cache: "never",
    headers: { ...headers, ...headersOf(problem) },
  };
}
