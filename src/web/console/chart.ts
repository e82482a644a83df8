import { el, svg } from "../dom.ts";
import { numberText } from "./format.ts";
import { type Bar, labelledBars, roundUp } from "./chart-layout.ts";
import { table } from "./parts.ts";

export interface Chart {
  readonly title: string;
  /** What a value counts: `events`, `drops`. */
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** Head of the names: `Day`, `Month`. */
  readonly nameHead: string;
  /** Does a heading say the title already? */
  readonly isTitled?: boolean;
}

const height = 132;
const left = 52;
const bottom = 20;
const top = 14;

/** Drawn for the width there is, so that its words are as large as all others. */
function picture({ title, unit, bars }: Chart): SVGSVGElement {
  const width = Math.min(960, Math.max(280, document.documentElement.clientWidth - 40));
  const scale = roundUp(Math.max(...bars.flatMap(({ value, least = 0 }) => [value, least])));
  const pitch = (width - left) / Math.max(bars.length, 12);
  const yOf = (value: number): number => height - bottom - ((height - bottom - top) * value) / scale;
  const labels = labelledBars(bars.length, Math.floor(width / 72));
  const drawn = bars.flatMap(({ name, value, least }, at) => {
    const x = left + at * pitch;
    const y = yOf(value);
    const isShort = least !== undefined && value < least;
    const bar = svg("rect", {
      x: x + pitch * 0.12,
      y,
      width: pitch * 0.76,
      height: height - bottom - y,
      class: isShort ? "short" : "column",
    });
    const line =
      least === undefined
        ? []
        : [svg("line", { x1: x, x2: x + pitch, y1: yOf(least), y2: yOf(least), class: "least" })];
    const label = labels.has(at) ? [svg("text", { x: x + pitch / 2, y: height - 5, class: "name" }, name)] : [];
    return [bar, ...line, ...label];
  });
  return svg(
    "svg",
    {
      class: "chart",
      role: "img",
      "aria-label": `${title}, ${unit}; the table below it has the numbers.`,
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
    },
    svg("line", { x1: left, x2: width, y1: height - bottom, y2: height - bottom, class: "axis" }),
    svg("text", { x: left - 6, y: top + 4, class: "scale" }, numberText(scale)),
    svg("text", { x: left - 6, y: height - bottom, class: "scale" }, "0"),
    ...drawn,
  );
}

/** Bars with their numbers in a table. */
export function drawChart(chart: Chart): HTMLElement {
  const { title, unit, bars, nameHead, isTitled = false } = chart;
  const hasLeast = bars.some(({ least }) => least !== undefined);
  const rows = bars.map(({ name, value, least }) => [
    name,
    numberText(value),
    ...(hasLeast ? [numberText(least ?? 0)] : []),
  ]);
  const head = [nameHead, unit, ...(hasLeast ? ["at least"] : [])];
  const numbers = el("details", {}, el("summary", {}, "The numbers"), table(`${title}, ${unit}`, head, rows));
  const caption = isTitled
    ? el("figcaption", { class: "unit" }, `In ${unit}`)
    : el("figcaption", {}, title, el("span", { class: "unit" }, ` (${unit})`));
  return el("figure", { class: "plot" }, caption, el("div", { class: "picture" }, picture(chart)), numbers);
}
