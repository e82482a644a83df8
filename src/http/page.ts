import { parseCount } from "../core/parameters.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Input } from "./route.ts";

const defaultLimit = 100;
const maxLimit = 1000;

/** Query parameters of every list that comes in pages. */
export const pageQuery = ["after", "limit"] as const;

/** @throws SettlementError `PARAMETER_MALFORMED` */
export function readLimit(input: Input): number {
  const text = input.query("limit");
  return text === undefined ? defaultLimit : parseCount("limit", text, 1, maxLimit);
}

export interface Page<T> {
  readonly items: readonly T[];
  /** What to give as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/** The first `limit` of what an iterable yields; one more is looked for, to know whether there is a next page. */
export async function takePage<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  nameOf: (item: T) => string,
): Promise<Page<T>> {
  const found: T[] = [];
  for await (const item of items) {
    const last = found.at(-1);
    if (found.length === limit && last !== undefined) return { items: found, next: nameOf(last) };
    found.push(item);
  }
  return { items: found };
}

/** A page as JSON, `next` and the Link header (RFC 8288) naming the page that follows with the same filters. */
export function pageAnswer(
  name: string,
  page: Page<unknown>,
  path: string,
  input: Input,
  filters: readonly string[] = [],
): Answer {
  if (page.next === undefined) return jsonAnswer({ [name]: page.items, next: null });
  const query = new URLSearchParams();
  for (const filter of [...filters, "limit"]) {
    const value = input.query(filter);
    if (value !== undefined) query.set(filter, value);
  }
  query.set("after", page.next);
  const next = `${path}?${query.toString()}`;
  return { ...jsonAnswer({ [name]: page.items, next }), headers: { Link: `<${next}>; rel="next"` } };
}
