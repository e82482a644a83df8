import { localNotice } from "../core/receipt.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import { SettlementError } from "../core/error.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Route } from "./route.ts";

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
  openapi: "/v1/openapi.json",
  schemas: "/v1/schemas",
};

/** Why a neighbour keeps this node from serving, or nothing. */
async function reasonOf(what: string, look: () => Promise<unknown>): Promise<string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return [`${what}: ${error.message} (${error.code})`];
  }
}

export function healthRoutes(context: Context): readonly Route[] {
  const { network, version, notReady } = context.deps;
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
        const reasons = await Promise.all([
          reasonOf("ledger", () => context.view()),
          reasonOf("state", () => context.attempts()),
          notReady?.() ?? [],
        ]);
        const all = reasons.flat();
        const answer = jsonAnswer({ ready: all.length === 0, reasons: all }, "never");
        return all.length === 0 ? answer : { ...answer, status: 503, headers: { "Retry-After": "5" } };
      },
    },
  ];
}
