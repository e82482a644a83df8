import { el } from "../dom.ts";
import type { EventEntry, EventPage } from "./data.ts";
import { aboutText, cellText, eventFacts } from "./event-words.ts";
import type { Desk } from "./desk.ts";
import { countText, timeText } from "./format.ts";
import { button, eventLink, faultBox, paragraph, type Row, table, tableRow } from "./parts.ts";

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

/** Events in pages: the first, and a button that asks for more. */
export function eventResults(
  { say }: Pick<Desk, "say">,
  first: EventPage,
  ask: (after: string) => Promise<EventPage>,
): readonly HTMLElement[] {
  const made = table("Events", eventsHead, eventRows(first.events));
  const body = made.querySelector("tbody");
  const told = paragraph("");
  const fault = el("div", {});
  let count = first.events.length;
  let { next } = first;
  const tell = (): void => {
    const rest = next === null ? "all there are" : "oldest first; there are more";
    told.textContent = `${countText(count, "event")}, ${rest}.`;
    more.hidden = next === null;
  };
  const go = async (): Promise<void> => {
    if (next === null) return;
    more.disabled = true;
    fault.replaceChildren();
    try {
      const page = await ask(next);
      body?.append(...eventRows(page.events).map((row) => tableRow(row)));
      count += page.events.length;
      next = page.next;
      tell();
      say(countText(page.events.length, "more event"));
    } catch (error) {
      fault.replaceChildren(faultBox(error));
    } finally {
      more.disabled = false;
    }
  };
  const more = button("Show more events", () => void go());
  tell();
  return [told, made, fault, more];
}
