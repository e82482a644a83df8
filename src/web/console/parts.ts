import { harmless } from "../../core/harmless.ts";
import { type Child, el, preformatted } from "../dom.ts";
import { type ConsoleData, NoAnswer } from "./data.ts";
import { awayText, nowUnixMs, numberText, timeText, unixMsOf } from "./format.ts";
import { hashOf, type Place } from "./place.ts";

/** A place in the console, as a link. */
export function link(place: Exclude<Place, { kind: "unknown" }>, ...children: readonly Child[]): HTMLAnchorElement {
  return el("a", { href: hashOf(place) }, ...children);
}

/** The event's own page, under the beginning of its id. */
export function eventLink(id: string): HTMLAnchorElement {
  return link({ kind: "event", id }, el("code", {}, shortHash(id)));
}

export function shortHash(hash: string): string {
  return hash.length > 14 ? `${hash.slice(0, 12)}…` : hash;
}

/** A text of strangers, whole where it is short, else its beginning with a button that shows the rest. */
export function cutText(text: string, limit = 200): HTMLElement {
  if (text.length <= limit) return el("span", { class: "value" }, text);
  return withRest(el("span", { class: "value" }, `${text.slice(0, limit)}…`), text, (all) => {
    all.classList.add("value");
    all.textContent = harmless(text);
  });
}

function withRest(shown: HTMLElement, text: string, fill: (all: HTMLElement) => void): HTMLElement {
  const button = el("button", { type: "button", class: "small" }, `Show all ${numberText(text.length)} characters`);
  const box = el("span", { class: "cut" }, shown, " ", button);
  button.addEventListener("click", () => {
    const all = el("span", { class: "all", tabindex: "-1" });
    fill(all);
    box.replaceChildren(all);
    all.focus();
  });
  return box;
}

const shownCharacters = 4000;

/** Lines of text as they are, the beginning where there is much. */
export function linesOf(text: string): HTMLElement {
  if (text.length <= shownCharacters) return preformatted(text);
  const shown = el("div", {}, preformatted(`${text.slice(0, shownCharacters)}\n…`));
  const button = el("button", { type: "button", class: "small" }, `Show all ${numberText(text.length)} characters`);
  button.addEventListener("click", () => {
    const all = preformatted(text);
    shown.replaceChildren(all);
    all.focus();
  });
  shown.append(button);
  return shown;
}

/** Any JSON, for people. */
export function jsonLines(value: unknown): HTMLElement {
  return linesOf(JSON.stringify(value, null, 2) ?? "");
}

export function time(text: string): HTMLElement {
  return el("time", { datetime: text }, timeText(text));
}

/** Where the numbers above come from; nothing where no one address says it. */
export function sourceLine(url: string | undefined, about = ""): Child {
  if (url === undefined) return "";
  return el("p", { class: "from" }, "Source: ", el("a", { href: url }, url), about === "" ? "" : ` ${about}`);
}

/** What somebody has to know who looks at a copy and not at a node. */
export async function copyNotice(data: ConsoleData): Promise<readonly HTMLElement[]> {
  const copied = await data.copied();
  if (!copied) return [];
  const { at, through } = copied;
  const age = awayText(unixMsOf(at) ?? nowUnixMs(), nowUnixMs());
  const text = `This is a copy, made at ${timeText(at)} (${age}). It holds the months that were closed by then, up to ${through}, and it stays as it is: what came later is not in it. Every proof is computed in this page, out of the files of the copy.`;
  return [el("p", { class: "notice" }, text)];
}

export type Row = readonly Child[];

/** A table that scrolls by itself where it is too wide. The first cell of each row names it. */
export function table(caption: string, head: readonly string[], rows: readonly Row[]): HTMLElement {
  const cells = head.map((name) => el("th", { scope: "col" }, name));
  const body = el("tbody", {}, ...rows.map((row) => tableRow(row)));
  const made = el(
    "table",
    {},
    el("caption", { class: "hidden" }, caption),
    el("thead", {}, el("tr", {}, ...cells)),
    body,
  );
  return el("div", { class: "scroll wide", role: "region", "aria-label": `${caption}, table`, tabindex: "0" }, made);
}

export function tableRow(row: Row): HTMLTableRowElement {
  const [first = "", ...others] = row;
  return el("tr", {}, el("th", { scope: "row" }, first), ...others.map((cell) => el("td", {}, cell)));
}

/** A table that begins with a few rows and shows more on demand, so that ten thousand cost no time. */
export function growingTable(
  caption: string,
  head: readonly string[],
  { count, rowAt, step = 100 }: { readonly count: number; readonly rowAt: (at: number) => Row; readonly step?: number },
): readonly HTMLElement[] {
  const first = Math.min(step, count);
  const made = table(
    caption,
    head,
    Array.from({ length: first }, (_, at) => rowAt(at)),
  );
  if (first === count) return [made];
  const body = made.querySelector("tbody");
  let shown = first;
  const button = el("button", { type: "button" }, "");
  const relabel = (): void => {
    button.textContent = `Show ${numberText(Math.min(step, count - shown))} more of ${numberText(count)}`;
    button.hidden = shown >= count;
  };
  button.addEventListener("click", () => {
    const upTo = Math.min(count, shown + step);
    for (; shown < upTo; shown++) body?.append(tableRow(rowAt(shown)));
    relabel();
  });
  relabel();
  return [made, button];
}

export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
}

export function paragraph(...children: readonly Child[]): HTMLParagraphElement {
  return el("p", {}, ...children);
}

export function button(text: string, act: () => void, className = ""): HTMLButtonElement {
  const made = el("button", { type: "button", ...(className === "" ? {} : { class: className }) }, text);
  made.addEventListener("click", act);
  return made;
}

/** What went wrong, and what to do. */
export function faultBox(error: unknown): HTMLElement {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof NoAnswer ? error.code : "INTERNAL_ERROR";
  return el(
    "div",
    { class: "fault", role: "alert" },
    el("p", { class: "value" }, text.slice(0, 2000)),
    el("p", { class: "code" }, "Error code: ", el("code", {}, code.slice(0, 80))),
  );
}

/** Has the browser save bytes under a name. */
export function save(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type: "application/json" }));
  el("a", { href: url, download: name.replace(/[^\w.-]/g, "-").slice(0, 120) }).click();
  URL.revokeObjectURL(url);
}
