import { missesOf, ratioOf, type Row } from "./row.ts";

const [width, rowHeight, labelWidth, barWidth] = [960, 34, 470, 360];
const most = 4;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Each row's ratio as a bar, its target as a mark: an SVG that needs nothing else. */
export function plot(rows: readonly Row[]): string {
  const height = 50 + rows.length * rowHeight;
  const x = (ratio: number): number => labelWidth + (Math.min(ratio, most) / most) * barWidth;
  const bars = rows.map((row, at) => {
    const [ratio, y] = [ratioOf(row), 40 + at * rowHeight];
    const colour = missesOf(row).length > 0 ? "#c0392b" : "#1f7a4d";
    const { target } = row;
    const shown = target === undefined ? ratio.toFixed(2) : `${ratio.toFixed(2)} (at most ${target.toFixed(2)})`;
    const label = `${row.name}, × ${row.baseline}`;
    return [
      `<text x="${labelWidth - 10}" y="${y + 17}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${(x(ratio) - labelWidth).toFixed(1)}" height="24" fill="${colour}"/>`,
      ...(target === undefined
        ? []
        : [`<line x1="${x(target).toFixed(1)}" x2="${x(target).toFixed(1)}" y1="${y - 4}" y2="${y + 28}"/>`]),
      `<text x="${(x(Math.max(ratio, target ?? 0)) + 8).toFixed(1)}" y="${y + 17}">${shown}</text>`,
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="14">
<style>text{fill:#222}line{stroke:#222;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#eee}line{stroke:#eee}}</style>
<text x="${labelWidth}" y="22" font-weight="600">our time as a multiple of the baseline's, and the target as a line</text>
${bars.join("\n")}
</svg>
`;
}
