import type { Site, SiteMonth } from "../../../adapters/static-site.ts";
import type { PartitionView } from "../../../settle/ledger-view.ts";
import type { Anchor, MonthDetail, MonthList, MonthSummary } from "../data.ts";

function statusOf({ receipt, hasXpop }: SiteMonth): MonthSummary["status"] {
  return !receipt ? "closed" : hasXpop ? "proven" : "anchored";
}

function summaryOf(listed: SiteMonth): MonthSummary {
  const { month, manifest, receipt, hasXpop } = listed;
  const files = ["checkpoint", "ledger-checkpoint", "manifest", "evidence", "nodes"];
  const names = ["events", ...files, ...(receipt ? ["receipt"] : []), ...(hasXpop ? ["xpop"] : [])];
  return {
    month,
    status: statusOf(listed),
    count: manifest.count,
    closedAt: null,
    root: manifest.root,
    manifestHash: manifest.manifestHash,
    receipt,
    links: Object.fromEntries(names.map((name) => [name, name])),
  };
}

/** All months. A copy does not say what is due next: it does not know what became of the ledger. */
export function monthList({ months }: Site): MonthList {
  return { partitions: months.map(summaryOf), next: null };
}

/** A month by its own files, which say what the list of months says. */
export function monthDetail({ months }: Site, { month, manifest, evidence }: PartitionView): MonthDetail {
  const listed = months.find((each) => each.month === month);
  if (!listed) throw new RangeError(month);
  return { ...summaryOf(listed), manifest: manifest ?? null, evidence: evidence ?? null };
}

export function anchorsOf({ months }: Site): readonly Anchor[] {
  return months.flatMap(({ month, receipt }) =>
    receipt ? [{ ...receipt, month, state: "anchored", attempt: null }] : [],
  );
}
