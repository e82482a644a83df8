import type { TreePicture } from "./facts.ts";

/** Sizes of the picture, in its own units; it is scaled to the page. */
const width = 360;
const box = { width: 96, height: 24 };
const gap = 128;
const margin = 22;

/** A fingerprint in the picture, by the middle of its box. */
export interface PlacedHash {
  readonly x: number;
  readonly y: number;
  readonly hash: string;
  /** `own`: computed here from the event; `given`: taken from the file. */
  readonly role: "own" | "given";
}

export interface TreeLayout {
  readonly width: number;
  readonly height: number;
  readonly box: typeof box;
  /** The leaf first, each followed by what stands beside it; the top of the way is last. */
  readonly hashes: readonly PlacedHash[];
  /** From a fingerprint up to what it is joined into. */
  readonly lines: readonly { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }[];
}

/** Where everything goes: the way of the event straight up in the middle, its companions left and right. */
export function treeLayout({ leaf, steps }: TreePicture): TreeLayout {
  // A long way is drawn more tightly, so that its picture stays a picture.
  const rise = steps.length > 12 ? 36 : 50;
  const height = 2 * margin + steps.length * rise;
  const x = width / 2;
  const yOf = (level: number): number => height - margin - level * rise;
  const hashes: PlacedHash[] = [{ x, y: yOf(0), hash: leaf, role: "own" }];
  const lines: TreeLayout["lines"][number][] = [];
  for (const [level, { side, sibling, hash }] of steps.entries()) {
    const besideX = side === "left" ? x - gap : x + gap;
    hashes.push({ x: besideX, y: yOf(level), hash: sibling, role: "given" });
    hashes.push({ x, y: yOf(level + 1), hash, role: "own" });
    const [y1, y2] = [yOf(level), yOf(level + 1)];
    lines.push({ x1: x, y1, x2: x, y2 }, { x1: besideX, y1, x2: x, y2 });
  }
  return { width, height, box, hashes, lines };
}
