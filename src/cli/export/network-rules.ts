import { ledgerFolderName, rulesFile, rulesFileAt, rulesJson } from "../../adapters/static-site.ts";
import { SettlementError } from "../../core/error.ts";
import { readNetworkRules } from "../../settle/network-files.ts";
import { publishedJson } from "../../settle/published-json.ts";
import type { OpenLedger } from "../../compose.ts";
import type { MadeFile } from "./site-files.ts";

const policyFile = "verifier.policy.json";
const folders = ["profiles", "anchor/xrpl/manifests"];
const ofNodes = /^nodes\/[^/]+\/[^/]+\/repomesh\.(?:profile|overrides)\.json$/;

/** Paths of what a network keeps beside its events to judge releases by, in the tree that is open. */
async function pathsOf({ tree, prefix }: OpenLedger): Promise<readonly string[]> {
  const files = async (folder: string): Promise<string[]> =>
    (await tree.entries(folder)).flatMap(({ path, kind }) => (kind === "file" || kind === "executable" ? [path] : []));
  const inLedger = prefix === "" ? "" : `${prefix}/`;
  const chosen = (await files(`${inLedger}nodes`)).filter((path) => ofNodes.test(path.slice(inLedger.length)));
  if (prefix === "") return chosen;
  const beside = (await Promise.all(folders.map(files))).flat().filter((path) => path.endsWith(".json"));
  return [policyFile, ...beside, ...chosen];
}

/**
 * What releases are judged by beside the events: policy, profiles and choices of the network, as a copy holds them. None
 * where they cannot be read, which a judge would not take either.
 *
 * @param policy - bytes of a policy to use instead of the network's
 */
export async function networkRules(
  open: OpenLedger,
  policy: Uint8Array | undefined,
  onFault: (error: SettlementError) => void,
): Promise<readonly MadeFile[]> {
  try {
    await readNetworkRules(open, policy);
  } catch (error) {
    if (!(error instanceof SettlementError) || error.kind === "unavailable") throw error;
    onFault(error);
    return [];
  }
  const found = new Map<string, Uint8Array>();
  for (const path of await pathsOf(open)) {
    const bytes = await open.tree.read(path);
    const isInLedger = open.prefix === "" || path.startsWith(`${open.prefix}/`);
    const name = isInLedger
      ? `${ledgerFolderName}/${path.slice(open.prefix === "" ? 0 : open.prefix.length + 1)}`
      : path;
    if (bytes) found.set(name, bytes);
  }
  if (policy) found.set(policyFile, policy);
  const made = Array.from(found, ([name, bytes]): MadeFile => [rulesFileAt(name), bytes]);
  return [...made, [rulesFile, publishedJson(rulesJson([...found.keys()].toSorted()))]];
}
