import { monitorEventLoopDelay } from "node:perf_hooks";

/** The monitor looks this often, milliseconds; it counts that time in. */
const resolutionMs = 10;

/**
 * How long, on average, a turn of the event loop took beyond its due, milliseconds, in the last half second or so: the
 * time that everything has to wait, whatever it waits for. A single long turn is not much of an average.
 */
export function meanLoopDelay(windowMs = 500): () => number {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let sinceMs = performance.now();
  let mean = 0;
  return () => {
    const now = performance.now();
    if (now - sinceMs < windowMs) return mean;
    mean = delays.count === 0 ? 0 : Math.max(0, delays.mean / 1e6 - resolutionMs);
    delays.reset();
    sinceMs = now;
    return mean;
  };
}
