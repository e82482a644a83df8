import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { linesPath } from "./find-ledger.ts";
import type { Entry, LedgerState } from "./ledger-state.ts";

/** Where the next event of each file of a ledger will stand. */
export interface FileEnds {
  /** Do all events stand in one file, whatever their months? */
  isOneList(dialect: Dialect): boolean;
  next(dialect: Dialect, month: Month): Entry["place"];
  /** The next event was added. */
  take(place: Entry["place"]): void;
}

export function fileEnds({ root, files }: LedgerState): FileEnds {
  const ends = new Map<string, Entry["place"]>();
  for (const { path, entries } of files) {
    const last = entries.at(-1)?.place;
    if (last) ends.set(path, last);
  }
  const hasMonths = files.some(({ month }) => month !== "");
  const hasList = files.some(({ month }) => month === "");
  const isOneList: FileEnds["isOneList"] = (dialect) => hasList || (dialect === "jsonl" && !hasMonths);
  return {
    isOneList,
    next(dialect, month) {
      const file = root + (isOneList(dialect) ? linesPath : `${month}.json`);
      const last = ends.get(file);
      // A month begins with a bracket on a line of its own.
      const start = { file, line: isOneList(dialect) ? 1 : 2, index: 0 };
      return last ? { file, line: last.line + 1, index: last.index + 1 } : start;
    },
    take: (place) => void ends.set(place.file, place),
  };
}
