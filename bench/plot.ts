import { missesOf, ratioOf, type Row } from "./row.ts";

const [width, rowHeight, labelWidth, barWidth] = [1250, 34, 760, 330];
const most = 4;
const [good, bad, plain] = ["#1f7a4d", "#c0392b", "#7a7a7a"];

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Each row's ratio as a bar, its target as a mark. */
function bars(rows: readonly Row[]): string {
  const x = (ratio: number): number => labelWidth + (Math.min(ratio, most) / most) * barWidth;
  const drawn = rows.map((row, at) => {
    const [ratio, y] = [ratioOf(row), 40 + at * rowHeight];
    const { target } = row;
    const colour = missesOf(row).length > 0 ? bad : target === undefined ? plain : good;
    const shown = target === undefined ? ratio.toFixed(2) : `${ratio.toFixed(2)} (at most ${target.toFixed(2)})`;
    const label = `${row.name}, × ${row.baseline}`;
    return [
      `<text x="${labelWidth - 10}" y="${y + 17}" text-anchor="end" font-size="11">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${(x(ratio) - labelWidth).toFixed(1)}" height="24" fill="${colour}"/>`,
      ...(target === undefined
        ? []
        : [`<line x1="${x(target).toFixed(1)}" x2="${x(target).toFixed(1)}" y1="${y - 4}" y2="${y + 28}"/>`]),
      `<text x="${(x(Math.max(ratio, target ?? 0)) + 8).toFixed(1)}" y="${y + 17}">${shown}</text>`,
    ].join("\n");
  });
  const title = "our time as a multiple of the baseline's, and the target as a line";
  return [`<text x="20" y="22" font-weight="600">${title}</text>`, ...drawn].join("\n");
}

const [panelWidth, panelHeight, panelsAcross] = [340, 220, 3];
const panelPlot = { left: 62, top: 34, width: 250, height: 140 };

interface Point {
  readonly size: number;
  readonly ms: number;
}

function timeText(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : ms >= 1 ? `${ms} ms` : `${ms * 1000} µs`;
}

function powersBetween(least: number, greatest: number): number[] {
  const powers: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(greatest)); power++) powers.push(power);
  return powers;
}

/** How the time of one thing grows with its size, ours and the baseline's, on logarithmic axes. */
function panel(what: string, rows: readonly Row[]): string {
  const ours = rows.map(({ oursMs, grows }): Point => ({ size: grows?.size ?? 1, ms: oursMs }));
  const theirs = rows.map(({ baselineMs, grows }): Point => ({ size: grows?.size ?? 1, ms: baselineMs }));
  const all = [...ours, ...theirs];
  const sizes = powersBetween(Math.min(...all.map(({ size }) => size)), Math.max(...all.map(({ size }) => size)));
  const times = powersBetween(Math.min(...all.map(({ ms }) => ms)), Math.max(...all.map(({ ms }) => ms)));
  const { left, top, width: across, height: down } = panelPlot;
  const share = (value: number, powers: readonly number[]): number =>
    (Math.log10(value) - (powers[0] ?? 0)) / Math.max(1, powers.length - 1);
  const x = (size: number): string => (left + share(size, sizes) * across).toFixed(1);
  const y = (ms: number): string => (top + (1 - share(ms, times)) * down).toFixed(1);
  const line = (points: readonly Point[], colour: string): string =>
    `<polyline points="${points.map(({ size, ms }) => `${x(size)},${y(ms)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  return [
    `<text x="${left}" y="18" font-weight="600" font-size="12">${escaped(what)}</text>`,
    ...times.map((power) => {
      const at = y(10 ** power);
      return `<path d="M${left} ${at}h${across}" stroke="#8884"/><text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end" font-size="11">${timeText(10 ** power)}</text>`;
    }),
    ...sizes.map(
      (power) =>
        `<text x="${x(10 ** power)}" y="${top + down + 18}" text-anchor="middle" font-size="11">${(10 ** power).toLocaleString("en")}</text>`,
    ),
    line(theirs, plain),
    line(ours, good),
  ].join("\n");
}

/** An SVG that needs nothing else. */
export function plot(rows: readonly Row[]): string {
  const growing = Map.groupBy(rows, ({ grows }) => grows?.what ?? "");
  const panels = [...growing].filter(([what, of]) => what !== "" && of.length > 1);
  const top = 70 + rows.length * rowHeight;
  const height = top + 30 + Math.ceil(panels.length / panelsAcross) * panelHeight;
  const placed = panels.map(([what, of], at) => {
    const [column, line] = [at % panelsAcross, Math.floor(at / panelsAcross)];
    return `<g transform="translate(${20 + column * panelWidth} ${top + 20 + line * panelHeight})">${panel(what, of)}</g>`;
  });
  const title = `how the time grows with the number of ids or events: ours green, the baseline's grey`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="14">
<style>text{fill:#222}line{stroke:#222;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#eee}line{stroke:#eee}}</style>
${bars(rows)}
<text x="20" y="${top}" font-weight="600">${title}</text>
${placed.join("\n")}
</svg>
`;
}
