import type { Answer } from "./answer.ts";

/** A request as a route sees it: names checked against the route, values still untrusted. */
export interface Input {
  /** A parameter of the path; a wildcard in the spelling of the URL, its segments joined by `/`. */
  path(name: string): string;
  query(name: string): string | undefined;
  readonly body: Uint8Array;
  /** Who asks, as {@link Route.admits} names him; empty where anybody may. */
  readonly actor: string;
}

/** A body that a route takes. */
export interface BodyRule {
  readonly types: readonly string[];
  readonly maxBytes: number;
}

export interface Route {
  /** As Express spells paths. */
  readonly path: string;
  /** Names of the query parameters; any other is refused. */
  readonly query?: readonly string[];
  /** A route that takes a body is a POST, any other a GET. */
  readonly body?: BodyRule;
  /** Names who asks from his Authorization header, before anything else is read. @throws SettlementError `ADMIN_TOKEN_REQUIRED` */
  readonly admits?: (authorization: string | undefined) => string;
  /** Not for pages of other origins. */
  readonly isForOperators?: boolean;
  readonly answer: (input: Input) => Answer | Promise<Answer>;
}
