import { disclosure, el, svg } from "./dom.ts";
import type { TreePicture } from "./facts.ts";
import { type PlacedHash, treeLayout, type TreeLayout } from "./tree-layout.ts";

function drawnHash({ x, y, hash, role }: PlacedHash, { box }: TreeLayout, name: string): SVGGElement {
  const place = { x: x - box.width / 2, y: y - box.height / 2, width: box.width, height: box.height, rx: 6 };
  return svg(
    "g",
    { class: name === "" ? role : `${role} ${name}` },
    svg("rect", place),
    svg("text", { x, y: y + 4 }, `${hash.slice(0, 8)}…`),
  );
}

function picture(tree: TreePicture): SVGSVGElement {
  const layout = treeLayout(tree);
  const { width, height, hashes, lines } = layout;
  const last = hashes.length - 1;
  const nameOf = (at: number): string => (at === last ? (tree.isWhole ? "root" : "wrong") : at === 0 ? "leaf" : "");
  const label = `The way from the event to the root in ${tree.steps.length} steps; the table below it has the same in words.`;
  return svg(
    "svg",
    { class: "tree", role: "img", "aria-label": label, viewBox: `0 0 ${width} ${height}`, width, height },
    svg("g", { class: "lines" }, ...lines.map((line) => svg("line", { ...line }))),
    ...hashes.map((hash, at) => drawnHash(hash, layout, nameOf(at))),
  );
}

function table({ leaf, steps }: TreePicture): HTMLTableElement {
  const head = ["Step", "Joined with", "Gives"].map((name) => el("th", { scope: "col" }, name));
  const rows = steps.map(({ side, sibling, hash }, at) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, String(at + 1)),
      el("td", {}, `on the ${side}: `, el("code", {}, sibling)),
      el("td", {}, el("code", {}, hash)),
    ),
  );
  const start = el(
    "tr",
    {},
    el("th", { scope: "row" }, "0"),
    el("td", {}, "the event"),
    el("td", {}, el("code", {}, leaf)),
  );
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, start, ...rows));
}

function sentence({ index, size, steps, isWhole, root }: TreePicture): string {
  const place = `event ${index + 1} of ${size} in the month`;
  if (!isWhole)
    return `It claims to be ${place}, and its way up does not end in the published root (${root.slice(0, 8)}…).`;
  if (steps.length === 0) return `It is the only event of the month, so its own fingerprint is the root.`;
  const beside =
    steps.length === 1 ? "one fingerprint beside its way leads" : `${steps.length} fingerprints beside its way lead`;
  return `It is ${place}; ${beside} up to the root.`;
}

/** The Merkle path of an event. */
export function drawTree(tree: TreePicture): HTMLElement {
  const legend = el(
    "p",
    { class: "legend" },
    el("span", { class: "key own" }, "computed here"),
    el("span", { class: "key given" }, "taken from the file"),
    el(
      "span",
      { class: tree.isWhole ? "key root" : "key wrong" },
      tree.isWhole ? "the published root" : "another root",
    ),
  );
  const drawing = el("div", { class: "picture" }, picture(tree));
  const all = disclosure(
    "All fingerprints of the way",
    false,
    el("div", { class: "scroll", role: "region", "aria-label": "Fingerprints of the way", tabindex: "0" }, table(tree)),
  );
  return el("figure", {}, el("figcaption", {}, sentence(tree)), drawing, legend, all);
}
