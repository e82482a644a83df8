import { setTimeout as sleep } from "node:timers/promises";
import { fromUtf8 } from "../core/bytes.ts";
import { entranceUrl, isEntrance } from "../core/entrance.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { harmless } from "../core/harmless.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../core/json.ts";
import { errnoOf } from "./file-system.ts";

/** What a settlement node answers of one event. */
export interface SubmissionAnswer {
  /** Absent where the node could not read the event. */
  readonly id?: string;
  readonly state: "accepted" | "known" | "refused";
  /** Name of the log that promises it a place. */
  readonly origin?: string;
  /** Month of that log; absent where it is the log of the whole ledger. */
  readonly month?: string;
  /** In that log. */
  readonly leafIndex?: number;
  readonly checkpoint?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly hint?: string;
}

export interface SubmissionOptions {
  /** Address of the node, {@link isEntrance}. */
  readonly url: string;
  /** Gives up, for one who stops the program. */
  readonly signal?: AbortSignal;
  /** Told before each wait. */
  readonly onWait?: (why: string, waitMs: number) => void;
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** Tries in all, and the longest wait between two of them, whatever the server asks for. */
const maxTries = 6;
const maxWaitMs = 120_000;
const firstWaitMs = 1000;

/** Time for one request and its answer. */
const requestMs = 60_000;

/** A request holds so many events, and so much of their text, unless one alone has more. */
const maxEvents = 500;
const maxRequestBytes = 2 * 1024 * 1024;

/** An answer takes some hundred bytes, or a checkpoint more, for each event. */
const answerBytes = (events: number): number => 65_536 + events * 16_384;

type Try = { readonly bytes: Uint8Array } | { readonly why: string; readonly waitMs: number | undefined };

/**
 * Hands signed events in over HTTP. The signature is the credential. Nothing that was held already is added again, so a
 * lost answer is met by the same request.
 *
 * @returns one answer for each event, in order
 * @throws SettlementError `SUBMISSION_REFUSED` when the server does not take the request; `SUBMISSION_UNANSWERED` when no
 * usable answer came after several tries
 */
export async function submitEvents(
  events: readonly JsonValue[],
  options: SubmissionOptions,
): Promise<readonly SubmissionAnswer[]> {
  const answers: SubmissionAnswer[] = [];
  for (const batch of batchesOf(events)) {
    const bytes = await handIn("events", JSON.stringify({ events: batch }), answerBytes(batch.length), options);
    answers.push(...requireOwn(readAnswers(bytes, batch.length), batch));
  }
  return answers;
}

function batchesOf(events: readonly JsonValue[]): readonly (readonly JsonValue[])[] {
  const batches: JsonValue[][] = [];
  let bytes = 0;
  for (const event of events) {
    const { length } = JSON.stringify(event);
    const batch = batches.at(-1);
    bytes += length;
    if (batch && batch.length < maxEvents && bytes <= maxRequestBytes) batch.push(event);
    else {
      batches.push([event]);
      bytes = length;
    }
  }
  return batches;
}

/**
 * Sends what may be sent again to a settlement node, as often as it takes.
 *
 * @param maxBytes - of the answer
 * @returns the answer
 * @throws SettlementError as {@link submitEvents}
 */
export async function handIn(
  route: "events" | "nodes",
  body: string,
  maxBytes: number,
  options: SubmissionOptions,
): Promise<Uint8Array> {
  const { url, signal, onWait, pause = waited } = options;
  if (!isEntrance(url)) throw refused("the address is neither https nor of this machine");
  const isStopped = (): boolean => signal?.aborted === true;
  let why = "";
  for (let tries = 1; tries <= maxTries && !isStopped(); tries++) {
    const tried = await tryOnce(entranceUrl(url, route), body, maxBytes, signal);
    if ("bytes" in tried) return tried.bytes;
    ({ why } = tried);
    const waitMs = tried.waitMs ?? Math.min(maxWaitMs, firstWaitMs * 2 ** (tries - 1));
    if (waitMs > maxWaitMs) {
      throw unanswered(`${why}, and asks for ${Math.ceil(waitMs / 1000)} seconds of patience; hand in again then`);
    }
    if (tries === maxTries) break;
    onWait?.(why, waitMs);
    await pause(waitMs, signal);
  }
  throw unanswered(`${why === "" ? "stopped before it was sent" : why}; hand the same in again later`);
}

async function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
}

