import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { isJsonObject, type JsonValue, parseJson } from "../core/json.ts";
import { parseOrigin } from "../core/checkpoint.ts";
import { formatTimestamp } from "../core/time.ts";
import type { AddNodeDeps } from "../settle/add-node.ts";
import type { Acceptor } from "../settle/accept-events.ts";
import type { Verdict } from "../settle/accept-promises.ts";
import { type Answer, jsonAnswer, jsonMediaType } from "./answer.ts";
import { problemAnswer, problemOf } from "./problem.ts";
import { type Rate, rateLimit } from "./rate-limit.ts";
import type { Route } from "./route.ts";

/** Where events come in over HTTP. The signature is the credential. */
export interface AcceptDeps {
  readonly acceptor: Acceptor;
  /** Takes new nodes in, where governance asks for them. */
  readonly nodes?: AddNodeDeps;
  /** Events that a node may hand in; no limit when left out. Only what was accepted counts. */
  readonly rate?: Rate | undefined;
}

const maxEvents = 1000;
const maxBytes = 4 * 1024 * 1024;

/** Nodes that are remembered because they have handed in too much. */
const maxPausing = 10_000;

/** One event, or several as `{"events":[…]}`. @throws SettlementError `REQUEST_MALFORMED` and those of `parseJson` */
function parseEvents(body: Uint8Array): readonly JsonValue[] {
  const value = parseJson(body);
  if (isJsonObject(value) && !Object.hasOwn(value, "events")) return [value];
  const fields = fieldsOf("REQUEST_MALFORMED", "request", value);
  fields.only("events");
  const events = fields.list("events", maxEvents);
  if (events.length === 0) fields.fail('member "events" must hold at least one event');
  return events;
}

/** The node that an event says it is of; nobody has verified it. */
function claimedNode(event: JsonValue): string | undefined {
  if (!isJsonObject(event)) return undefined;
  for (const name of ["nodeId", "repo"]) {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (typeof value === "string" && value.length <= 256) return value;
  }
  return undefined;
}

/** Who hands in more than a node may waits; a claim alone takes nothing from the node it names. */
interface NodeLimit {
  /** What is said to those that have to wait. */
  refusal(nodes: ReadonlySet<string>): Answer | undefined;
  took(node: string): void;
}

function nodeLimit(rate: Rate, clock: () => number = () => performance.now()): NodeLimit {
  const waitOf = rateLimit(rate, clock);
  const pausedUntil = new Map<string, number>();
  return {
    refusal(nodes) {
      for (const node of nodes) {
        const waitMs = (pausedUntil.get(node) ?? 0) - clock();
        if (waitMs > 0) return tooMany(node, rate, Math.ceil(waitMs / 1000));
        pausedUntil.delete(node);
      }
      return undefined;
    },
    took(node) {
      const waitMs = waitOf(node);
      if (waitMs <= 0) return;
      if (pausedUntil.size >= maxPausing) pausedUntil.clear();
      pausedUntil.set(node, clock() + waitMs);
    },
  };
}

function tooMany(node: string, { perSecond }: Rate, waitS: number): Answer {
  const error = new SettlementError(
    "RATE_LIMITED",
    `node ${JSON.stringify(node)} handed in more than ${perSecond} events a second; hand the rest in after ${waitS} seconds`,
  );
  return problemAnswer(problemOf(error, ""), { "Retry-After": String(waitS) });
}

function answerTo(verdict: Verdict): Readonly<Record<string, unknown>> {
  if (verdict.state === "refused") {
    const { id = null, state, code, reason, hint } = verdict;
    return { id, state, code, reason, hint };
  }
  const { id, state, promise } = verdict;
  const { origin, leafIndex, checkpoint, acceptedUnixMs } = promise;
  return {
    id,
    state,
    origin,
    month: parseOrigin(origin).month ?? null,
    leafIndex,
    checkpoint,
    acceptedAt: formatTimestamp(acceptedUnixMs),
    links: { event: `/v1/events/${id}`, proof: `/v1/events/${id}/proof` },
  };
}

export function acceptRoutes({ acceptor, rate }: AcceptDeps): readonly Route[] {
  const limit = rate && nodeLimit(rate);
  return [
    {
      path: "/v1/events",
      body: { types: [jsonMediaType], maxBytes },
      answer: async ({ body }): Promise<Answer> => {
        const events = parseEvents(body);
        const nodes = events.map(claimedNode);
        const refusal = limit?.refusal(new Set(nodes.flatMap((node) => node ?? [])));
        if (refusal) return refusal;
        const verdicts = await acceptor.accept(events);
        for (const [at, { state }] of verdicts.entries()) {
          const node = nodes[at];
          if (state === "accepted" && node !== undefined) limit?.took(node);
        }
        return jsonAnswer({ answers: verdicts.map(answerTo) }, "never");
      },
    },
  ];
}
