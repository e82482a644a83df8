/** Memory of a process, bytes, after garbage was collected. */
export interface MemorySample {
  readonly rssBytes: number;
  /** What objects and buffers hold. */
  readonly liveBytes: number;
}

export interface MemoryWatch {
  see(sample: MemorySample & { readonly figures: { readonly runs: number } }): void;
  /** The most while it warmed up, and the last; undefined for a process that did not come so far. */
  seen(): { readonly warm: MemorySample; readonly end: MemorySample } | undefined;
}

/** Code is compiled and what may be remembered is remembered after so many inputs, or after a quarter of them all. */
const warmInputs = 1000;

/** @param inputs - how many the process is given */
export function watchMemory(inputs: number): MemoryWatch {
  const until = Math.max(warmInputs, inputs / 4);
  let runs = 0;
  let [warm, end]: (MemorySample | undefined)[] = [];
  return {
    see({ figures, rssBytes, liveBytes }) {
      runs += figures.runs;
      if (runs > until) end = { rssBytes, liveBytes };
      else
        warm = {
          rssBytes: Math.max(rssBytes, warm?.rssBytes ?? 0),
          liveBytes: Math.max(liveBytes, warm?.liveBytes ?? 0),
        };
    },
    seen: () => warm && end && { warm, end },
  };
}

const mebibyte = 2 ** 20;

/** By so much a process may grow after it has warmed up. The engine keeps room for garbage, as much as its heap may take. */
const rssLimitMiB = 256;
const liveLimitMiB = 16;

/** Of the process that grew most. */
export interface MemoryFigures {
  readonly processes: number;
  readonly warmRssMiB: number;
  readonly endRssMiB: number;
  readonly rssGrowthMiB: number;
  readonly liveGrowthMiB: number;
}

const inMiB = (bytes: number): number => Math.round((bytes / mebibyte) * 10) / 10;

export function memoryFigures(watches: readonly MemoryWatch[]): MemoryFigures {
  const all = watches.flatMap((watch) => watch.seen() ?? []);
  const rssGrowth = ({ warm, end }: (typeof all)[number]): number => end.rssBytes - warm.rssBytes;
  const most = all.toSorted((a, b) => rssGrowth(b) - rssGrowth(a))[0];
  return {
    processes: watches.length,
    warmRssMiB: inMiB(most?.warm.rssBytes ?? 0),
    endRssMiB: inMiB(most?.end.rssBytes ?? 0),
    rssGrowthMiB: inMiB(most ? rssGrowth(most) : 0),
    liveGrowthMiB: inMiB(Math.max(0, ...all.map(({ warm, end }) => end.liveBytes - warm.liveBytes))),
  };
}

export function memoryFaults({ rssGrowthMiB, liveGrowthMiB }: MemoryFigures): readonly string[] {
  return [
    ...(rssGrowthMiB > rssLimitMiB ? [`the memory of a process grew by ${rssGrowthMiB} MiB`] : []),
    ...(liveGrowthMiB > liveLimitMiB ? [`what a process holds grew by ${liveGrowthMiB} MiB`] : []),
  ];
}
