import type { ServerResponse } from "node:http";
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
  /** In Title-Case: one takes the place of what every answer says only when it is spelt alike. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes on after the headers, for as long as it likes; it counts as no request under way. The body is empty then. */
  readonly stream?: (response: ServerResponse) => void;
}

export const jsonMediaType = "application/json";
export const textMediaType = "text/plain; charset=utf-8";

export function jsonAnswer(value: unknown, cache: Caching = "brief", type: string = jsonMediaType): Answer {
  return { type, body: publishedJson(value), cache };
}

/** The same answer, which a browser saves under `filename` (ASCII, no quotes). */
export function asDownload(answer: Answer, filename: string): Answer {
  return { ...answer, headers: { ...answer.headers, "Content-Disposition": `attachment; filename="${filename}"` } };
}
