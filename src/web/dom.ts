import { harmless } from "../core/harmless.ts";

type Attributes = Readonly<Record<string, string>>;
export type Child = Node | string;

const svgNamespace = "http://www.w3.org/2000/svg";

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, harmless(value));
  // A text that is appended is a text, whatever it holds: nothing here is ever parsed as HTML.
  element.append(...children.map((child) => (typeof child === "string" ? harmless(child) : child)));
}

/** An HTML element. Texts may come from strangers: what hides or turns text in them is made visible. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** An SVG element, as {@link el}. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(svgNamespace, tag);
  fill(element, Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)])), children);
  return element;
}

/** Text of several lines, which stay lines. */
export function preformatted(text: string): HTMLPreElement {
  const lines = text.split("\n").map((line) => harmless(line));
  const pre = el("pre", { tabindex: "0" });
  pre.textContent = lines.join("\n");
  return pre;
}

/** An element of the page's own HTML. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new RangeError(id);
  return found;
}

/** What opens on demand. */
export function disclosure(summary: string, isOpen: boolean, ...children: readonly Child[]): HTMLDetailsElement {
  return el("details", isOpen ? { open: "" } : {}, el("summary", {}, summary), ...children);
}

/** Names with their values. */
export function definitions(
  entries: readonly (readonly [name: string, ...values: readonly Child[]])[],
): HTMLDListElement {
  const rows = entries.map(([name, ...values]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...values)));
  return el("dl", {}, ...rows);
}
