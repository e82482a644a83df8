import { jsonlEventTypes } from "../core/event-types.ts";
import { parseNodeId } from "../core/node-id.ts";
import { parseChoice, parseVersion } from "../core/parameters.ts";
import type { Wanted } from "./search-events.ts";

/** What events are searched by. */
export const filterNames = ["repo", "version", "type", "node"] as const;

type FilterName = (typeof filterNames)[number];

/**
 * One search for each filter that is given.
 *
 * @param given - text of a filter, undefined where it is not asked for
 * @param namesOf - what events say that are of a node
 * @throws SettlementError `NODE_ID_MALFORMED`, `PARAMETER_MALFORMED`
 */
export async function readFilters(
  given: (name: FilterName) => string | undefined,
  namesOf: (id: string) => readonly string[] | Promise<readonly string[]>,
): Promise<Wanted[]> {
  const readers: Record<FilterName, (text: string) => readonly string[] | Promise<readonly string[]>> = {
    repo: (text) => [parseNodeId(text)],
    version: (text) => [parseVersion("version", text)],
    type: (text) => [parseChoice("type", text, jsonlEventTypes)],
    node: (text) => namesOf(parseNodeId(text)),
  };
  const wanted: Wanted[] = [];
  for (const name of filterNames) {
    const text = given(name);
    if (text !== undefined) wanted.push({ name, texts: await readers[name](text) });
  }
  return wanted;
}
