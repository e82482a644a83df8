import { setImmediate } from "node:timers/promises";
import { SettlementError } from "../core/error.ts";
import type { HttpLogEntry } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import { type Problem, problemAnswer, problemOf } from "./problem.ts";
import type { SendAnswer } from "./send-answer.ts";

/** Errors of Express itself, which bear a status, as ours. */
function translated(error: unknown): unknown {
  if (error instanceof SettlementError || !(error instanceof Error)) return error;
  const { status, limit } = error as { readonly status?: unknown; readonly limit?: number };
  switch (status) {
    case 400:
      return new SettlementError("REQUEST_MALFORMED", `the request cannot be read: ${error.message}`, { cause: error });
    case 413:
      return new SettlementError("REQUEST_TOO_LARGE", `the body is larger than the ${limit} bytes this route takes`, {
        cause: error,
      });
    case 415:
      return new SettlementError("MEDIA_TYPE_UNSUPPORTED", "send the body as it is, without Content-Encoding", {
        cause: error,
      });
    default:
      return error;
  }
}

const refusals: ReadonlySet<string> = new Set([
  "REQUEST_TOO_LARGE",
  "MEDIA_TYPE_UNSUPPORTED",
  "RATE_LIMITED",
  "SERVER_BUSY",
]);

/** Is there more of a body to come that is refused, and that nobody will read? What has come already does no harm. */
async function leavesBody({ request }: Exchange, { code }: Problem): Promise<boolean> {
  if (request.method !== "POST" || !refusals.has(code)) return false;
  // What came together with the headers is parsed after them.
  await setImmediate();
  return !request.complete;
}

/** Answers with the problem that was thrown; cuts the connection where an answer was begun already, or none can be sent. */
export type Fail = (exchange: Exchange, thrown: unknown) => void;

export function failing(log: (entry: HttpLogEntry) => void, send: SendAnswer): Fail {
  const answer = async (exchange: Exchange, thrown: unknown): Promise<void> => {
    const { response, requestId } = exchange;
    const error = translated(thrown);
    if (!(error instanceof SettlementError)) log({ level: "error", message: "request failed", requestId, error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = problemOf(error, requestId);
    exchange.code = problem.code;
    const headers = (await leavesBody(exchange, problem)) ? { Connection: "close" } : {};
    await send(exchange, problemAnswer(problem, headers));
  };
  return (exchange, thrown) => {
    answer(exchange, thrown).catch(() => exchange.response.destroy());
  };
}
