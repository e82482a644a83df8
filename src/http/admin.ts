import { SettlementError } from "../core/error.ts";
import { type FieldReader, fieldsOf } from "../core/fields.ts";
import { parseJson } from "../core/json.ts";
import { type Month, parseMonth } from "../core/month.ts";
import { formatTimestamp } from "../core/time.ts";
import type { Attempt, AuditLog, Look } from "../ports.ts";
import type { AdminActs, AdminDeps, QueuedWork } from "./admin-acts.ts";
import { auditedActs } from "./admin-audit.ts";
import { findingsAnswer, statusAnswer } from "./admin-status.ts";
import { actorOf, type AdminToken } from "./admin-tokens.ts";
import { type Answer, jsonAnswer, jsonMediaType } from "./answer.ts";
import type { Context, HttpDeps } from "./context.ts";
import { readLimit } from "./page.ts";
import { refusalLog } from "./refusal-log.ts";
import type { Input, Route } from "./route.ts";

const maxBytes = 4096;

/** @throws SettlementError `REQUEST_MALFORMED` and those of `parseJson` */
function fieldsOfBody({ body }: Input, ...names: readonly string[]): FieldReader {
  const fields = fieldsOf("REQUEST_MALFORMED", "request", parseJson(body));
  fields.only(...names);
  return fields;
}

function optionalMonth(input: Input): Month | undefined {
  const fields = fieldsOfBody(input, "month");
  return fields.has("month") ? parseMonth(fields.text("month", 20)) : undefined;
}

function jobId(input: Input): string {
  const fields = fieldsOfBody(input, "job");
  const id = fields.text("job", 200);
  return /^[\x21-\x7e]+$/.test(id) ? id : fields.fail('member "job" must be the id of a job');
}

function attemptJson(attempt: Attempt, looks: readonly Look[] | undefined): object {
  const { month, manifestHash, number, state, anchor, ledgerIndex, result } = attempt;
  const { blob: _blob, hash, ...facts } = anchor;
  const outcome = { ledgerIndex: ledgerIndex ?? null, result: result ?? null, looks: looks?.map(lookJson) ?? null };
  return { month, manifestHash, number, state, transactionHash: hash, ...facts, ...outcome };
}

function lookJson({ act, said, times, firstUnixMs, lastUnixMs }: Look): object {
  return { act, said, times, firstAt: formatTimestamp(firstUnixMs), lastAt: formatTimestamp(lastUnixMs) };
}

/** Attempts whose looks are told: those that people look at. */
const lookedAt = 50;

async function attemptsAnswer({ attempts, looks }: AdminActs): Promise<Answer> {
  const all = await attempts();
  const asked = all.slice(-lookedAt).map(({ anchor }) => anchor.hash);
  const told = await looks(asked).catch((error: unknown) => {
    if (error instanceof SettlementError && error.kind === "unavailable") return undefined;
    throw error;
  });
  const looksAt = (hash: string): readonly Look[] | undefined =>
    asked.includes(hash) ? told && (told.get(hash) ?? []) : undefined;
  return jsonAnswer({ attempts: all.map((each) => attemptJson(each, looksAt(each.anchor.hash))) }, "never");
}

async function jobsAnswer({ jobs }: AdminActs): Promise<Answer> {
  const { paused, lanes, failed } = await jobs();
  const shown = failed.map(({ failedUnixMs, ...rest }) => ({ ...rest, failedAt: formatTimestamp(failedUnixMs) }));
  return jsonAnswer({ paused, lanes, failed: shown }, "never");
}

async function auditAnswer(auditLog: AuditLog, input: Input): Promise<Answer> {
  const entries = await auditLog.list(readLimit(input));
  const shown = entries.map(({ atUnixMs, ...rest }) => ({ at: formatTimestamp(atUnixMs), ...rest }));
  return jsonAnswer({ entries: shown }, "never");
}

/** Says who asks, and lets nobody else in. @throws SettlementError `ADMIN_TOKEN_REQUIRED` */
function gateOf(tokens: readonly AdminToken[], { log, clock }: HttpDeps): NonNullable<Route["admits"]> {
  const refused = refusalLog(log, clock);
  return (authorization) => {
    const actor = actorOf(authorization, tokens);
    if (actor !== undefined) return actor;
    refused();
    throw new SettlementError(
      "ADMIN_TOKEN_REQUIRED",
      "this is for operators: send Authorization: Bearer with a token of --admin-tokens-file",
    );
  };
}

async function retryJob({ retry }: AdminActs, id: string): Promise<readonly QueuedWork[]> {
  if (await retry(id)) return [{ job: id }];
  throw new SettlementError("JOB_NOT_FOUND", `no job ${id} has failed; /v1/admin/jobs lists those that have`);
}

/** The routes of operators, for whoever bears a token. What they do is in the audit log under the token's name. */
export function adminRoutes(admin: AdminDeps, context: Context): readonly Route[] {
  const { tokens, auditLog, acts } = admin;
  const { deps } = context;
  const { act, plain } = auditedActs(auditLog, deps);
  const rule = { admits: gateOf(tokens, deps), isForOperators: true };
  const post = { ...rule, body: { types: [jsonMediaType], maxBytes } };
  const nothing = (input: Input): undefined => void fieldsOfBody(input);
  return [
    { ...post, path: "/v1/admin/close", answer: act("close", optionalMonth, (month) => acts.close(month)) },
    { ...post, path: "/v1/admin/anchor", answer: act("anchor", optionalMonth, (month) => acts.anchor(month)) },
    { ...post, path: "/v1/admin/retry", answer: act("retry", jobId, (id) => retryJob(acts, id)) },
    { ...post, path: "/v1/admin/reconcile", answer: act("reconcile", nothing, () => acts.reconcile()) },
    { ...post, path: "/v1/admin/pause", answer: act("pause", nothing, plain(acts.pause)) },
    { ...post, path: "/v1/admin/resume", answer: act("resume", nothing, plain(acts.resume)) },
    { ...rule, path: "/v1/admin/jobs", answer: () => jobsAnswer(acts) },
    { ...rule, path: "/v1/admin/attempts", answer: () => attemptsAnswer(acts) },
    { ...rule, path: "/v1/admin/status", answer: () => statusAnswer(admin, context) },
    { ...rule, path: "/v1/admin/findings", answer: findingsAnswer(admin, context) },
    { ...rule, path: "/v1/admin/audit", query: ["limit"], answer: (input) => auditAnswer(auditLog, input) },
  ];
}
