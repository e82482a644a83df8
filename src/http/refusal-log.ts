import type { Clock } from "../ports.ts";
import type { HttpDeps } from "./context.ts";

/** Time between two lines about refusals, milliseconds. */
const quietMs = 60_000;

/** Counts refused requests and says so now and then: strangers can ask as often as they like, and fill no disk. */
export function refusalLog(log: HttpDeps["log"], clock: Clock = Date.now): () => void {
  let count = 0;
  let saidUnixMs = Number.NEGATIVE_INFINITY;
  return () => {
    count++;
    if (clock() - saidUnixMs < quietMs) return;
    log({ level: "warn", message: "admin requests refused", count });
    saidUnixMs = clock();
    count = 0;
  };
}