async function tryOnce(url: string, body: string, maxBytes: number, signal: AbortSignal | undefined): Promise<Try> {
  const timeout = AbortSignal.timeout(requestMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body,
      // Whoever answers elsewhere is not who was named.
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return judged(response, await readBounded(response, maxBytes));
  } catch (error) {
    if (error instanceof SettlementError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { why: `the server gives no answer (${errnoOf(cause) || nameOf(cause)})`, waitMs: undefined };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

async function readBounded({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw unanswered(`the answer has more than ${maxBytes} bytes; is this a settlement node?`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function judged({ status, headers }: Response, bytes: Uint8Array): Try {
  if (status === 200) return { bytes };
  const said = problemOf(bytes);
  if (status === 429 || status >= 500) {
    return { why: `the server answers ${status}${said}`, waitMs: retryAfterMs(headers.get("retry-after")) };
  }
  if (status >= 300 && status < 400) throw refused(`it answers ${status} and points elsewhere; name that address`);
  throw refused(`it answers ${status}${said}`);
}

/** Milliseconds of a Retry-After, RFC 9110 §10.2.3; undefined without one. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^\w{3}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Code and detail of an RFC 9457 problem, as far as there is one. */
function problemOf(bytes: Uint8Array): string {
  try {
    const value = parseJson(fromUtf8(bytes));
    if (!isJsonObject(value)) return "";
    const texts = [value["code"], value["detail"]].filter((text) => typeof text === "string");
    return texts.length === 0 ? "" : ` (${harmless(texts.join(": ").slice(0, 300))})`;
  } catch (error) {
    if (error instanceof SettlementError) return "";
    throw error;
  }
}

function readAnswers(bytes: Uint8Array, count: number): readonly SubmissionAnswer[] {
  try {
    const fields = fieldsOf("SUBMISSION_UNANSWERED", "answer", parseJson(fromUtf8(bytes)));
    const answers = fields.list("answers", count).map(readAnswer);
    if (answers.length !== count) fields.fail(`it has ${answers.length} answers to ${count} events`);
    return answers;
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    throw unanswered(`the answer is not one of a settlement node: ${error.message}`);
  }
}

function readAnswer(value: JsonValue, at: number): SubmissionAnswer {
  const fields = fieldsOf("SUBMISSION_UNANSWERED", `answers[${at}]`, value);
  const text = <T extends string>(name: T, limit: number): { readonly [name in T]?: string } =>
    (isThere(fields.object, name) ? { [name]: fields.text(name, limit) } : {}) as { readonly [name in T]?: string };
  return {
    state: fields.oneOf("state", ["accepted", "known", "refused"]),
    ...(isThere(fields.object, "id") ? { id: fields.hash("id") } : {}),
    ...text("origin", 256),
    ...text("month", 7),
    ...(isThere(fields.object, "leafIndex") ? { leafIndex: fields.count("leafIndex") } : {}),
    ...text("checkpoint", 8192),
    ...text("code", 100),
    ...text("reason", 4096),
    ...text("hint", 4096),
  };
}

function isThere(object: JsonObject, name: string): boolean {
  return object[name] !== undefined && object[name] !== null;
}

/** An answer about other events is none. */
function requireOwn(answers: readonly SubmissionAnswer[], events: readonly JsonValue[]): readonly SubmissionAnswer[] {
  for (const [at, { id, state }] of answers.entries()) {
    const own = idOf(events[at]);
    if (own === undefined || id === own || (id === undefined && state === "refused")) continue;
    throw unanswered(`answer ${at} is of the event ${id ?? "without id"}, and ${own} was handed in`);
  }
  return answers;
}

function idOf(event: JsonValue | undefined): string | undefined {
  if (!isJsonObject(event)) return undefined;
  const signature = event["signature"];
  const id = isJsonObject(signature) ? signature["canonicalHash"] : event["id"];
  return typeof id === "string" ? id : undefined;
}

function refused(why: string): SettlementError {
  return new SettlementError("SUBMISSION_REFUSED", `the server does not take it: ${why}`);
}

function unanswered(why: string): SettlementError {
  return new SettlementError("SUBMISSION_UNANSWERED", `it may be in the ledger or not: ${why}`);
}
