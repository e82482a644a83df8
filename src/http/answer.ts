import type { Response } from "express";
import { toHex } from "../core/bytes.ts";
import type { Sha256 } from "../core/hash.ts";
import { publishedJson } from "../settle/published-json.ts";

/** `immutable`: these bytes stay what they are for ever. `brief`: good for a few seconds. */
export type Caching = "immutable" | "brief" | "never";

/** What a route answers, before it meets the conditions of a request. */
export interface Answer {
  /** 200 when left out. */
  readonly status?: number;
  /** Media type. */
  readonly type: string;
  readonly body: Uint8Array;
  readonly cache: Caching;
  readonly headers?: Readonly<Record<string, string>>;
}

const cacheControl: Readonly<Record<Caching, string>> = {
  immutable: "public, max-age=31536000, immutable",
  brief: "public, max-age=5",
  never: "no-store",
};

export const jsonMediaType = "application/json";
export const textMediaType = "text/plain; charset=utf-8";

export function jsonAnswer(value: unknown, cache: Caching = "brief", type: string = jsonMediaType): Answer {
  return { type, body: publishedJson(value), cache };
}

/** The same answer, which a browser saves under `filename` (ASCII, no quotes). */
export function asDownload(answer: Answer, filename: string): Answer {
  return { ...answer, headers: { ...answer.headers, "Content-Disposition": `attachment; filename="${filename}"` } };
}

/** Does an If-None-Match header, RFC 9110 §13.1.2, name this entity tag? */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((each) => ["*", etag, `W/${etag}`].includes(each.trim()));
}

/** Sends an answer with a strong entity tag over its bytes; 304 where the client has them. */
export function sendAnswer(
  response: Response,
  { status = 200, type, body, cache, headers }: Answer,
  hash: Sha256,
): void {
  const tag = status === 200 && cache !== "never" ? `"${toHex(hash(body)).slice(0, 40)}"` : undefined;
  const known = tag !== undefined && isKnown(response.req.get("If-None-Match"), tag);
  response.statusCode = known ? 304 : status;
  // Not `set`, which would add a charset to types that have none.
  response.setHeader("Cache-Control", cacheControl[cache]);
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (tag !== undefined) response.setHeader("ETag", tag);
  if (known) {
    response.end();
    return;
  }
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Length", body.length);
  response.end(response.req.method === "HEAD" ? undefined : body);
}
