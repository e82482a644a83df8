import { SettlementError } from "../core/error.ts";
import type { AuditLog } from "../ports.ts";
import type { QueuedWork } from "./admin-acts.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { HttpDeps } from "./context.ts";
import type { Input } from "./route.ts";

type Run<T> = (asked: T) => Promise<readonly QueuedWork[]>;

function outcomeOf(error: unknown): string {
  return error instanceof SettlementError ? error.code : "INTERNAL_ERROR";
}

/**
 * Acts whose every step is in the audit log: that they were asked for, before anything is done, and what came of it. An
 * act that cannot be written down is not done.
 */
export function auditedActs(
  auditLog: AuditLog,
  { log, clock = Date.now }: HttpDeps,
): {
  act<T extends string | undefined>(
    name: string,
    parse: (input: Input) => T,
    run: Run<T>,
  ): (input: Input) => Promise<Answer>;
  plain(run: () => Promise<void>): Run<undefined>;
} {
  const record = (actor: string, act: string, detail: string, outcome: string): Promise<void> =>
    auditLog.record({ atUnixMs: clock(), actor, act, detail, outcome });
  /** The act is over; if this cannot be kept any more, that it was asked for is kept. */
  const conclude = async (actor: string, act: string, detail: string, outcome: string): Promise<void> => {
    log({ level: "info", message: "admin act", actor, act, detail, outcome });
    try {
      await record(actor, act, detail, outcome);
    } catch (error) {
      log({ level: "error", message: "audit log failed", actor, act, error });
    }
  };
  return {
    act: (name, parse, run) => async (input) => {
      const { actor } = input;
      let detail = "";
      try {
        const asked = parse(input);
        detail = asked ?? "";
        await record(actor, name, detail, "asked");
        const queued = await run(asked);
        await conclude(actor, name, detail, "done");
        return { ...jsonAnswer({ act: name, queued }, "never"), status: 202 };
      } catch (error) {
        await conclude(actor, name, detail, outcomeOf(error));
        throw error;
      }
    },
    plain: (run) => async () => {
      await run();
      return [];
    },
  };
}
