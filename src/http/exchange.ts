import type { IncomingMessage, ServerResponse } from "node:http";

/** A request, from its first byte to the last of its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Names it in the log. */
  readonly requestId: string;
  /** Of its URL alone. */
  readonly path: string;
  /** Path of the route it was meant for, its parameters unfilled; `none` as long as there is none. */
  route: string;
  /** Not for pages of other origins. */
  isForOperators: boolean;
  /** Who asks, where that matters. */
  actor: string;
  /** Of the problem that was answered. */
  code?: string;
}

/** What every answer says of who may use it for what. */
export type Access = "reads" | "posts" | "operators";

/** Everything served is public data, never active content. */
const ofAll = {
  "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

export const accessHeaders: Readonly<Record<Access, Readonly<Record<string, string>>>> = {
  reads: { ...ofAll, "Access-Control-Allow-Origin": "*" },
  posts: ofAll,
  operators: { ...ofAll, "Cross-Origin-Resource-Policy": "same-origin" },
};

export function accessOf({ request: { method }, isForOperators }: Exchange): Access {
  if (isForOperators) return "operators";
  return method === "POST" ? "posts" : "reads";
}
