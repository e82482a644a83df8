import { randomUUID } from "node:crypto";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { SettlementError } from "../core/error.ts";
import { adminRoutes } from "./admin.ts";
import { anchorRoutes } from "./anchors.ts";
import { sendAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import { consistencyRoutes } from "./consistency.ts";
import { type HttpDeps, makeContext } from "./context.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { nodeRoutes } from "./nodes.ts";
import { checkpointRoutes, partitionFileRoutes } from "./partition-files.ts";
import { partitionRoutes } from "./partitions.ts";
import { problemAnswer, problemOf } from "./problem.ts";
import { proofRoutes } from "./proofs.ts";
import { inputOf } from "./input.ts";
import type { Route } from "./route.ts";
import { verifyRoutes } from "./verify.ts";
import { webPageRoutes } from "./web-page.ts";

/** Every route of the API; each path once. */
export function routesOf(deps: HttpDeps): readonly Route[] {
  const context = makeContext(deps);
  return [
    ...healthRoutes(context),
    ...partitionRoutes(context),
    ...partitionFileRoutes(context),
    ...checkpointRoutes(context),
    ...eventRoutes(context),
    ...proofRoutes(context),
    ...consistencyRoutes(context),
    ...anchorRoutes(context),
    ...nodeRoutes(context),
    ...verifyRoutes(deps),
    ...documentRoutes(),
    ...webPageRoutes(),
    ...(deps.metrics ? metricsRoutes(deps.metrics) : []),
    ...(deps.admin ? adminRoutes(deps.admin, deps) : []),
  ];
}

/** What a process without an API says of itself to those who run it. */
function operationsRoutes(deps: HttpDeps): readonly Route[] {
  const ofProcess = healthRoutes(makeContext(deps)).filter(({ path }) => path === "/healthz" || path === "/readyz");
  return [...ofProcess, ...(deps.metrics ? metricsRoutes(deps.metrics) : [])];
}

/** Everything served is public data, never active content. */
const headers = {
  "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** What a response carries for the log and the last error handler. */
interface Locals {
  requestId: string;
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
    response.set(headers);
    if (request.method !== "POST") response.set("Access-Control-Allow-Origin", "*");
    const { method, path } = request;
    response.once("close", () => {
      const { code } = localsOf(response);
      const { statusCode: status } = response;
      const tookMs = performance.now() - begunMs;
      onRequest?.({ route: routeOf(request), status, durationMs: tookMs });
      const entry = { requestId, method, path: path.slice(0, 200), status, durationMs: Math.round(tookMs) };
      log({ level: "info", message: "request", ...entry, ...(code === undefined ? {} : { code }) });
    });
    next();
  };
}

function answerWith(route: Route, { sha256 }: HttpDeps): RequestHandler {
  return async (request: Request, response: Response) => {
    const { actor = "" } = localsOf(response);
    sendAnswer(response, await route.answer(inputOf(request, route, actor)), sha256);
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
function otherMethods(route: Route): RequestHandler {
  const known = route.body ? "POST" : "GET, HEAD";
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

function fail({ log, sha256 }: HttpDeps): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    const error = translated(thrown);
    const { requestId } = localsOf(response);
    if (!(error instanceof SettlementError)) log({ level: "error", message: "request failed", requestId, error });
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error, requestId);
    response.locals["code"] = problem.code;
    // What is left of a body nobody reads would be taken for the next request.
    sendAnswer(
      response,
      problemAnswer(problem, problem.status === 413 || problem.status === 415 ? { Connection: "close" } : {}),
      sha256,
    );
  };
}

/** The HTTP API, as `schemas/openapi.yaml` describes it. */
export function createApp(deps: HttpDeps): Express {
  return appOf(routesOf(deps), deps);
}

/** `/healthz`, `/readyz` and `/metrics` alone. */
export function createOperationsApp(deps: HttpDeps): Express {
  return appOf(operationsRoutes(deps), deps);
}

function appOf(routes: readonly Route[], deps: HttpDeps): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.enable("case sensitive routing").enable("strict routing");
  app.use(begin(deps));
  for (const route of routes) {
    const at = app.route(route.path);
    if (route.body) at.post(guard(route), readBody(route.body), answerWith(route, deps));
    else at.get(guard(route), answerWith(route, deps));
    at.all(otherMethods(route));
  }
  const listed = routes.some(({ path }) => path === "/v1")
    ? "/v1 lists what there is"
    : `there is ${routes.map(({ path }) => path).join(", ")}`;
  app.use((request) => {
    const path = JSON.stringify(request.path.slice(0, 80));
    throw new SettlementError("ROUTE_NOT_FOUND", `there is nothing at ${path}; ${listed}`);
  });
  app.use(fail(deps));
  return app;
}
