import { formatTimestamp } from "../core/time.ts";
import type { Balance } from "../settle/balance.ts";
import { monthStatuses } from "../settle/node-status.ts";
import type { AdminDeps } from "./admin-acts.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import { viewCache } from "./view-cache.ts";

/** Time for which a report of the validator is kept, milliseconds: it reads every event. */
const reportMs = 60_000;

/** Numbers of drops are beyond what JSON numbers hold for certain. */
function accountJson(balance: Balance): Record<string, unknown> {
  const { account, isLow, ...amounts } = balance;
  const texts = Object.entries(amounts).map(([name, value]) => [name, String(value)]);
  return { account, isLow, ...Object.fromEntries(texts) };
}

/** Every month with what a human should read of it, the account, and when work begins by itself. */
export async function statusAnswer({ chain, schedule = {} }: AdminDeps, context: Context): Promise<Answer> {
  const { settling } = context.deps;
  const [view, now] = await Promise.all([context.view(), context.months()]);
  const [records = [], attempts] = await Promise.all([settling?.records(), context.attempts()]);
  const months = monthStatuses(view, { records, attempts });
  const seen = chain?.();
  return jsonAnswer(
    {
      months,
      next: now.next,
      account: seen ? accountJson(seen.balance) : null,
      validatedIndex: seen?.validatedIndex ?? null,
      schedule,
    },
    "never",
  );
}

/** What the validator finds wrong with the ledger; null where this process does not validate. */
export function findingsAnswer({ validate }: AdminDeps, { deps }: Context): () => Promise<Answer> {
  const { clock = Date.now } = deps;
  const report = validate && viewCache(async () => ({ at: clock(), found: await validate() }), clock, reportMs);
  return async () => {
    const made = await report?.();
    return jsonAnswer({ at: made ? formatTimestamp(made.at) : null, findings: made?.found ?? null }, "never");
  };
}
