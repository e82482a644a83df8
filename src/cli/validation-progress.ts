import { SingleBar } from "cli-progress";
import type { StreamProgress } from "../validate/take-files.ts";
import type { Io } from "./io.ts";

/** Shows how far a validation is, once it takes long enough for somebody to wonder. */
export interface ValidationProgress extends AsyncDisposable {
  readonly show: (progress: StreamProgress) => void;
}

const quietMs = 2000;
const betweenLinesMs = 10_000;

/** A bar on a terminal, lines elsewhere, both on the error stream. */
export function validationProgress(io: Pick<Io, "err" | "isTerminal">): ValidationProgress {
  const beganMs = performance.now();
  let shownMs = beganMs + quietMs - betweenLinesMs;
  let bar: SingleBar | undefined;
  return {
    show({ events, filesDone, files }) {
      const nowMs = performance.now();
      if (nowMs - beganMs < quietMs) return;
      if (io.isTerminal) {
        if (!bar) {
          bar = new SingleBar({ format: "{bar} file {value} of {total}, {events} events", clearOnComplete: true });
          bar.start(files, filesDone, { events });
        }
        bar.update(filesDone, { events });
      } else if (nowMs - shownMs >= betweenLinesMs) {
        shownMs = nowMs;
        io.err(`validating: ${events} events, file ${Math.min(filesDone + 1, files)} of ${files}\n`);
      }
    },
    async [Symbol.asyncDispose]() {
      bar?.stop();
    },
  };
}
