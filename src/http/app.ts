import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { SettlementError } from "../core/error.ts";
import { acceptRoutes } from "./accept.ts";
import { addNodeRoutes } from "./add-node.ts";
import { adminRoutes } from "./admin.ts";
import { anchorRoutes } from "./anchors.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./body.ts";
import { consistencyRoutes } from "./consistency.ts";
import { type HttpDeps, makeContext } from "./context.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes } from "./health.ts";
import { type Admission, isProbe, type Limits, openDoor, openLimits } from "./limits.ts";
import { metricsRoutes } from "./metrics.ts";
import { nodeRoutes } from "./nodes.ts";
import { checkpointRoutes, partitionFileRoutes } from "./partition-files.ts";
import { partitionRoutes } from "./partitions.ts";
import { type Problem, problemAnswer, problemOf } from "./problem.ts";
import { proofRoutes } from "./proofs.ts";
import { inputOf } from "./input.ts";
import { type KeptAnswers, keptAnswers } from "./kept-answers.ts";
import { registryRoutes } from "./registry.ts";
import { releaseRoutes } from "./releases.ts";
import type { Route } from "./route.ts";
import { answerSender } from "./send-answer.ts";
import { updateRoutes } from "./updates.ts";
import { verifyRoutes } from "./verify.ts";
import { webPageRoutes } from "./web-page.ts";

/** Every route of the API; each path and method once. */
export function routesOf(deps: HttpDeps): readonly Route[] {
  const context = makeContext(deps);
  return [
    ...healthRoutes(context),
    ...partitionRoutes(context),
    ...partitionFileRoutes(context),
    ...checkpointRoutes(context),
    ...eventRoutes(context),
    ...(deps.accepting ? acceptRoutes(deps.accepting) : []),
    ...proofRoutes(context),
    ...consistencyRoutes(context),
    ...anchorRoutes(context),
    ...nodeRoutes(context),
    ...(deps.accepting?.nodes ? addNodeRoutes(deps.accepting.nodes) : []),
    ...registryRoutes(context),
    ...releaseRoutes(context),
    ...updateRoutes(context),
    ...verifyRoutes(deps),
    ...documentRoutes(),
    ...webPageRoutes(),
    ...(deps.metrics ? metricsRoutes(deps.metrics) : []),
    ...(deps.admin ? adminRoutes(deps.admin, context) : []),
  ];
}

/** What a process without an API says of itself to those who run it. */
function operationsRoutes(deps: HttpDeps): readonly Route[] {
  const ofProcess = healthRoutes(makeContext(deps)).filter(({ path }) => path === "/healthz" || path === "/readyz");
  return [...ofProcess, ...(deps.metrics ? metricsRoutes(deps.metrics) : [])];
}

