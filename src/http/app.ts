import type { RequestListener } from "node:http";
import express, { type Request, type RequestHandler, type Response } from "express";
import { SettlementError } from "../core/error.ts";
import { acceptRoutes } from "./accept.ts";
import { addNodeRoutes } from "./add-node.ts";
import { adminRoutes } from "./admin.ts";
import { anchorRoutes } from "./anchors.ts";
import { readBody } from "./body.ts";
import { consistencyRoutes } from "./consistency.ts";
import { type HttpDeps, makeContext } from "./context.ts";
import { documentRoutes } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { accessHeaders, accessOf, type Exchange } from "./exchange.ts";
import { failing } from "./fail.ts";
import { frontOf, type Serving } from "./front.ts";
import { healthRoutes } from "./health.ts";
import { inputOf } from "./input.ts";
import { keptAnswers } from "./kept-answers.ts";
import { type Admission, isProbe, type Limits, openDoor, openLimits } from "./limits.ts";
import { metricsRoutes } from "./metrics.ts";
import { nodeRoutes } from "./nodes.ts";
import { checkpointRoutes, partitionFileRoutes } from "./partition-files.ts";
import { partitionRoutes } from "./partitions.ts";
import { proofRoutes } from "./proofs.ts";
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

/** Where Express keeps what goes with a request. */
function exchangeOf(response: Response): Exchange {
  return response.locals as unknown as Exchange;
}

/** Answers that anybody may get, and that depend on the URL alone. */
function isKept({ admits, body, isForOperators }: Route): boolean {
  return !admits && !body && !isForOperators;
}

function answerWith(route: Route, { admission, kept, send }: Serving): RequestHandler {
  const { enter } = isProbe(route.path) || route.isForOperators ? openDoor : admission;
  const keeps = isKept(route);
  return async (request: Request, response: Response) => {
    const { originalUrl: url } = request;
    const exchange = exchangeOf(response);
    const input = inputOf(request, route, exchange.actor);
    const leave = await enter(exchange);
    if (!leave) return;
    try {
      const answer = await route.answer(input);
      if (keeps) kept.keep(url, { answer, route: route.path });
      await send(exchange, answer);
    } finally {
      leave();
    }
  };
}

/** Lets in who may, before a body is read; pages of other origins are not meant to. */
function guard({ path, body, admits, isForOperators = false }: Route, { takeBody }: Admission): RequestHandler {
  return (request, response, next) => {
    const exchange = exchangeOf(response);
    Object.assign(exchange, { route: path, isForOperators });
    if (admits) exchange.actor = admits(request.get("Authorization"));
    if (body) takeBody(exchange);
    next();
  };
}

/** Answers methods that a path does not know, and OPTIONS (the preflight of browsers too). */
function otherMethods(path: string, routes: readonly Route[]): RequestHandler {
  const known = routes.map(({ body }) => (body ? "POST" : "GET, HEAD")).join(", ");
  const ofPreflight = {
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Max-Age": "86400",
  };
  return ({ method }, response) => {
    const exchange = exchangeOf(response);
    exchange.route = path;
    response.setHeader("Allow", `${known}, OPTIONS`);
    if (method !== "OPTIONS") {
      throw new SettlementError("METHOD_NOT_ALLOWED", `${method} is not known here; allowed: ${known}`);
    }
    response.writeHead(204, { ...accessHeaders[accessOf(exchange)], ...ofPreflight }).end();
  };
}

/**
 * The HTTP API, as `schemas/openapi.yaml` describes it.
 *
 * @param limits - what it turns away under load; nothing when left out
 */
export function createApp(deps: HttpDeps, limits?: Limits): RequestListener {
  return appOf(routesOf(deps), deps, limits ? openLimits(limits) : openDoor);
}

/** `/healthz`, `/readyz` and `/metrics` alone. */
export function createOperationsApp(deps: HttpDeps): RequestListener {
  return appOf(operationsRoutes(deps), deps, openDoor);
}

function appOf(routes: readonly Route[], deps: HttpDeps, admission: Admission): RequestListener {
  const { sha256, clock = Date.now, viewMaxAgeMs = 1000, log } = deps;
  const send = answerSender(sha256);
  const fail = failing(log, send);
  const serving = { deps, admission, kept: keptAnswers(viewMaxAgeMs, clock), send, fail };
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.enable("case sensitive routing").enable("strict routing");
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const at = app.route(path);
    for (const route of ofPath) {
      const handlers = [
        guard(route, admission),
        ...(route.body ? readBody(route.body) : []),
        answerWith(route, serving),
      ];
      if (route.body) at.post(...handlers);
      else at.get(...handlers);
    }
    at.all(otherMethods(path, ofPath));
  }
  const listed = routes.some(({ path }) => path === "/v1")
    ? "/v1 lists what there is"
    : `there is ${routes.map(({ path }) => path).join(", ")}`;
  const notFound = ({ path }: Exchange): SettlementError =>
    new SettlementError("ROUTE_NOT_FOUND", `there is nothing at ${JSON.stringify(path.slice(0, 80))}; ${listed}`);
  return frontOf(serving, (exchange) => {
    const request = exchange.request as Request;
    const response = Object.assign(exchange.response as Response, { locals: exchange });
    (app as RequestHandler)(request, response, (error: unknown) => fail(exchange, error ?? notFound(exchange)));
  });
}
