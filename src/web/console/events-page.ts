import { jsonlEventTypes } from "../../core/event-types.ts";
import { el } from "../dom.ts";
import type { EventPage } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { eventResults } from "./event-list.ts";
import { faultBox, sourceLine } from "./parts.ts";
import { type EventSearch, hashOf, noSearch, searchNames } from "./place.ts";

const pageSize = 50;
/** Empty pages that are passed over by themselves, while a search goes through a large ledger. */
const patientPages = 20;

const labels: Readonly<Record<(typeof searchNames)[number], string>> = {
  repo: "Repository",
  version: "Version",
  type: "Type",
  node: "Signed by node",
};

function control(name: (typeof searchNames)[number], value: string): HTMLElement {
  if (name !== "type")
    return el("input", {
      type: "text",
      id: `q-${name}`,
      name,
      value,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
    });
  const options = jsonlEventTypes.map((type) =>
    el("option", { value: type, ...(type === value ? { selected: "" } : {}) }, type),
  );
  return el("select", { id: `q-${name}`, name }, el("option", { value: "" }, "any"), ...options);
}

/** A field of a form holds a text; only one for files does not. */
function textOf(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value.trim() : "";
}

function searchForm(search: EventSearch): HTMLFormElement {
  const fields = searchNames.map((name) =>
    el("div", { class: "field" }, el("label", { for: `q-${name}` }, labels[name]), control(name, search[name])),
  );
  const id = el("input", {
    type: "text",
    id: "q-id",
    name: "id",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const form = el(
    "form",
    { class: "fields", role: "search" },
    ...fields,
    el("div", { class: "field" }, el("label", { for: "q-id" }, "Event id"), id),
    el("button", { type: "submit" }, "Search"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const text = (name: string): string => textOf(given.get(name));
    const asked = searchNames.map((name) => [name, text(name)] as const);
    window.location.hash =
      text("id") === ""
        ? hashOf({ kind: "events", search: { ...noSearch, ...Object.fromEntries(asked) } })
        : hashOf({ kind: "event", id: text("id").toLowerCase() });
  });
  return form;
}

/** The next page that holds something, or the last one. */
async function nextPage({ data }: Desk, search: EventSearch, after: string | null): Promise<EventPage> {
  let from = after;
  for (let looks = 0; ; looks++) {
    const page = await data.events({
      filters: { ...search },
      limit: pageSize,
      ...(from === null ? {} : { after: from }),
    });
    if (page.events.length > 0 || page.next === null || looks >= patientPages) return page;
    from = page.next;
  }
}

/** Events by what they say. */
export async function eventsPage(search: EventSearch, desk: Desk): Promise<View> {
  const { data } = desk;
  const query = new URLSearchParams(searchNames.flatMap((name) => (search[name] === "" ? [] : [[name, search[name]]])));
  const text = query.toString();
  const url = data.urlOf("v1/events");
  const source = sourceLine(url === undefined || text === "" ? url : `${url}?${text}`);
  const form = searchForm(search);
  try {
    const first = await nextPage(desk, search, null);
    return {
      title: "Events",
      body: [form, ...eventResults(desk, first, (after) => nextPage(desk, search, after)), source],
    };
  } catch (error) {
    // What was asked for stays there to be put right.
    return { title: "Events", body: [form, faultBox(error)] };
  }
}
