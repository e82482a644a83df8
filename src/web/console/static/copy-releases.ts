import { ledgerFolderName, manifestsFile, parseRules, rulesFile, rulesFileAt } from "../../../adapters/static-site.ts";
import { linesFile, readEvent } from "../../../adapters/read-event.ts";
import { type AnchoredWindows, rememberedWindows } from "../../../core/anchored-windows.ts";
import { fromUtf8, utf8 } from "../../../core/bytes.ts";
import { verifyEd25519 } from "../../../core/ed25519.ts";
import { SettlementError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { parseJson } from "../../../core/json.ts";
import { parseNodeManifest } from "../../../core/node-manifest.ts";
import { splitLines } from "../../../core/partition-scan.ts";
import { placed } from "../../../core/placed.ts";
import type { ReleaseView } from "../../../core/release-view.ts";
import type { FileTree } from "../../../ports.ts";
import { type ReleaseJudge, releaseJudge } from "../../../settle/judge-release.ts";
import { type NetworkRules, readNetworkRules } from "../../../settle/network-files.ts";
import { indexedReleases, type ReleaseLedger } from "../../../settle/release-events.ts";
import { builtInPins, serverPins, trustOf, withPins } from "../../pins.ts";
import type { ServerFacts } from "../data.ts";
import { locate } from "./copy-events.ts";
import type { CopyProver } from "./copy-proofs.ts";
import { type Copy, jsonAt } from "./open-copy.ts";

/** What the network keeps beside its events, as a tree in which the ledger is a folder. */
async function rulesTree(copy: Copy): Promise<FileTree> {
  const listed = placed(rulesFile, await rulesIn(copy));
  return {
    name: "the copy",
    entries: (prefix) =>
      Promise.resolve(
        listed.flatMap((path) => (path.startsWith(`${prefix}/`) ? [{ path, kind: "file" as const }] : [])),
      ),
    read: async (path) => (listed.includes(path) ? copy.files.read(rulesFileAt(path)) : undefined),
  };
}

async function rulesIn(copy: Copy): Promise<() => readonly string[]> {
  const bytes = await copy.files.read(rulesFile);
  return () => (bytes ? parseRules(parseJson(bytes)) : []);
}

/** Events whose ids, and bytes of the list, that a browser may be asked to hold at once. */
const maxWindowed = 500_000;
const maxListBytes = 8 * 1024 * 1024;

/**
 * Windows of the one list. Where events of months that were open stand between those of closed ones, the list itself is
 * read, for the indexes do not know them.
 */
async function windowsOf(copy: Copy, indexed: ReleaseLedger): Promise<AnchoredWindows> {
  const { months } = copy.site;
  const last = months.at(-1);
  const isWhole = (last?.index.rest ?? 0) + 1 >= Math.max(0, ...months.map(({ index }) => index.end));
  if (isWhole && (last?.evidence.s ?? 0) <= maxWindowed) return indexed.windows(sha256);
  const bytes = (await copy.files.part(linesFile, 0, maxListBytes + 1)) ?? new Uint8Array();
  if (bytes.length > maxListBytes) {
    throw new SettlementError(
      "LEDGER_FILE_TOO_LARGE",
      "a browser cannot judge the network's own anchors over a list of this size; ask a node, or settlement release",
    );
  }
  const windows = rememberedWindows(sha256);
  const lines = placed(linesFile, () => splitLines(fromUtf8(bytes)), "PARTITION_MALFORMED");
  for (const { text, line } of lines) windows.add(readEvent(text, `${linesFile} line ${line}`, sha256).event.id);
  return windows;
}

/** The rules of the network, without what it says of windows that go on behind the copy. */
async function rulesOf(copy: Copy, windows: () => Promise<AnchoredWindows>): Promise<NetworkRules> {
  const rules = await readNetworkRules({ tree: await rulesTree(copy), prefix: ledgerFolderName });
  if (copy.view.dialect === "monthly" || rules.manifests.length === 0) return rules;
  const known = await windows();
  return { ...rules, manifests: rules.manifests.filter(({ claim }) => known.position(claim.range[1]) !== undefined) };
}

async function judgeOf(copy: Copy, prover: CopyProver, facts: ServerFacts): Promise<ReleaseJudge> {
  const { view, ledger, archive, site } = copy;
  const old = site.months.find(({ index }) => !index.about);
  if (old) {
    throw new SettlementError(
      "INDEX_MALFORMED",
      `the index of ${old.month} does not tell what is said about a release: remove anchors/${old.month}/index in the ledger and export it again`,
    );
  }
  const manifests = await jsonAt(copy, manifestsFile);
  const nodes = placed(manifestsFile, () => (Array.isArray(manifests) ? manifests : []).map(parseNodeManifest));
  const form = site.months.at(-1)?.index.form ?? "array";
  const indexed = indexedReleases({ ...view, form, nodes }, { ledger, archive });
  let made: Promise<AnchoredWindows> | undefined;
  const windows = (): Promise<AnchoredWindows> => (made ??= windowsOf(copy, indexed));
  const rules = await rulesOf(copy, windows);
  const pins = withPins(builtInPins, serverPins(utf8(JSON.stringify(facts))));
  return releaseJudge({ ...indexed, windows }, rules, {
    verify: verifyEd25519,
    sha256,
    trust: trustOf(pins),
    async proofOf({ id }) {
      const { partition } = await locate(copy, id);
      return { month: partition.month, state: partition.state, prove: () => prover.bundle(id) };
    },
  });
}

/** Says what the copy knows about releases, by the rules of the network in it. */
export type JudgeRelease = (repo: string, version: string) => Promise<ReleaseView>;

/** @param facts - what the copy says of itself: its word is taken for who settles the ledger */
export function copyJudge(copy: Copy, prover: CopyProver, facts: () => Promise<ServerFacts>): JudgeRelease {
  let judge: Promise<ReleaseJudge> | undefined;
  return async (repo, version) => {
    // Whether there is such a release shows soonest.
    await locate(copy, `${repo}@${version}`);
    judge ??= facts().then((said) => judgeOf(copy, prover, said));
    judge.catch(() => (judge = undefined));
    return (await judge).judge(repo, version);
  };
}
