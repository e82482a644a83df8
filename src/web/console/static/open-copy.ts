import { staticBlocks } from "../../../adapters/static-blocks.ts";
import { type StaticFiles, staticFiles } from "../../../adapters/static-files.ts";
import { staticLedger } from "../../../adapters/static-ledger.ts";
import { parseSite, type Site, siteFile, type SiteMonth } from "../../../adapters/static-site.ts";
import { SettlementError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { type JsonValue, parseJson } from "../../../core/json.ts";
import { monthOf } from "../../../core/month.ts";
import { placed } from "../../../core/placed.ts";
import { receiptFacts } from "../../../core/receipt.ts";
import type { Archive, Ledger } from "../../../ports.ts";
import type { LedgerSource, LedgerView, PartitionView } from "../../../settle/ledger-view.ts";
import { archivedIndex, indexedEvents } from "../../../settle/month-events.ts";
import { readPublished } from "../../../settle/read-closed.ts";
import { nowUnixMs } from "../format.ts";
import { monthRegister, type MonthRegister, registered } from "./month-register.ts";

/** An exported ledger, of which nothing but what is asked for is fetched. */
export interface Copy {
  readonly site: Site;
  readonly files: StaticFiles;
  readonly ledger: Ledger;
  readonly archive: Archive;
  /** The closed months, found by their indexes. What was published of a month is read by {@link Copy.month}. */
  readonly view: LedgerView;
  /** A month with what its own files say. @throws SettlementError `PARTITION_NOT_FOUND`, `LEDGER_REFUTED` when the copy contradicts itself */
  month(month: string): Promise<PartitionView>;
}

/** Requests for the files of the page's own server, as the console makes all of its requests. */
const rules = { mode: "same-origin", credentials: "omit", redirect: "error", cache: "no-cache" } as const;

/** @param base - the folder that holds the copy, ending in a slash. @throws SettlementError */
export async function openCopy(base: URL): Promise<Copy> {
  if (base.protocol === "file:") {
    throw new SettlementError(
      "STATIC_COPY_UNREACHABLE",
      "a browser lets a saved page read no file beside it: serve this folder by any host of files, such as python3 -m http.server",
    );
  }
  const files = staticBlocks(staticFiles(base.href, { rules, keepsWhole: true }));
  const bytes = await files.read(siteFile);
  if (!bytes)
    throw new SettlementError("LEDGER_NOT_FOUND", `there is no ${siteFile} beside this page; export it again`);
  const site = placed(siteFile, () => parseSite(parseJson(bytes)));
  const opened = staticLedger(files, monthOf(nowUnixMs()), sha256);
  const { ledger } = opened;
  const archive = knownFiles(opened.archive, site);
  const view = viewOf(site, { ledger, archive }, monthRegister(site, files));
  const month = async (name: string): Promise<PartitionView> => {
    const [partition, listed] = [view.byMonth.get(name), site.months.find((each) => each.month === name)];
    if (partition && listed) return publishedMonth(partition, listed, archive);
    const [first, last] = [site.months[0]?.month, site.months.at(-1)?.month];
    throw new SettlementError(
      "PARTITION_NOT_FOUND",
      `this copy has no month ${name}; it runs from ${first} to ${last}`,
    );
  };
  return { site, files, ledger, archive, view, month };
}

/** A file that every copy has. @throws SettlementError `LEDGER_REFUTED` when it is missing, and those of `parseJson` */
export async function jsonAt({ files }: Copy, path: string): Promise<JsonValue> {
  const bytes = await files.read(path);
  if (bytes) return placed(path, () => parseJson(bytes));
  throw new SettlementError("LEDGER_REFUTED", `${path} is missing in this copy; export it again`);
}

/** The archive without the files that the copy says it has not: hosts answer in many ways for those. */
function knownFiles(archive: Archive, { months }: Site): Archive {
  const byMonth = new Map(months.map((each) => [each.month, each]));
  return {
    ...archive,
    months: () => Promise.resolve([...byMonth.keys()]),
    async read(month, name) {
      const known = byMonth.get(month);
      if (name === "receipt.json" && !known?.receipt) return undefined;
      if (name === "xpop.json" && known?.hasXpop !== true) return undefined;
      return archive.read(month, name);
    },
  };
}

function viewOf({ months }: Site, { ledger, archive }: LedgerSource, register: MonthRegister): LedgerView {
  const partitions = months.map(({ month, manifest, evidence, receipt, index }, number): PartitionView => {
    const file = index.form === "lines" ? "" : month;
    const all = indexedEvents(ledger, file, archivedIndex(archive, month, index));
    const events = registered(all, number, register);
    return { month, state: receipt ? "anchored" : "closed", manifest, evidence, events };
  });
  return {
    dialect: months.at(-1)?.index.dialect ?? "monthly",
    settlement: undefined,
    nodes: [],
    // What the tiles do not prove is not searched for in the events, which would be all of them.
    form: "array",
    files: [],
    closed: months.map(({ month, manifest, evidence, index }) => ({ month, manifest, evidence, index })),
    partitions,
    byMonth: new Map(partitions.map((each) => [each.month, each])),
  };
}

/** What the files of a month say, where the list of months says the same. */
async function publishedMonth(
  partition: PartitionView,
  { month, manifest, evidence, receipt }: SiteMonth,
  archive: Archive,
): Promise<PartitionView> {
  const found = await readPublished(archive, month);
  const isSame =
    found.manifest?.manifestHash === manifest.manifestHash &&
    JSON.stringify(found.evidence) === JSON.stringify(evidence) &&
    (found.receipt && receiptFacts(found.receipt).transactionHash) === receipt?.transactionHash;
  if (isSame) return { ...partition, ...found };
  throw new SettlementError(
    "LEDGER_REFUTED",
    `${siteFile} and the files of ${month} contradict each other: the copy was altered, or is being replaced; export it again`,
  );
}
