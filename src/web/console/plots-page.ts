import { fromHex } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { type Child, el } from "../dom.ts";
import { drawChart } from "./chart.ts";
import type { Bar } from "./chart-layout.ts";
import { type Anchor, type ConsoleData, type EventEntry, type MonthSummary, NoAnswer } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { countText, numberText } from "./format.ts";
import { votesIn } from "./month-page.ts";
import { faultBox, paragraph, section, sourceLine } from "./parts.ts";
import { hashOf } from "./place.ts";
import { eventsByDay, feeOf, hoursToAnchor, minutesToClose } from "./plot-data.ts";

/** Anchors and events that are looked at for a plot. */
const anchorsShown = 24;
const eventsRead = 5000;
const eventsPerPage = 1000;

async function readEvents(data: ConsoleData, month: string): Promise<readonly EventEntry[]> {
  const found: EventEntry[] = [];
  for (let after: string | undefined; found.length < eventsRead;) {
    const page = await data.events({ month, limit: eventsPerPage, ...(after === undefined ? {} : { after }) });
    found.push(...page.events);
    if (page.next === null) break;
    after = page.next;
  }
  return found;
}

function monthChoice(months: readonly MonthSummary[], chosen: string): HTMLElement {
  const choice = el(
    "select",
    { id: "plot-month" },
    ...months
      .toReversed()
      .map(({ month }) => el("option", { value: month, ...(month === chosen ? { selected: "" } : {}) }, month)),
  );
  choice.addEventListener("change", () => {
    window.location.hash = hashOf({ kind: "plots", month: choice.value });
  });
  return el("div", { class: "field" }, el("label", { for: "plot-month" }, "Month"), choice);
}

async function eventsPart(data: ConsoleData, months: readonly MonthSummary[], asked: string): Promise<HTMLElement> {
  const shown =
    months.find(({ month }) => month === asked) ?? months.findLast(({ count }) => count > 0) ?? months.at(-1);
  if (!shown) return section("days-title", "Events per day", el("p", { class: "none" }, "There are none yet."));
  const { month, count } = shown;
  const events = await readEvents(data, month);
  const charts = Array.from(eventsByDay(month, events), ([type, bars]) => {
    const total = bars.reduce((sum, { value }) => sum + value, 0);
    return drawChart({ title: `${type}: ${numberText(total)}`, unit: "events a day", bars, nameHead: "Day" });
  });
  const part =
    events.length < count ? `, of the first ${numberText(events.length)} of ${numberText(count)} events` : "";
  return section(
    "days-title",
    "Events per day, by type",
    monthChoice(months, month),
    ...(charts.length === 0 ? [el("p", { class: "none" }, `No event of ${month} names a day of it.`)] : charts),
    sourceLine(data.urlOf(`v1/partitions/${month}/events`), `(the events’ own times${part})`),
  );
}

function delays(months: readonly MonthSummary[], delayOf: (month: MonthSummary) => number | undefined): readonly Bar[] {
  const bars = months.flatMap((each) => {
    const value = delayOf(each);
    return value === undefined ? [] : [{ name: each.month, value }];
  });
  return bars.slice(-anchorsShown);
}

function closingPart(data: ConsoleData, months: readonly MonthSummary[]): HTMLElement {
  return plotPart(
    { id: "closing-title", title: "From the end of the month to its close" },
    { bars: delays(months, minutesToClose), unit: "minutes" },
    sourceLine(
      data.urlOf("v1/partitions"),
      "(by the clock of the node that closed them; not known of months that it found closed)",
    ),
  );
}

function delayPart(data: ConsoleData, months: readonly MonthSummary[]): HTMLElement {
  return plotPart(
    { id: "delay-title", title: "From the end of the month to its anchor" },
    { bars: delays(months, hoursToAnchor), unit: "hours" },
    sourceLine(data.urlOf("v1/partitions"), "(close time of the XRPL ledger)"),
  );
}

interface Plotted {
  readonly bars: readonly Bar[];
  readonly unit: string;
}

function plotPart(
  { id, title }: { readonly id: string; readonly title: string },
  { bars, unit }: Plotted,
  source: Child,
): HTMLElement {
  const none = el("p", { class: "none" }, "No month is that far yet.");
  return section(
    id,
    title,
    bars.length === 0 ? none : drawChart({ title, unit, bars, nameHead: "Month", isTitled: true }),
    source,
  );
}

async function feeBar(data: ConsoleData, { month, transactionHash, attempt }: Anchor): Promise<Bar[]> {
  const value = attempt?.feeDrops ?? feeOf(fromHex((await data.anchorBlob(transactionHash)).toLowerCase()));
  return value === undefined ? [] : [{ name: month, value }];
}

async function feesPart(data: ConsoleData): Promise<HTMLElement> {
  const anchored = (await data.anchors()).filter(({ state }) => state === "anchored").slice(-anchorsShown);
  const bars = (await Promise.all(anchored.map((each) => feeBar(data, each)))).flat();
  return plotPart(
    { id: "fees-title", title: "Fee of each anchor" },
    { bars, unit: "drops; 1,000,000 are 1 XRP" },
    sourceLine(data.urlOf("v1/anchors")),
  );
}

async function voteBar(data: ConsoleData, month: string): Promise<Bar[]> {
  try {
    const { votes, quorum } = votesIn(await data.monthFile(month, "xpop"));
    return [{ name: month, value: votes, least: quorum }];
  } catch (error) {
    if (error instanceof SettlementError || error instanceof NoAnswer) return [];
    throw error;
  }
}

async function votesPart(data: ConsoleData, months: readonly MonthSummary[]): Promise<HTMLElement> {
  const proven = months.filter(({ links }) => Object.hasOwn(links, "xpop")).slice(-anchorsShown);
  const bars = (await Promise.all(proven.map(({ month }) => voteBar(data, month)))).flat();
  return plotPart(
    { id: "votes-title", title: "Validators that signed for each anchor" },
    { bars, unit: "validators; the line is the quorum" },
    sourceLine(
      data.urlOf(`v1/partitions/${proven.at(-1)?.month ?? "…"}/xpop`),
      "and those of the other months (counted, not checked; verifying an event checks them)",
    ),
  );
}

async function or(work: Promise<HTMLElement>): Promise<HTMLElement> {
  try {
    return await work;
  } catch (error) {
    return faultBox(error);
  }
}

/** The ledger in numbers over time. */
export async function plotsPage(month: string, { data }: Desk): Promise<View> {
  const { partitions } = await data.months();
  const parts = await Promise.all([
    or(eventsPart(data, partitions, month)),
    ...(partitions.some(({ closedAt }) => closedAt !== null) ? [Promise.resolve(closingPart(data, partitions))] : []),
    Promise.resolve(delayPart(data, partitions)),
    or(feesPart(data)),
    or(votesPart(data, partitions)),
  ]);
  const shown =
    partitions.length > anchorsShown ? ` Of anchors, the last ${countText(anchorsShown, "month")} are shown.` : "";
  return { title: "Plots", body: [paragraph(`Each bar has its number in the table below it.${shown}`), ...parts] };
}
