import { el, svg } from "../dom.ts";
import { numberText } from "./format.ts";
import { table } from "./parts.ts";

/** A value with its name on the axis. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Below it the bar counts as falling short, such as a quorum. */
  readonly least?: number;
}

export interface Chart {
  readonly title: string;
  /** What a value counts: `events`, `drops`. */
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** Head of the names: `Day`, `Month`. */
  readonly nameHead: string;
}

const width = 640;
const height = 132;
const left = 52;
const bottom = 20;
const top = 14;

/** The least round number that is not below a value: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

/** Where the labels go, so that none runs into another. */
export function labelledBars(count: number, most: number): ReadonlySet<number> {
  const step = Math.max(1, Math.ceil(count / most));
  return new Set(Array.from({ length: Math.ceil(count / step) }, (_, at) => at * step));
}

function picture({ title, unit, bars }: Chart): SVGSVGElement {
  const scale = roundUp(Math.max(...bars.flatMap(({ value, least = 0 }) => [value, least])));
  const pitch = (width - left) / Math.max(bars.length, 6);
  const yOf = (value: number): number => height - bottom - ((height - bottom - top) * value) / scale;
  const labels = labelledBars(bars.length, 10);
  const drawn = bars.flatMap(({ name, value, least }, at) => {
    const x = left + at * pitch;
    const y = yOf(value);
    const isShort = least !== undefined && value < least;
    const bar = svg("rect", {
      x: x + pitch * 0.12,
      y,
      width: pitch * 0.76,
      height: height - bottom - y,
      class: isShort ? "short" : "bar",
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
  const { title, unit, bars, nameHead } = chart;
  const hasLeast = bars.some(({ least }) => least !== undefined);
  const rows = bars.map(({ name, value, least }) => [
    name,
    numberText(value),
    ...(hasLeast ? [numberText(least ?? 0)] : []),
  ]);
  const head = [nameHead, unit, ...(hasLeast ? ["at least"] : [])];
  const numbers = el("details", {}, el("summary", {}, "The numbers"), table(`${title}, ${unit}`, head, rows));
  const caption = el("figcaption", {}, title, el("span", { class: "unit" }, ` (${unit})`));
  return el("figure", { class: "plot" }, caption, el("div", { class: "picture" }, picture(chart)), numbers);
}
