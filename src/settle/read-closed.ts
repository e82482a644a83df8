import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type Evidence, parseEvidence } from "../core/evidence.ts";
import { type JsonValue, parseJson } from "../core/json.ts";
import { type Manifest, parseManifest } from "../core/manifest.ts";
import type { Month } from "../core/month.ts";
import { type NodeManifest, parseNodeManifest } from "../core/node-manifest.ts";
import { placed } from "../core/placed.ts";
import { parseReceipt, type Receipt } from "../core/receipt.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { Archive } from "../ports.ts";

/** What was published of a month, as far as it got. */
export interface Published {
  readonly manifest?: Manifest;
  readonly evidence?: Evidence;
  readonly receipt?: Receipt;
  /** Bytes of `xpop.json`; whoever uses them reads and checks them. */
  readonly xpop?: Uint8Array;
}

async function readJson<T>(
  archive: Archive,
  month: Month,
  name: string,
  parse: (value: JsonValue) => T,
): Promise<T | undefined> {
  const bytes = await archive.read(month, name);
  return bytes && placed(`anchors/${month}/${name}`, () => parse(parseJson(bytes)));
}

/** A file of a month that is closed, and so has to be there. */
function required<T>(month: Month, name: string, found: T | undefined): T {
  if (found !== undefined) return found;
  throw new SettlementError(
    "LEDGER_REFUTED",
    `anchors/${month}/${name} is missing though the month is closed; restore it from a copy or from version control`,
  );
}

/**
 * @throws SettlementError the codes of the files when they are not well formed, `LEDGER_REFUTED` when a closed month has
 * no evidence
 */
export async function readPublished(archive: Archive, month: Month): Promise<Published> {
  const [manifest, evidence, receipt, xpop] = await Promise.all([
    readJson(archive, month, "manifest.json", (value) => parseManifest(value)),
    readJson(archive, month, "evidence.json", parseEvidence),
    readJson(archive, month, "receipt.json", parseReceipt),
    archive.read(month, "xpop.json"),
  ]);
  if (manifest) required(month, "evidence.json", evidence);
  if (receipt && (receipt.month !== month || receipt.manifestHash !== manifest?.manifestHash)) {
    throw new SettlementError(
      "LEDGER_REFUTED",
      `anchors/${month}/receipt.json is of ${receipt.month} and manifest ${receipt.manifestHash}, not of this month; restore it, or delete it and anchor again`,
    );
  }
  return {
    ...(manifest ? { manifest } : {}),
    ...(evidence ? { evidence } : {}),
    ...(receipt ? { receipt } : {}),
    ...(xpop ? { xpop } : {}),
  };
}

/**
 * What was published of a closed month.
 *
 * @throws SettlementError `PARTITION_NOT_CLOSED`, and those of {@link readPublished}
 */
export async function readClosed(
  archive: Archive,
  month: Month,
): Promise<ClosedClaim & { readonly receipt?: Receipt }> {
  const { manifest, evidence, receipt } = await readPublished(archive, month);
  if (manifest && evidence) return { manifest, evidence, ...(receipt ? { receipt } : {}) };
  throw new SettlementError(
    "PARTITION_NOT_CLOSED",
    `${month} is not closed yet; close it with: settlement close ${month}`,
  );
}

/** The node manifests as they stood at the close. @throws SettlementError as {@link readPublished}, and `NODE_MALFORMED` */
export async function readClosedNodes(archive: Archive, month: Month): Promise<readonly NodeManifest[]> {
  return required(month, "nodes.json", await readJson(archive, month, "nodes.json", parseNodes));
}

function parseNodes(value: JsonValue): NodeManifest[] {
  if (Array.isArray(value)) return value.map(parseNodeManifest);
  throw new SettlementError("NODE_MALFORMED", "a list of node manifests is expected");
}

/** A signed note of a closed month. @throws SettlementError `LEDGER_REFUTED`, `UTF8_MALFORMED` */
export async function readClosedNote(
  archive: Archive,
  month: Month,
  name: "checkpoint" | "ledger-checkpoint",
): Promise<string> {
  const bytes = required(month, name, await archive.read(month, name));
  return placed(`anchors/${month}/${name}`, () => fromUtf8(bytes));
}
