import { SettlementError } from "../core/error.ts";
import { type IndexFacts, indexFactsJson, parseIndexFacts } from "../core/event-index.ts";
import { type Evidence, parseEvidence } from "../core/evidence.ts";
import { type FieldReader, fieldsOf } from "../core/fields.ts";
import type { JsonValue } from "../core/json.ts";
import { type Manifest, parseManifest } from "../core/manifest.ts";
import { isMonth, type Month } from "../core/month.ts";
import { parseNetworkName } from "../core/network.ts";
import type { ReceiptFacts } from "../core/receipt.ts";
import { parseRfc3339 } from "../core/time.ts";

/** What a copy says of itself, and of all its months at once: each month has the same in files of its own. */
export const siteFile = "site.json";

/** What the ledger says of itself, as a node answers `/v1`. */
export const factsFile = "v1";

/** Sorted indexes over those of all months, which tell the months that may have an id or a term. */
export const siteIndexes = { ids: "index/ids", terms: "index/terms" } as const;

/** Every manifest of a node that was registered when the copy was made. */
export const manifestsFile = "registry/manifests.json";

/** Lists what the network keeps beside its events, by which releases are judged. */
export const rulesFile = "network/files.json";

/** The ledger folder in the paths of {@link rulesFile}. */
export const ledgerFolderName = "ledger";

/** Where a copy holds a file of the network: what was in the ledger folder lies where it lay. */
export function rulesFileAt(path: string): string {
  const inLedger = `${ledgerFolderName}/`;
  return path.startsWith(inLedger) ? path.slice(inLedger.length) : `network/${path}`;
}

export function rulesJson(files: readonly string[]): Readonly<Record<string, unknown>> {
  return { v: 1, files };
}

/** Files of a network: two for each node, and some. */
const maxRules = 1_000_000;

/** @throws SettlementError `INDEX_MALFORMED`, `FORMAT_VERSION_UNKNOWN` */
export function parseRules(value: JsonValue): readonly string[] {
  const fields = fieldsOf("INDEX_MALFORMED", rulesFile, value);
  fields.version(1);
  return fields.list("files", maxRules).map((path) => {
    const isPath = typeof path === "string" && /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_./-]{1,400}$/.test(path);
    return isPath ? path : fields.fail('member "files" holds something other than paths');
  });
}

/** Where and when a month was witnessed. */
interface Witnessed extends ReceiptFacts {
  readonly network: string;
  readonly networkId: number;
  readonly account: string;
}

export interface SiteMonth {
  readonly month: Month;
  readonly manifest: Manifest;
  readonly evidence: Evidence;
  readonly receipt: Witnessed | null;
  /** Are the validators' signatures there? */
  readonly hasXpop: boolean;
  readonly index: IndexFacts;
}

export interface Site {
  /** When the copy was made, RFC 3339. */
  readonly exportedAt: string;
  /** Of the program that made it. */
  readonly version: string;
  /** Records of each of {@link siteIndexes}. */
  readonly indexes: Readonly<Record<keyof typeof siteIndexes, number>>;
  /** Ascending. */
  readonly months: readonly SiteMonth[];
}

export function siteJson({ months, ...site }: Site): Readonly<Record<string, unknown>> {
  const each = ({ index, ...month }: SiteMonth): unknown => ({ ...month, index: indexFactsJson(index) });
  return { v: 1, ...site, months: months.map(each) };
}

/** Months in ten thousand years. */
const maxMonths = 120_000;
const maxRecords = 2 ** 40;

/** @throws SettlementError `INDEX_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, and those of its parts */
export function parseSite(value: JsonValue): Site {
  const fields = fieldsOf("INDEX_MALFORMED", siteFile, value);
  fields.version(1);
  const exportedAt = fields.text("exportedAt", 40);
  parseRfc3339(exportedAt);
  const months = fields.list("months", maxMonths).map(parseMonth);
  if (months.some(({ month }, at) => month <= (months[at - 1]?.month ?? ""))) fields.fail("its months do not ascend");
  const counts = fields.reader("indexes");
  const indexes = { ids: counts.count("ids", maxRecords), terms: counts.count("terms", maxRecords) };
  return { exportedAt, version: fields.text("version", 60), indexes, months };
}

function isTrue(fields: FieldReader, name: string): boolean {
  const value = fields.member(name);
  return typeof value === "boolean" ? value : fields.fail(`member ${JSON.stringify(name)} must be true or false`);
}

function parseMonth(value: JsonValue): SiteMonth {
  const fields = fieldsOf("INDEX_MALFORMED", siteFile, value);
  const month = fields.text("month", 7);
  if (!isMonth(month)) fields.fail('member "month" must be a month');
  const manifest = parseManifest(fields.member("manifest"));
  const evidence = parseEvidence(fields.member("evidence"));
  const index = parseIndexFacts(fields.member("index"));
  const receipt = fields.member("receipt");
  if (manifest.partitionId !== month || evidence.p !== month || index.count !== manifest.count) {
    throw new SettlementError("LEDGER_REFUTED", `${siteFile} names something of another month for ${month}`);
  }
  return {
    month,
    manifest,
    evidence,
    receipt: receipt === null ? null : parseWitnessed(receipt),
    hasXpop: isTrue(fields, "hasXpop"),
    index,
  };
}

function parseWitnessed(value: JsonValue): Witnessed {
  const fields = fieldsOf("INDEX_MALFORMED", `the receipt in ${siteFile}`, value);
  const closeTime = fields.text("closeTime", 40);
  parseRfc3339(closeTime);
  return {
    network: parseNetworkName(fields.text("network", 60)),
    networkId: fields.count("networkId"),
    account: fields.text("account", 60),
    transactionHash: fields.text("transactionHash", 64),
    ledgerIndex: fields.count("ledgerIndex"),
    ledgerHash: fields.text("ledgerHash", 64),
    closeTime,
  };
}
