import { harmless } from "./harmless.ts";
import type { ReleaseView } from "./release-view.ts";

/** What a badge of a release may show. */
export const badgeSubjects = ["verdict", "integrity", "assurance", "anchored"] as const;

export type BadgeSubject = (typeof badgeSubjects)[number];

export function isBadgeSubject(text: string): boolean {
  return badgeSubjects.some((subject) => subject === text);
}

/** Two texts side by side, and a sentence for who does not see them. */
export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly title: string;
  readonly tone: Tone;
}

/** White text has a contrast of at least 4.5 on each of these (WCAG 2.2, 1.4.3). */
const colours = { good: "#22740f", doubtful: "#8a6100", bad: "#b3261e", neutral: "#5c6370" } as const;

type Tone = keyof typeof colours;

const labelColour = "#3b3f46";

/** What a release's badge says of one of its {@link badgeSubjects}. */
export function releaseBadge(view: ReleaseView, subject: BadgeSubject): Badge {
  const name = `${view.repo} ${view.version}`;
  const badge = (label: string, message: string, tone: Tone): Badge => {
    return { label, message, title: `${name}: ${label === view.version ? "" : `${label} `}${message}`, tone };
  };
  switch (subject) {
    case "verdict":
      return badge(
        view.version,
        view.verdict,
        { PASS: "good", FAIL: "bad", UNVERIFIED: "doubtful" }[view.verdict] as Tone,
      );
    case "integrity":
      return badge("integrity", `${view.score.integrity}/100`, toneOf(view.score.integrity));
    case "assurance":
      return badge("assurance", `${view.score.assurance}/100`, toneOf(view.score.assurance));
    case "anchored": {
      const { month, network } = view.anchors;
      const isVerified = month?.verdict === "proven" || month?.verdict === "anchored";
      if (isVerified) return badge("anchored", month.network ?? "yes", "good");
      if (month?.verdict === "failed") return badge("anchored", "contradicted", "bad");
      return badge("anchored", network.length > 0 ? "not verified" : "no", "neutral");
    }
  }
}

/** The badge of a node that releases nothing. */
export function nodeBadge({ id, kind }: { readonly id: string; readonly kind: string }): Badge {
  return { label: kind, message: "registered", title: `${id}: ${kind}, registered`, tone: "neutral" };
}

/** By the bands that networks call VERIFIED and PARTIAL. */
function toneOf(score: number): Tone {
  return score >= 70 ? "good" : score >= 40 ? "doubtful" : "bad";
}

const maxCharacters = 60;
const characterWidth = 7;
const margin = 6;

/**
 * A badge as SVG: the same bytes for the same badge, nothing loaded from elsewhere, and a title for who does not see it.
 * The width of texts is fixed in it, so it looks alike in every font.
 */
export function badgeSvg({ label, message, title, tone }: Badge): string {
  const [left, right] = [cell(label), cell(message)];
  const width = left.width + right.width;
  const at = (x: number, { text, textWidth }: Cell): string =>
    `<text x="${x}" y="14" textLength="${textWidth}" lengthAdjust="spacingAndGlyphs">${text}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<clipPath id="round"><rect width="${width}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#round)">`,
    `<rect width="${left.width}" height="20" fill="${labelColour}"/>`,
    `<rect x="${left.width}" width="${right.width}" height="20" fill="${colours[tone]}"/>`,
    "</g>",
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">`,
    at(margin, left),
    at(left.width + margin, right),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

interface Cell {
  /** Escaped. */
  readonly text: string;
  readonly textWidth: number;
  readonly width: number;
}

function cell(words: string): Cell {
  const characters = Array.from(visible(words));
  const shown = characters.length > maxCharacters ? [...characters.slice(0, maxCharacters - 1), "…"] : characters;
  const textWidth = shown.length * characterWidth;
  return { text: escaped(shown.join("")), textWidth, width: textWidth + 2 * margin };
}

/** Text that XML can hold: no control characters, no lone surrogates, no noncharacters. */
function visible(text: string): string {
  return harmless(text.toWellFormed()).replace(/[\uFFFE\uFFFF]/g, "\uFFFD");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => entities[char] ?? "");
}
