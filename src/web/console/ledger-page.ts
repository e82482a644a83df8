import { type Child, definitions, el } from "../dom.ts";
import type { MonthList, MonthSummary, ServerFacts } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { countText, monthName, numberText, nowUnixMs } from "./format.ts";
import { dueText, dueWords, statesList, statusBadge, statusWords, wordsOf } from "./month-words.ts";
import { copyNotice, growingTable, link, paragraph, section, shortHash, sourceLine, time } from "./parts.ts";
import { hashOf, placeOfName } from "./place.ts";

/** One field for every name there is. */
function finder(): HTMLFormElement {
  const help = "a release (org/repo@1.2.3), a repository, a month or an event’s id";
  const field = el("input", {
    id: "find",
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-describedby": "find-error",
    placeholder: "org/repo@1.2.3",
  });
  const fault = el("p", { id: "find-error", class: "error", role: "alert" });
  const form = el(
    "form",
    { class: "finder", role: "search" },
    el("label", { for: "find" }, "Find ", help),
    el("div", { class: "line" }, field, el("button", { type: "submit" }, "Find")),
    fault,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const place = placeOfName(field.value);
    if (place && place.kind !== "unknown") window.location.hash = hashOf(place);
    else fault.textContent = `That is neither ${help.replace("a month or", "a month nor")}.`;
  });
  return form;
}

function isAnchored({ status }: MonthSummary): boolean {
  return status === "anchored" || status === "proven";
}

function glance({ partitions, next }: MonthList, nodes: number, source: string): HTMLElement {
  const events = partitions.reduce((sum, { count }) => sum + count, 0);
  const anchored = partitions.filter(isAnchored).length;
  const last =
    source === "copy"
      ? (["Last month of this copy", partitions.at(-1)?.month ?? "none"] as const)
      : (["Due next", next ? dueWords(next, nowUnixMs()) : "nothing yet"] as const);
  const entries = [
    ["Events on record", numberText(events)],
    ["Months on the XRP Ledger", `${anchored} of ${partitions.length}`],
    ["Nodes that may sign", numberText(nodes)],
    last,
  ] as const;
  const made = definitions(entries);
  made.className = "figures";
  return made;
}

function monthCell({ month, status, count }: MonthSummary): HTMLElement {
  const { mark, word } = wordsOf(status);
  const label = `${month}: ${word}, ${countText(count, "event")}`;
  const cell = el(
    "a",
    { href: hashOf({ kind: "month", month }), class: `month ${word}`, id: `m-${month}` },
    el("span", { class: "hidden" }, label),
    ...[
      ["name", monthName(month).slice(0, 3)],
      ["mark", mark],
      ["count", numberText(count)],
    ].map(([name = "", text = ""]) => el("span", { class: name, "aria-hidden": "true" }, text)),
  );
  return el("li", {}, cell);
}

/** Years, newest first, with their months. */
function timeline(months: readonly MonthSummary[]): readonly HTMLElement[] {
  const years = Map.groupBy(months, ({ month }) => month.slice(0, 4));
  return [...years.keys()]
    .toSorted()
    .toReversed()
    .map((year) =>
      el(
        "div",
        { class: "year" },
        el("h3", {}, year),
        el("ol", { class: "months" }, ...(years.get(year) ?? []).map((each) => monthCell(each))),
      ),
    );
}

/** What the marks mean that are there. */
function legend(months: readonly MonthSummary[]): HTMLElement {
  const known = Object.keys(statusWords) as readonly MonthSummary["status"][];
  return statesList(known.filter((each) => months.some(({ status }) => status === each)));
}

function monthRow({ month, status, count, root, receipt }: MonthSummary): readonly Child[] {
  return [
    link({ kind: "month", month }, month),
    statusBadge(status),
    numberText(count),
    root === null ? "—" : el("code", {}, shortHash(root)),
    receipt ? time(receipt.closeTime) : "—",
    receipt ? numberText(receipt.ledgerIndex) : "—",
  ];
}

function lead({ network, origin }: ServerFacts, source: string): HTMLElement {
  const where =
    network === "local" ? "a local network that stands in for the XRP Ledger" : `the XRP Ledger (${network})`;
  return el(
    "p",
    { class: "lead" },
    `Nodes of this network sign what happens to its repositories: releases, checks, warnings. Every month their events become one fingerprint, which is written to ${where}. So anybody can prove later what was on record${origin === null ? "" : " here"}, and nobody has to believe this ${source}. `,
    link({ kind: "about" }, "What is this?"),
  );
}

/** The first page: what there is, how far it is, and what is due next. */
export async function ledgerPage({ data }: Desk): Promise<View> {
  const [facts, list, nodes] = await Promise.all([data.facts(), data.months(), data.nodes()]);
  const newest = list.partitions.toReversed();
  const months =
    newest.length === 0
      ? [el("p", { class: "none" }, "The ledger holds no event yet.")]
      : [
          ...timeline(list.partitions),
          legend(list.partitions),
          ...(list.next ? [paragraph(`Due next: ${dueText(list.next, nowUnixMs())}.`)] : []),
          ...growingTable("Months, newest first", ["Month", "State", "Events", "Root", "Anchored at", "XRPL ledger"], {
            count: newest.length,
            rowAt: (at) => monthRow(newest[at] as MonthSummary),
            step: 24,
          }),
        ];
  return {
    title: facts.origin === null ? "The ledger" : `The ledger of ${facts.origin.replace(/\/ledger$/, "")}`,
    isLive: true,
    body: [
      lead(facts, data.source),
      ...(await copyNotice(data)),
      ...(facts.notice === undefined ? [] : [el("p", { class: "warning" }, facts.notice)]),
      finder(),
      glance(list, nodes.length, data.source),
      section("months-title", "Months", ...months, sourceLine(data.urlOf("v1/partitions"))),
    ],
  };
}
