import { SettlementError } from "../../core/error.ts";
import { isJsonObject } from "../../core/json.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import {
  isAnchorEvent,
  type NetworkAnchor,
  networkAnchorFaults,
  parseAnchorNote,
  parseNetworkManifest,
} from "../../core/network-anchor.ts";
import type { LedgerState } from "../ledger-state.ts";
import { readJsonFile } from "../read-ledger.ts";
import { readable, type Readable, type RuleContext } from "../rule.ts";

const folder = "anchor/xrpl/manifests";

/** The note of an anchor event; undefined for any other event. @throws SettlementError when it cannot be read */
function claimOf({ event }: Readable): NetworkAnchor | undefined {
  return isAnchorEvent(event) ? parseAnchorNote(event) : undefined;
}

/** Monthly files made from a list have lost the order that windows speak of. */
function isOneList({ dialect, files }: LedgerState): boolean {
  return dialect === "jsonl" && files.every(({ month }) => month === "");
}

/**
 * jsonl dialect: manifests that the network published speak of windows of the ledger in file order, found by range and
 * count; the partition id is a label.
 */
export async function judgeNetworkManifests(context: RuleContext): Promise<void> {
  const { ledger, memory, sink } = context;
  if (ledger.root === "" || !isOneList(ledger)) return;
  const manifests: { readonly file: string; readonly claim: NetworkAnchor }[] = [];
  const paths = (await ledger.list(folder)).map(({ path }) => path);
  for (const file of paths.filter((path) => path.endsWith(".json"))) {
    const { parsed } = await readJsonFile(file, ledger.read, sink, parseNetworkManifest);
    if (parsed) manifests.push({ file, claim: parsed });
  }
  const roots = new Set([...anchoredRoots(context), ...manifests.map(({ claim }) => claim.root)]);
  for (const { file, claim } of manifests) {
    for (const [code, message] of networkAnchorFaults(claim, memory.windows, memory.windows.size, context.sha256)) {
      sink.add(code, { file }, message);
    }
    if (claim.prev !== null && !roots.has(claim.prev)) {
      sink.add("MANIFEST_PREV_UNKNOWN", { file }, `no manifest and no anchor event has the root ${claim.prev}`);
    }
  }
}

/** Roots that readable notes of anchor events name. */
function anchoredRoots({ entries }: RuleContext): string[] {
  return readable(entries).flatMap((entry) => readClaimOf(entry, () => undefined)?.root ?? []);
}

function readClaimOf(entry: Readable, onMalformed: (message: string) => void): NetworkAnchor | undefined {
  try {
    return claimOf(entry);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    onMalformed(error.message);
    return undefined;
  }
}

/** jsonl dialect: the note of an anchor event speaks of a window of the ledger that ends before the event itself. */
export function judgeAnchorNote(entry: Readable, context: RuleContext): void {
  const { ledger, memory, sink } = context;
  const { event, place } = entry;
  if (!isOneList(ledger)) return;
  const claim = readClaimOf(entry, (message) => sink.add("ANCHOR_NOTE_MALFORMED", place, message));
  if (!claim) return;
  const own = memory.windows.position(event.id) ?? memory.windows.size;
  const faults = networkAnchorFaults(claim, memory.windows, own, context.sha256).map(([, message]) => message);
  for (const message of [...faults, ...contradictions(event, claim)]) sink.add("ANCHOR_NOTE_MISMATCH", place, message);
}

/** The event's own members say the same as its note. */
function contradictions({ json }: LedgerEvent, { root }: NetworkAnchor): string[] {
  const artifacts = Array.isArray(json["artifacts"]) ? json["artifacts"].filter(isJsonObject) : [];
  return artifacts.some(({ sha256 }) => sha256 === root)
    ? []
    : [`no artifact has the anchored root ${root} as its sha256`];
}
