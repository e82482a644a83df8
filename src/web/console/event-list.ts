import { el } from "../dom.ts";
import type { EventEntry } from "./data.ts";
import { aboutText, cellText, eventFacts } from "./event-words.ts";
import { timeText } from "./format.ts";
import { eventLink, type Row } from "./parts.ts";

export const eventsHead = ["Event", "Type", "About", "Signed by", "Its own time", "Month"] as const;

/** Events as rows of a table; everything in them comes from strangers. */
export function eventRows(events: readonly EventEntry[]): readonly Row[] {
  return events.map((entry) => {
    const facts = eventFacts(entry);
    const value = (text: string): HTMLElement => el("span", { class: "value" }, text);
    return [
      eventLink(entry.id),
      value(cellText(facts.type)),
      value(aboutText(facts)),
      value(cellText(facts.by)),
      timeText(cellText(facts.timestamp, 40)),
      entry.month,
    ];
  });
}
