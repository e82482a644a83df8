import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { HttpDeps } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import type { Fail } from "./fail.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import type { Admission } from "./limits.ts";
import type { SendAnswer } from "./send-answer.ts";

/** What every request of an app is served with. */
export interface Serving {
  readonly deps: HttpDeps;
  readonly admission: Admission;
  readonly kept: KeptAnswers;
  readonly send: SendAnswer;
  readonly fail: Fail;
}

/** Of a URL, which a client may also give with its scheme and host (RFC 9112 §3.2.2). */
function pathOf(url: string): string {
  const local = url.startsWith("/") ? url : url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  const end = local.search(/[?#]/);
  return end < 0 ? local : local.slice(0, end);
}

/** Tells of the request once it is over, however it ends. */
function begin({ log, onRequest }: HttpDeps, request: IncomingMessage, response: ServerResponse): Exchange {
  const begunMs = performance.now();
  const { method = "", url = "" } = request;
  const path = pathOf(url);
  const requestId = randomUUID();
  const exchange: Exchange = { request, response, requestId, path, route: "none", isForOperators: false, actor: "" };
  response.on("close", () => {
    const { route, code } = exchange;
    const { statusCode: status } = response;
    const tookMs = performance.now() - begunMs;
    onRequest?.({ route, status, durationMs: tookMs });
    const entry = { requestId, method, path: path.slice(0, 200), status, durationMs: Math.round(tookMs) };
    log({ level: "info", message: "request", ...entry, ...(code === undefined ? {} : { code }) });
  });
  return exchange;
}

/**
 * What every request passes: it is let in or turned away, and gets what is kept for its URL. Only what has to be made is
 * left to the routes.
 */
export function frontOf(
  { deps, admission, kept, send, fail }: Serving,
  routes: (exchange: Exchange) => void,
): RequestListener {
  return (request, response) => {
    const exchange = begin(deps, request, response);
    const { method, url = "" } = request;
    try {
      admission.admit(exchange);
      const found = method === "GET" || method === "HEAD" ? kept.get(url) : undefined;
      if (!found) return routes(exchange);
      exchange.route = found.route;
      send(exchange, found.answer).catch((error: unknown) => fail(exchange, error));
    } catch (error) {
      fail(exchange, error);
    }
  };
}
