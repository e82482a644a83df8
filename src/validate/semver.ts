const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

export function isSemver(text: string): boolean {
  return pattern.test(text);
}

/** Precedence of two Semantic Versions (2.0.0 §11), negative when `a` is lower; undefined when one of them is none. */
export function compareSemver(a: string, b: string): number | undefined {
  const [left, right] = [pattern.exec(a), pattern.exec(b)];
  if (!left || !right) return undefined;
  for (const part of [1, 2, 3]) {
    const order = compareNumbers(left[part] ?? "", right[part] ?? "");
    if (order !== 0) return order;
  }
  const [before, after] = [left[4], right[4]];
  if (before === undefined || after === undefined) return Number(before === undefined) - Number(after === undefined);
  return comparePrereleases(before.split("."), after.split("."));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    const numeric = [/^\d+$/.test(left), /^\d+$/.test(right)];
    const order =
      numeric[0] && numeric[1]
        ? compareNumbers(left, right)
        : numeric[0] !== numeric[1]
          ? Number(numeric[1]) - Number(numeric[0])
          : compareTexts(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Decimal numbers without leading zeros, however long. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
