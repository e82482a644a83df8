import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import { formatTimestamp } from "../core/time.ts";
import type { HttpDeps } from "./context.ts";

/** Something that a node depends on. */
export interface NodeCheck {
  /** Such as `queue`. */
  readonly name: string;
  /** Is the node no use to its clients without it? One that is not required is shown, and takes no traffic away. */
  readonly isRequired: boolean;
  /** Resolves to what everybody may know of it; rejects when it does not answer as it should, for the log to say why. */
  readonly look: () => Promise<string | undefined>;
  /** Time it has for that, milliseconds; 5000 when left out. */
  readonly timeoutMs?: number;
}

/** How a look came out, as everybody may know it. */
export interface CheckResult {
  readonly isOk: boolean;
  readonly detail: string | null;
  readonly code: ErrorCode | "INTERNAL_ERROR" | null;
  /** For the log. */
  readonly error?: unknown;
}

/** A check that says itself what everybody may know. */
export interface TellingCheck {
  readonly name: string;
  readonly isRequired: boolean;
  readonly timeoutMs?: number;
  readonly find: () => Promise<CheckResult>;
}

export interface CheckReport {
  readonly name: string;
  readonly status: "ok" | "failing";
  readonly required: boolean;
  /** Since when it has this status, as far as this process knows. */
  readonly since: string;
  /** When it was last ok; null when it was not since this process began. */
  readonly lastOk: string | null;
  readonly detail: string | null;
  readonly code: CheckResult["code"];
}

const defaultTimeoutMs = 5000;

const hiddenDetail = "it does not answer as it should; the log of the server says more";

/** A failure by its code alone: messages of ports may hold paths and addresses of this machine. */
export function failure(error: unknown, detail: (error: SettlementError) => string = () => hiddenDetail): CheckResult {
  if (!(error instanceof SettlementError))
    return { isOk: false, detail: "it failed; the log of the server says more", code: "INTERNAL_ERROR", error };
  return { isOk: false, detail: detail(error), code: error.code, error };
}

/** @param detail - what everybody may know of a failure; its code alone when left out */
export function tellingCheck({ look, ...check }: NodeCheck, detail?: (error: SettlementError) => string): TellingCheck {
  const find = async (): Promise<CheckResult> => {
    try {
      return { isOk: true, detail: (await look()) ?? null, code: null };
    } catch (error) {
      return failure(error, detail);
    }
  };
  return { ...check, find };
}

/** What `look` comes to, or that it takes too long. One that hangs is not begun a second time. */
function patient({ find, timeoutMs = defaultTimeoutMs }: TellingCheck): () => Promise<CheckResult> {
  let looking: Promise<CheckResult> | undefined;
  return async () => {
    const timer = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timer.signal, ref: false }).then((): CheckResult => {
      return { isOk: false, detail: `it gave no answer within ${timeoutMs / 1000} seconds`, code: null };
    });
    looking ??= find().finally(() => {
      looking = undefined;
    });
    try {
      return await Promise.race([looking, late]);
    } finally {
      timer.abort();
    }
  };
}

/** Looks at one neighbour, remembers since when it is as it is, and logs when that changes. */
export function watchedCheck(check: TellingCheck, { log, clock = Date.now }: HttpDeps): () => Promise<CheckReport> {
  const { name, isRequired } = check;
  const find = patient(check);
  let known: { readonly isOk: boolean; readonly sinceUnixMs: number } | undefined;
  let lastOkUnixMs: number | undefined;
  return async () => {
    const { isOk, detail, code, error = detail } = await find();
    const nowUnixMs = clock();
    if (known?.isOk !== isOk) {
      if (!isOk) log({ level: "warn", message: "check fails", check: name, error });
      else if (known) log({ level: "info", message: "check passes again", check: name });
      known = { isOk, sinceUnixMs: nowUnixMs };
    }
    if (isOk) lastOkUnixMs = nowUnixMs;
    const lastOk = lastOkUnixMs === undefined ? null : formatTimestamp(lastOkUnixMs);
    const since = formatTimestamp(known.sinceUnixMs);
    return { name, status: isOk ? "ok" : "failing", required: isRequired, since, lastOk, detail, code };
  };
}
