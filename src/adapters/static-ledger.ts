import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { indexFiles, parseIndexFacts } from "../core/event-index.ts";
import { fieldsOf } from "../core/fields.ts";
import type { Sha256 } from "../core/hash.ts";
import { type JsonValue, parseJson } from "../core/json.ts";
import { isMonth, type Month, monthsBetween, nextMonth } from "../core/month.ts";
import { parseNodeManifest } from "../core/node-manifest.ts";
import { placed } from "../core/placed.ts";
import { parseSettlementInfo } from "../core/settlement-info.ts";
import type { Archive, Ledger } from "../ports.ts";
import { archivePath } from "./archive-names.ts";
import { linesFile, readEvent } from "./read-event.ts";
import type { StaticFiles } from "./static-files.ts";

/** Lists the months of a copy; one without it is searched for them. */
export const monthsFile = "anchors/months.json";

export function monthsJson(months: readonly Month[]): Readonly<Record<string, unknown>> {
  return { v: 1, months };
}

/** Months before this one that a copy is searched for. */
const searchedMonths = 240;

/** The closed months of a ledger, and of its events what their indexes find. */
export interface StaticLedger {
  readonly ledger: Ledger;
  readonly archive: Archive;
}

function readOnly(): never {
  throw new SettlementError("LEDGER_WRITE_FAILED", "a static copy takes nothing");
}

/**
 * Closed months of a static copy of a ledger folder; nothing but what a proof takes is fetched. Months that are open are not
 * in it, nor those that have no index.
 *
 * @param now - the month at hand, up to which months are searched for where no list of them is
 */
export function staticLedger(files: StaticFiles, now: Month, hash: Sha256): StaticLedger {
  let listed: Promise<readonly Month[]> | undefined;
  const months = (): Promise<readonly Month[]> => (listed ??= closedMonths(files, now));
  const json = async <T>(path: string, parse: (value: JsonValue) => T): Promise<T | undefined> => {
    const bytes = await files.read(path);
    return bytes && placed(path, () => parse(parseJson(bytes)));
  };
  const archive: Archive = {
    months,
    read: (month, name) => files.read(archivePath(month, name)),
    part: (month, name, start, length) => files.part(archivePath(month, name), start, length),
    write: async () => readOnly(),
    writeAll: async () => readOnly(),
    discard: async () => readOnly(),
  };
  const ledger: Ledger = {
    async frame() {
      const closed = await months();
      const last = closed.at(-1);
      const [settlement, nodes, facts] = await Promise.all([
        json("settlement.json", parseSettlementInfo),
        last === undefined ? undefined : json(archivePath(last, "nodes.json"), (value) => value),
        last === undefined ? undefined : json(archivePath(last, indexFiles.facts), parseIndexFacts),
      ]);
      const list = Array.isArray(nodes) ? (nodes as readonly JsonValue[]) : [];
      const held = facts?.form === "lines" ? ["" as const] : closed;
      return { settlement, nodes: list.map(parseNodeManifest), files: held };
    },
    // What has no index is not searched event by event over a network.
    async *scan() {},
    async event(file, { offset, length }) {
      const path = file === "" ? linesFile : `${file}.json`;
      const where = `${path} at byte ${offset}`;
      const bytes = (await files.part(path, offset, length)) ?? new Uint8Array();
      return readEvent(
        placed(where, () => fromUtf8(bytes), "PARTITION_MALFORMED"),
        where,
        hash,
      ).event;
    },
    snapshot: async () => readOnly(),
    append: async () => readOnly(),
  };
  return { ledger, archive };
}

/** Every month from the first to the last is closed, so the last one tells where to look for the first. */
async function closedMonths(files: StaticFiles, now: Month): Promise<readonly Month[]> {
  const bytes = await files.read(monthsFile);
  if (bytes) return placed(monthsFile, () => parseMonths(parseJson(bytes)));
  const isClosed = async (month: Month): Promise<boolean> =>
    (await files.part(archivePath(month, "manifest.json"), 0, 1)) !== undefined;
  const candidates = monthsUpTo(now);
  let last = candidates.length - 1;
  while (last >= 0 && !(await isClosed(candidates[last] ?? ""))) last--;
  let first = last;
  while (first > 0 && (await isClosed(candidates[first - 1] ?? ""))) first--;
  if (last >= 0) return candidates.slice(first, last + 1);
  throw new SettlementError(
    "LEDGER_NOT_FOUND",
    `there is no closed month below this address up to ${now}: name the folder that holds anchors/`,
  );
}

function monthsUpTo(now: Month): readonly Month[] {
  const first = `${String(Number(now.slice(0, 4)) - searchedMonths / 12)}-01`;
  return monthsBetween(isMonth(first) ? first : now, nextMonth(now));
}

function parseMonths(value: JsonValue): readonly Month[] {
  const fields = fieldsOf("INDEX_MALFORMED", monthsFile, value);
  fields.version(1);
  return fields
    .list("months", 12 * 10_000)
    .map((month) => (isMonth(month) ? month : fields.fail('member "months" holds something other than months')));
}
