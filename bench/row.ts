/** A figure of ours beside a baseline's of the same run. */
export interface Row {
  readonly name: string;
  readonly baseline: string;
  /** Medians. */
  readonly oursMs: number;
  readonly baselineMs: number;
  /** `oursMs / baselineMs` that must not be exceeded; below 1 where ours has to be faster. None where a row only informs. */
  readonly target?: number;
  /** Of the process at its peak, above what it began with. */
  readonly extraMb?: number;
  /** Most that `extraMb` may be. */
  readonly mostMb?: number;
  /** One of several rows of the same thing in other sizes. */
  readonly grows?: { readonly what: string; readonly size: number };
}

export function ratioOf({ oursMs, baselineMs }: Row): number {
  return oursMs / baselineMs;
}

/** What of a row misses its target, as texts for people. */
export function missesOf(row: Row): string[] {
  const ratio = ratioOf(row);
  const { name, target = Infinity, extraMb = 0, mostMb = Infinity } = row;
  return [
    ...(ratio > target ? [`${name}: ${ratio.toFixed(2)} × ${row.baseline}, at most ${target}`] : []),
    ...(extraMb > mostMb ? [`${name}: ${extraMb.toFixed(0)} MB more memory, at most ${mostMb}`] : []),
  ];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** Times of two ways to do the same, taken in turn, so that whatever else the machine does hits both. */
export function inTurn(rounds: number, ours: () => void, baseline: () => void): Pick<Row, "oursMs" | "baselineMs"> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [at, work] of [ours, baseline].entries()) {
      const beganMs = performance.now();
      work();
      times[at as 0 | 1].push(performance.now() - beganMs);
    }
  }
  return { oursMs: median(times[0]), baselineMs: median(times[1]) };
}
