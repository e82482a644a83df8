/** A value with its name on the axis. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Below it the bar counts as falling short, such as a quorum. */
  readonly least?: number;
}

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
