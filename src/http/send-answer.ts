import type { Response } from "express";
import { toHex } from "../core/bytes.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Answer, Caching } from "./answer.ts";
import { type Coding, codingFor, compressor, isCompressible } from "./content-coding.ts";

const cacheControl: Readonly<Record<Caching, string>> = {
  immutable: "public, max-age=31536000, immutable",
  brief: "public, max-age=5",
  never: "no-store",
};

/** Does an If-None-Match header, RFC 9110 §13.1.2, name this strong entity tag? It compares weakly. */
function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return Array.from(ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)).some(([, opaque]) => opaque === tag);
}

/** Strong entity tags; each coding has its own, since its bytes are others. An answer that is sent again is hashed once. */
function entityTags(hash: Sha256): (answer: Answer, coding: Coding) => string {
  const hashes = new WeakMap<Answer, string>();
  return (answer, coding) => {
    let known = hashes.get(answer);
    if (known === undefined) {
      known = toHex(hash(answer.body)).slice(0, 40);
      hashes.set(answer, known);
    }
    return `"${known}${coding === "identity" ? "" : `-${coding}`}"`;
  };
}

/** Headers that a 304 has no use for, RFC 9110 §15.4.5. */
function isOfBody(name: string): boolean {
  return name.toLowerCase() === "content-disposition";
}

/** The headers of an answer, those of its body apart. */
function setHeaders(response: Response, { cache, headers = {} }: Answer, known: boolean): void {
  // Not `set`, which would add a charset to types that have none.
  response.setHeader("Cache-Control", cacheControl[cache]);
  for (const [name, value] of Object.entries(headers)) if (!known || !isOfBody(name)) response.setHeader(name, value);
}

/** What goes on being sent: its headers at once, and then whatever comes. */
function begin(response: Response, answer: Answer, stream: NonNullable<Answer["stream"]>): void {
  response.statusCode = answer.status ?? 200;
  setHeaders(response, answer, false);
  response.setHeader("Content-Type", answer.type);
  if (response.req.method === "HEAD") return void response.end();
  response.flushHeaders();
  stream(response);
}

function setBody(response: Response, type: string, coding: Coding, bytes: Uint8Array): void {
  response.setHeader("Content-Type", type);
  if (coding !== "identity") response.setHeader("Content-Encoding", coding);
  response.setHeader("Content-Length", bytes.length);
}

/** Sends answers, compressed where the client can read that, with an entity tag, and as 304 where the client has them. */
export function answerSender(hash: Sha256): (response: Response, answer: Answer) => Promise<void> {
  const compress = compressor();
  const tagOf = entityTags(hash);
  return async (response, answer) => {
    const { status = 200, type, body, cache, stream } = answer;
    if (stream) return begin(response, answer, stream);
    const { req: request } = response;
    const varies = isCompressible(type, body.length);
    const coding = varies ? codingFor(request.get("Accept-Encoding")) : "identity";
    const tag = status === 200 && cache !== "never" ? tagOf(answer, coding) : undefined;
    const known = tag !== undefined && isKnown(request.get("If-None-Match"), tag);
    const bytes = known || coding === "identity" ? body : await compress(body, coding, tag);
    response.statusCode = known ? 304 : status;
    setHeaders(response, answer, known);
    if (varies) response.setHeader("Vary", "Accept-Encoding");
    if (tag !== undefined) response.setHeader("ETag", tag);
    if (!known) setBody(response, type, coding, bytes);
    response.end(known || request.method === "HEAD" ? undefined : bytes);
  };
}
