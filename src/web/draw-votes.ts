import { el, svg } from "./dom.ts";
import type { VoteCount } from "./facts.ts";
import { voteLayout } from "./vote-layout.ts";

/** How many of the validators signed, a dot each, and how many had to. */
export function drawVotes(count: VoteCount): HTMLElement {
  const { votes, validators, quorum } = count;
  const { width, height, radius, dots, line } = voteLayout(count);
  const sentence = `${votes} of ${validators} validators signed. At least ${quorum} had to.`;
  const drawing = svg(
    "svg",
    { class: "votes", "aria-hidden": "true", viewBox: `0 0 ${width} ${height}`, width, height },
    ...dots.map(({ x, y, isVote }) => svg("circle", { cx: x, cy: y, r: radius, class: isVote ? "vote" : "none" })),
    svg("line", { x1: line.x, x2: line.x, y1: line.y1, y2: line.y2 }),
  );
  const legend = el(
    "p",
    { class: "legend" },
    el("span", { class: "key vote" }, "signed"),
    el("span", { class: "key none" }, "did not"),
    el("span", { class: "key line" }, "signatures have to reach this line"),
  );
  return el("figure", {}, el("figcaption", {}, sentence), drawing, legend);
}