/** Everything served is public data, never active content. */
const headers = Object.entries({
  "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});

/** What a response carries for the log and the last error handler. */
interface Locals {
  requestId: string;
  /** Of an answer that was made before. */
  route?: string;
  /** Who asks, where that matters. */
  actor?: string;
  code?: string;
}

function localsOf(response: Response): Locals {
  return response.locals as unknown as Locals;
}

/** Path of the route a request was meant for, its parameters unfilled. */
function routeOf(request: Request): string {
  return (request.route as { readonly path?: string } | undefined)?.path ?? "none";
}

function begin({ log, onRequest }: HttpDeps): RequestHandler {
  return (request, response, next) => {
    const begunMs = performance.now();
    const requestId = randomUUID();
    response.locals["requestId"] = requestId;
    // Not `set`, which looks at each as if it could be a Content-Type.
    for (const [name, value] of headers) response.setHeader(name, value);
    if (request.method !== "POST") response.setHeader("Access-Control-Allow-Origin", "*");
    const { method, path } = request;
    response.once("close", () => {
      const { code, route = routeOf(request) } = localsOf(response);
      const { statusCode: status } = response;
      const tookMs = performance.now() - begunMs;
      onRequest?.({ route, status, durationMs: tookMs });
      const entry = { requestId, method, path: path.slice(0, 200), status, durationMs: Math.round(tookMs) };
      log({ level: "info", message: "request", ...entry, ...(code === undefined ? {} : { code }) });
    });
    next();
  };
}

/** What every route of an app is served with. */
interface Serving {
  readonly deps: HttpDeps;
  readonly admission: Admission;
  readonly kept: KeptAnswers;
  readonly send: (response: Response, answer: Answer) => Promise<void>;
}

/** Answers that anybody may get, and that depend on the URL alone. */
function isKept({ admits, body, isForOperators }: Route): boolean {
  return !admits && !body && !isForOperators;
}

/** Sends what is kept, before a route is looked for. */
function answerAgain({ kept, send }: Serving): RequestHandler {
  return async ({ method, originalUrl }, response, next) => {
    const found = method === "GET" || method === "HEAD" ? kept.get(originalUrl) : undefined;
    if (!found) return next();
    localsOf(response).route = found.route;
    await send(response, found.answer);
  };
}

function answerWith(route: Route, { admission, kept, send }: Serving): RequestHandler {
  const { enter } = isProbe(route.path) || route.isForOperators ? openDoor : admission;
  const keeps = isKept(route);
  return async (request: Request, response: Response) => {
    const { originalUrl: url } = request;
    const { actor = "" } = localsOf(response);
    const input = inputOf(request, route, actor);
    const leave = await enter(response);
    if (!leave) return;
    try {
      const answer = await route.answer(input);
      if (keeps) kept.keep(url, { answer, route: route.path });
      await send(response, answer);
    } finally {
      leave();
    }
  };
}

/** Lets in who may, before a body is read; pages of other origins are not meant to. */
function guard({ admits, isForOperators = false }: Route): RequestHandler {
  return (request, response, next) => {
    if (isForOperators) {
      response.removeHeader("Access-Control-Allow-Origin");
      response.set("Cross-Origin-Resource-Policy", "same-origin");
    }
    if (admits) response.locals["actor"] = admits(request.get("Authorization"));
    next();
  };
}

/** Answers methods that a path does not know, and OPTIONS (the preflight of browsers too). */
function otherMethods(routes: readonly Route[]): RequestHandler {
  const known = routes.map(({ body }) => (body ? "POST" : "GET, HEAD")).join(", ");
  return (request, response) => {
    response.set("Allow", `${known}, OPTIONS`);
    if (request.method !== "OPTIONS") {
      throw new SettlementError("METHOD_NOT_ALLOWED", `${request.method} is not known here; allowed: ${known}`);
    }
    response.set({
      "Access-Control-Allow-Headers": "If-None-Match",
      "Access-Control-Allow-Methods": "GET, HEAD",
      "Access-Control-Max-Age": "86400",
    });
    response.status(204).end();
  };
}

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
async function leavesBody(request: Request, { code }: Problem): Promise<boolean> {
  if (request.method !== "POST" || !refusals.has(code)) return false;
  // What came together with the headers is parsed after them.
  await setImmediate();
  return !request.complete;
}

function fail({ deps: { log }, send }: Serving): ErrorRequestHandler {
  return async (thrown: unknown, request, response, next) => {
    const error = translated(thrown);
    const { requestId } = localsOf(response);
    if (!(error instanceof SettlementError)) log({ level: "error", message: "request failed", requestId, error });
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error, requestId);
    response.locals["code"] = problem.code;
    await send(response, problemAnswer(problem, (await leavesBody(request, problem)) ? { Connection: "close" } : {}));
  };
}

/**
 * The HTTP API, as `schemas/openapi.yaml` describes it.
 *
 * @param limits - what it turns away under load; nothing when left out
 */
export function createApp(deps: HttpDeps, limits?: Limits): Express {
  const app = appOf(routesOf(deps), deps, limits ? openLimits(limits) : openDoor);
  if (limits && limits.trustProxy.length > 0) app.set("trust proxy", limits.trustProxy);
  return app;
}

/** `/healthz`, `/readyz` and `/metrics` alone. */
export function createOperationsApp(deps: HttpDeps): Express {
  return appOf(operationsRoutes(deps), deps, openDoor);
}

function appOf(routes: readonly Route[], deps: HttpDeps, admission: Admission): Express {
  const { sha256, clock = Date.now, viewMaxAgeMs = 1000 } = deps;
  const serving = { deps, admission, kept: keptAnswers(viewMaxAgeMs, clock), send: answerSender(sha256) };
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.enable("case sensitive routing").enable("strict routing");
  app.use(begin(deps), admission.admit, answerAgain(serving));
  for (const [path, ofPath] of Map.groupBy(routes, ({ path }) => path)) {
    const at = app.route(path);
    for (const route of ofPath) {
      const answer = answerWith(route, serving);
      if (route.body) at.post(guard(route), admission.takeBody, readBody(route.body), answer);
      else at.get(guard(route), answer);
    }
    at.all(otherMethods(ofPath));
  }
  const listed = routes.some(({ path }) => path === "/v1")
    ? "/v1 lists what there is"
    : `there is ${routes.map(({ path }) => path).join(", ")}`;
  app.use((request) => {
    const path = JSON.stringify(request.path.slice(0, 80));
    throw new SettlementError("ROUTE_NOT_FOUND", `there is nothing at ${path}; ${listed}`);
  });
  app.use(fail(serving));
  return app;
}
