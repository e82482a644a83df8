import { SettlementError } from "../core/error.ts";
import type { Clock, Log } from "../ports.ts";
import type { Look } from "./xrpl-health.ts";
import type { XrplServer } from "./xrpl-rpc.ts";

/** For so long a server is not asked whose answer refuted itself, milliseconds. */
const lyingMs = 600_000;
/** For so long a server that did not answer is asked only where every voice counts, milliseconds. */
const brokenMs = 60_000;
/** Most time that two looks at the same ledger count for, milliseconds: a clock that jumps makes no server stale. */
const longestStepMs = 5000;

/** Why a server is set aside. */
export interface Held {
  readonly fault: SettlementError;
  readonly isLie: boolean;
  readonly sinceMs: number;
}

/** What is held against servers, for a time. */
export interface ServerRecord {
  /** Undefined when nothing is, or not any more. */
  against(server: XrplServer): Held | undefined;
  /** Holds a lie or a broken answer against a server; other faults are looked for each time anew. */
  blame(server: XrplServer, fault: SettlementError): void;
  /** Forgets what was held, unless something else is held by now. */
  forgive(server: XrplServer, held: Held | undefined): void;
  /** Logs that a server is passed over, or used again, once each. */
  tell(server: XrplServer, fault: SettlementError | undefined): void;
}

export function serverRecord(clock: Clock, log: Log | undefined): ServerRecord {
  const held = new Map<XrplServer, Held>();
  const told = new Map<XrplServer, string>();

  function tell(server: XrplServer, fault: SettlementError | undefined): void {
    if (told.get(server) === fault?.code) return;
    if (fault) told.set(server, fault.code);
    else told.delete(server);
    const { endpoint } = server;
    if (!fault) log?.({ level: "info", message: "XRPL server is used again", endpoint });
    else
      log?.({ level: "warn", message: "XRPL server passed over", endpoint, code: fault.code, detail: fault.message });
  }

  return {
    tell,
    against(server) {
      const entry = held.get(server);
      const passedMs = clock() - (entry?.sinceMs ?? 0);
      // A clock that was set back keeps nobody aside.
      return entry && passedMs >= 0 && passedMs < (entry.isLie ? lyingMs : brokenMs) ? entry : undefined;
    },
    blame(server, fault) {
      const isLie = fault.code === "CHAIN_ANSWER_REFUTED";
      if (!isLie && fault.code !== "CHAIN_UNREACHABLE" && fault.code !== "CHAIN_ANSWER_MALFORMED") return;
      held.set(server, { fault, isLie, sinceMs: clock() });
      tell(server, fault);
    },
    forgive(server, entry) {
      if (held.get(server) === entry) held.delete(server);
    },
  };
}

/** A server's last validated ledger, and for how long it has been the last. */
interface Progress {
  readonly ledgerIndex: number;
  readonly lookedMs: number;
  readonly stoodMs: number;
}

/**
 * Watches that servers move: one that says it is up to date but shows the same ledger look after look is not.
 *
 * @returns judges one look @throws SettlementError `CHAIN_STALE`
 */
export function progressWatch(clock: Clock, staleAfterS: number): (look: Look) => void {
  const progress = new Map<XrplServer, Progress>();
  return ({ server, validated: { ledgerIndex } }) => {
    const before = progress.get(server);
    const nowMs = clock();
    const stepMs = Math.min(Math.max(nowMs - (before?.lookedMs ?? nowMs), 0), longestStepMs);
    const stoodMs = before?.ledgerIndex === ledgerIndex ? before.stoodMs + stepMs : 0;
    progress.set(server, { ledgerIndex, lookedMs: nowMs, stoodMs });
    if (stoodMs / 1000 <= staleAfterS) return;
    throw new SettlementError(
      "CHAIN_STALE",
      `${server.endpoint} calls ledger ${ledgerIndex} new and has shown no later one for ${Math.floor(stoodMs / 1000)} s`,
    );
  };
}
