import { monitorEventLoopDelay } from "node:perf_hooks";
import { localNotice } from "../core/receipt.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import {
  type CheckReport,
  type CheckResult,
  failure,
  tellingCheck,
  type TellingCheck,
  watchedCheck,
} from "./node-check.ts";
import type { Route } from "./route.ts";
import { viewCache } from "./view-cache.ts";

const links = {
  health: "/v1/health",
  ready: "/v1/ready",
  partitions: "/v1/partitions",
  checkpoint: "/v1/checkpoint",
  events: "/v1/events",
  nodes: "/v1/nodes",
  capabilities: "/v1/capabilities",
  anchors: "/v1/anchors",
  consistency: "/v1/consistency",
  proofs: "/v1/proofs",
  verify: "/v1/verify",
  updates: "/v1/updates",
  openapi: "/v1/openapi.json",
  schemas: "/v1/schemas",
};

/** Everything a request may need, and what else the node was told to look at. */
function checksOf(context: Context): readonly TellingCheck[] {
  const { checks = [], notReady } = context.deps;
  // Faults of our own data are told so that everybody may hear them.
  const own = (name: string, look: () => Promise<unknown>): TellingCheck =>
    tellingCheck({ name, isRequired: true, look: async () => void (await look()) }, ({ message }) => message);
  const reasons = async (): Promise<CheckResult> => {
    try {
      const texts = (await notReady?.()) ?? [];
      return { isOk: texts.length === 0, detail: texts.length === 0 ? null : texts.join("; "), code: null };
    } catch (error) {
      return failure(error);
    }
  };
  return [
    own("ledger", () => context.view()),
    own("state", () => context.attempts()),
    ...(notReady ? [{ name: "node", isRequired: true, find: reasons }] : []),
    ...checks.map((check) => tellingCheck(check)),
  ];
}

/** Reports of all checks, those that ask together getting the same. */
function readinessOf(context: Context): () => Promise<readonly CheckReport[]> {
  const { clock = Date.now, viewMaxAgeMs = 1000 } = context.deps;
  const watched = checksOf(context).map((check) => watchedCheck(check, context.deps));
  return viewCache(() => Promise.all(watched.map((look) => look())), clock, viewMaxAgeMs);
}

function failuresOf(reports: readonly CheckReport[]): readonly CheckReport[] {
  return reports.filter(({ status, required }) => required && status === "failing");
}

function reasonText({ name, detail, code }: CheckReport): string {
  return `${name}: ${detail ?? "failing"}${code === null ? "" : ` (${code})`}`;
}

function readyAnswer(reports: readonly CheckReport[], body: unknown): Answer {
  const answer = jsonAnswer(body, "never");
  return failuresOf(reports).length === 0 ? answer : { ...answer, status: 503, headers: { "Retry-After": "5" } };
}

/** Time over which the delay of the event loop is measured, milliseconds. */
const measuredMs = 10_000;

/** Longest time, milliseconds, in which this process could do nothing else, of the last ten seconds or so. */
function eventLoopDelay(): () => number {
  const delays = monitorEventLoopDelay();
  delays.enable();
  let sinceMs = performance.now();
  let before = 0;
  return () => {
    const now = Math.round(delays.max / 1e6);
    const longest = Math.max(before, now);
    if (performance.now() - sinceMs > measuredMs) {
      delays.reset();
      sinceMs = performance.now();
      before = now;
    }
    return longest;
  };
}

export function healthRoutes(context: Context): readonly Route[] {
  const { network, version } = context.deps;
  const readiness = readinessOf(context);
  const delayMs = eventLoopDelay();
  return [
    {
      path: "/v1",
      answer: async () => {
        const { settlement, dialect } = await context.view();
        const origin = settlement ? ledgerOrigin(settlement.host) : null;
        const notice = network === "local" ? { notice: localNotice } : {};
        const facts = { name: "repomesh-settlement", version, network, ...notice, dialect, origin };
        return jsonAnswer({ ...facts, key: settlement?.key ?? null, accounts: settlement?.accounts ?? [], links });
      },
    },
    { path: "/v1/health", answer: () => jsonAnswer({ status: "ok", version }, "never") },
    {
      path: "/v1/ready",
      answer: async () => {
        const reports = await readiness();
        const reasons = failuresOf(reports).map(reasonText);
        return readyAnswer(reports, { ready: reasons.length === 0, reasons });
      },
    },
    {
      path: "/healthz",
      // A process whose event loop is blocked does not get here, which is an answer too.
      answer: () => {
        const uptimeS = Math.floor(process.uptime());
        return jsonAnswer({ status: "ok", version, uptimeS, eventLoopDelayMs: delayMs() }, "never");
      },
    },
    {
      path: "/readyz",
      answer: async () => {
        const checks = await readiness();
        const status = failuresOf(checks).length === 0 ? "ready" : "not ready";
        return readyAnswer(checks, { status, checks });
      },
    },
  ];
}
