import { el } from "../dom.ts";
import type { DueMonth, MonthStatus } from "./data.ts";
import { awayText, countText, timeText, unixMsOf } from "./format.ts";

interface StatusWords {
  readonly mark: string;
  readonly word: string;
  /** What it means, for somebody who never heard of it. */
  readonly about: string;
}

export const statusWords: Readonly<Record<MonthStatus, StatusWords>> = {
  open: { mark: "○", word: "open", about: "It still takes events." },
  closing: { mark: "◔", word: "closing", about: "Its events are being checked, and its root is being made." },
  closed: {
    mark: "◐",
    word: "closed",
    about: "Its events are fixed by one fingerprint, the root. The XRP Ledger does not hold it yet.",
  },
  anchoring: { mark: "◑", word: "anchoring", about: "The transaction that carries its root is on its way." },
  anchored: {
    mark: "●",
    word: "anchored",
    about: "A validated ledger of the network holds its root. The validators’ own signatures are not at hand.",
  },
  proven: {
    mark: "✓",
    word: "proven",
    about: "The network’s validators signed the ledger that holds its root, and their signatures are at hand.",
  },
  rejected: {
    mark: "✗",
    word: "rejected",
    about:
      "A rule was broken or its transaction failed, so nothing more is done until a human decides. Later months wait for it.",
  },
  damaged: {
    mark: "!",
    word: "damaged",
    about: "The ledger does not hold any more what was published of this month. Do not rely on it.",
  },
};

/** A state by mark and word, never by colour alone. */
export function statusBadge(status: MonthStatus): HTMLElement {
  const { mark, word } = wordsOf(status);
  return el("span", { class: `state ${word}` }, el("span", { "aria-hidden": "true" }, mark), ` ${word}`);
}

/** Of a state that this page does not know, its own name. */
export function wordsOf(status: MonthStatus): StatusWords {
  return Object.hasOwn(statusWords, status) ? statusWords[status] : { mark: "?", word: status, about: "" };
}

/** States and what they mean. */
export function statesList(states: readonly MonthStatus[]): HTMLElement {
  const items = states.map((status) => el("li", {}, statusBadge(status), ": ", wordsOf(status).about));
  return el("ul", { class: "states" }, ...items);
}

/** The same in a few words. */
export function dueWords({ month, closableAt, overdue }: DueMonth, nowUnixMs: number): string {
  const at = unixMsOf(closableAt);
  return overdue > 0 || at === undefined ? `${month}, now` : `${month}, ${awayText(at, nowUnixMs)}`;
}

/** What happens next, and when. */
export function dueText({ month, closableAt, overdue }: DueMonth, nowUnixMs: number): string {
  if (overdue > 1) return `${countText(overdue, "month")} can be closed now, ${month} first`;
  if (overdue === 1) return `${month} can be closed now`;
  const at = unixMsOf(closableAt);
  const away = at === undefined ? "" : ` (${awayText(at, nowUnixMs)})`;
  return `${month} closes from ${timeText(closableAt)} on${away}`;
}
