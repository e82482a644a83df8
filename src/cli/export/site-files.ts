import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  factsFile,
  manifestsFile,
  type Site,
  siteFile,
  siteIndexes,
  siteJson,
  type SiteMonth,
} from "../../adapters/static-site.ts";
import { monthsFile, monthsJson } from "../../adapters/static-ledger.ts";
import { utf8 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { localNotice, receiptFacts } from "../../core/receipt.ts";
import { ledgerOrigin } from "../../core/settlement-info.ts";
import { formatTimestamp } from "../../core/time.ts";
import { webFolder } from "../../http/web-page.ts";
import type { Archive } from "../../ports.ts";
import type { LedgerOutline } from "../../settle/ledger-view.ts";
import { siteIndex } from "../../settle/site-index.ts";
import { publishedJson } from "../../settle/published-json.ts";
import { registryFiles } from "../../settle/registry-files.ts";
import { version } from "../../version.ts";

/** A file that the copy has beside those of the ledger. */
export type MadeFile = readonly [path: string, bytes: Uint8Array];

function monthOf({ month, manifest, evidence, receipt, xpop, index }: LedgerOutline["closed"][number]): SiteMonth {
  if (!manifest || !evidence || !index) {
    throw new SettlementError(
      "INDEX_MALFORMED",
      `what finds the events of ${month} does not fit what was closed: remove anchors/${month}/index in the ledger and export it again`,
    );
  }
  const witnessed = receipt && {
    network: receipt.network,
    networkId: receipt.networkId,
    account: receipt.account,
    ...receiptFacts(receipt),
  };
  return { month, manifest, evidence, receipt: witnessed ?? null, hasXpop: xpop !== undefined, index };
}

/** What a node answers `/v1`. */
function factsOf({ settlement, closed }: LedgerOutline): Readonly<Record<string, unknown>> {
  const { manifest, index } = closed.at(-1) ?? {};
  const network = manifest?.network ?? "local";
  return {
    name: "repomesh-settlement",
    version,
    network,
    ...(network === "local" ? { notice: localNotice } : {}),
    dialect: index?.dialect ?? "monthly",
    origin: settlement ? ledgerOrigin(settlement.host) : null,
    key: settlement?.key ?? null,
    accounts: settlement?.accounts ?? [],
  };
}

/**
 * What makes a site of the copied files, what others name last: the registry, what the ledger and the copy say of
 * themselves.
 *
 * @param outline - as it was before its files were copied: what came since may be in the copy or not
 */
export async function siteFiles(
  outline: LedgerOutline,
  archive: Archive,
  atUnixMs: number,
): Promise<readonly MadeFile[]> {
  const { closed, nodes } = outline;
  const months = closed.map(monthOf);
  const sizes = months.map(({ month, index: { count, terms } }) => ({ month, count, terms }));
  const ids = await siteIndex(sizes, "ids", archive);
  const terms = await siteIndex(sizes, "terms", archive);
  const site: Site = {
    exportedAt: formatTimestamp(atUnixMs),
    version,
    indexes: { ids: ids.count, terms: terms.count },
    months,
  };
  return [
    ...registryFiles(nodes).map(({ name, text }) => [`registry/${name}`, utf8(text)] as const),
    [manifestsFile, publishedJson(nodes.map(({ json }) => json))],
    [siteIndexes.ids, ids.bytes],
    [siteIndexes.terms, terms.bytes],
    [factsFile, publishedJson(factsOf(outline))],
    [monthsFile, publishedJson(monthsJson(closed.map(({ month }) => month)))],
    [siteFile, publishedJson(siteJson(site))],
  ];
}

/** The pages for people, where they were built with this program. */
export function sitePages(folder: string = webFolder): readonly MadeFile[] {
  const pages = [
    ["verify.html", "verify.html"],
    ["index.html", "copy.html"],
  ] as const;
  return pages.flatMap(([path, name]) => {
    const file = join(folder, name);
    return existsSync(file) ? [[path, new Uint8Array(readFileSync(file))] as const] : [];
  });
}
