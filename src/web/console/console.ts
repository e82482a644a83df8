import { byId, el } from "../dom.ts";
import type { Open } from "../judge-worker.ts";
import { aboutPage } from "./about-page.ts";
import { type ConsoleData, type MonthsNow, NoAnswer } from "./data.ts";
import type { OperatorData } from "./operator-data.ts";
import type { Desk, View } from "./desk.ts";
import { eventPage } from "./event-page.ts";
import { eventsPage } from "./events-page.ts";
import { ledgerPage } from "./ledger-page.ts";
import { monthPage } from "./month-page.ts";
import { networkPage } from "./network-page.ts";
import { nodePage } from "./node-page.ts";
import { faultBox, link, paragraph } from "./parts.ts";
import { parsePlace, type Place } from "./place.ts";
import { plotsPage } from "./plots-page.ts";
import { releasePage } from "./release-page.ts";

export interface ConsoleDeps {
  readonly data: ConsoleData;
  readonly open: Open;
  /** Left out where nobody operates anything. */
  readonly operator?: {
    readonly page: (desk: Desk) => Promise<View>;
    readonly dataOf: (token: string) => OperatorData;
  };
}

function pageOf(place: Place, desk: Desk, operator: ConsoleDeps["operator"]): Promise<View> {
  switch (place.kind) {
    case "ledger":
      return ledgerPage(desk);
    case "month":
      return monthPage(place.month, desk);
    case "events":
      return eventsPage(place.search, desk);
    case "event":
      return eventPage(place.id, desk);
    case "network":
      return networkPage(desk);
    case "node":
      return nodePage(place.id, desk);
    case "release":
      return releasePage(place.repo, place.version, desk);
    case "plots":
      return plotsPage(place.month, desk);
    case "operator":
      return operator?.page(desk) ?? Promise.resolve(nobodyOperates());
    case "about":
      return aboutPage(desk);
    default:
      return Promise.resolve(nothingThere(place.text));
  }
}

function nothingThere(text: string): View {
  const shown = el("span", { class: "value" }, text.slice(0, 120));
  return {
    title: "Nothing here",
    body: [paragraph("There is nothing at ", shown, "."), paragraph(link({ kind: "ledger" }, "To the ledger"))],
  };
}

function nobodyOperates(): View {
  const why =
    "This is a copy of what was closed, and nobody operates it: that is done at the node which keeps the ledger.";
  return { title: "Operator", body: [paragraph(why), paragraph(link({ kind: "ledger" }, "To the ledger"))] };
}

function failed(error: unknown): View {
  const title = error instanceof NoAnswer && error.status === 404 ? "Not found" : "That did not work";
  return { title, body: [faultBox(error), paragraph(link({ kind: "ledger" }, "To the ledger"))] };
}

/** The entry of the navigation under which a place is. */
const navOf: Readonly<Record<Place["kind"], string>> = {
  ledger: "nav-ledger",
  month: "nav-ledger",
  events: "nav-events",
  event: "nav-events",
  release: "nav-events",
  network: "nav-network",
  node: "nav-network",
  plots: "nav-plots",
  operator: "nav-operator",
  about: "nav-about",
  unknown: "",
};

function markNav(current: string): void {
  for (const entry of document.querySelectorAll("nav a")) {
    if (entry.id === current) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  }
}

/** How far months were when it was told last, to say what changed. */
function changesOf(before: MonthsNow | undefined, now: MonthsNow): string {
  const known = new Map(before?.months.map(({ month, status }) => [month, status]));
  const changed = now.months.filter(({ month, status }) => known.get(month) !== status);
  return changed.map(({ month, status }) => `${month} is ${status} now.`).join(" ");
}

interface Shown {
  view: View | undefined;
  turn: number;
}

/** Puts a page in place of the one before; what has the focus keeps it where it is there again. */
function put({ title, body }: View, moves: boolean): void {
  const focused = document.activeElement;
  const heading = el("h1", { tabindex: "-1" }, title);
  const main = byId("main");
  const isInside = main.contains(focused);
  main.replaceChildren(heading, ...body);
  main.setAttribute("aria-busy", "false");
  document.title = heading.textContent === "" ? "Console" : `${heading.textContent} – settlement`;
  if (moves) {
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  } else if (isInside) {
    const again = document.getElementById(focused?.id ?? "");
    (again ?? heading).focus({ preventScroll: true });
  }
}

/** Brings the console to life. */
export function startConsole({ data, open, operator: operating }: ConsoleDeps): void {
  const shown: Shown = { view: undefined, turn: 0 };
  let operator: OperatorData | undefined;
  const say = (text: string): void => {
    byId("status").textContent = text;
  };
  /** @param moves - somebody went there, and is led to the beginning of the page */
  const show = async (moves: boolean): Promise<void> => {
    const turn = ++shown.turn;
    byId("main").setAttribute("aria-busy", "true");
    const place = parsePlace(window.location.hash);
    markNav(navOf[place.kind]);
    const view = await pageOf(place, desk, operating).catch(failed);
    // Somebody went on meanwhile.
    if (turn !== shown.turn) return;
    shown.view = view;
    put(view, moves);
  };
  const desk: Desk = {
    data,
    open,
    say,
    operator: () => operator,
    signIn(token) {
      operator = token === undefined ? undefined : operating?.dataOf(token);
    },
    refresh: () => show(false),
  };
  window.addEventListener("hashchange", () => void show(true));
  void show(false);
  let last: MonthsNow | undefined;
  const onMonths = (now: MonthsNow): void => {
    const changes = last ? changesOf(last, now) : "";
    const isNew = last !== undefined && JSON.stringify(last) !== JSON.stringify(now);
    last = now;
    if (!isNew) return;
    if (shown.view?.isLive === true && !isBusy()) void show(false);
    say(changes);
  };
  data.listen(onMonths, (isListening) => {
    byId("live").textContent = isListening ? "● live" : "○ not live";
  });
}

/** Is somebody in the middle of something that would be lost? */
function isBusy(): boolean {
  const { activeElement } = document;
  const isTyping = activeElement instanceof HTMLInputElement && activeElement.value !== "";
  return (
    isTyping || document.querySelector("dialog[open], #verdict-word, main details[open], main button:disabled") !== null
  );
}
