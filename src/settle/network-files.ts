import type { JsonValue } from "../core/json.ts";
import { parseJson } from "../core/json.ts";
import { type NetworkAnchor, parseNetworkManifest } from "../core/network-anchor.ts";
import { isNodeId, type NodeId } from "../core/node-id.ts";
import { placed } from "../core/placed.ts";
import { defaultPolicy, parsePolicy, type Policy } from "../core/policy.ts";
import { type CheckPolicy, parseCheckPolicies, type Weights } from "../core/release-policy.ts";
import {
  isProfileName,
  knownProfiles,
  parseOverrides,
  parseProfile,
  parseProfileChoice,
  type Profile,
} from "../core/release-profile.ts";
import type { FileTree } from "../ports.ts";

/** What a network says beside its events: who may attest what, and what releases have to show. */
export interface NetworkRules {
  /** Whom the policy lets speak of others; where there is none, every node of a fitting kind. */
  readonly policy: Policy;
  readonly policyFrom: "file" | "default";
  readonly checks: ReadonlyMap<string, CheckPolicy>;
  /** Manifests of the network's own anchors, by file. */
  readonly manifests: readonly { readonly file: string; readonly claim: NetworkAnchor }[];
  profile(name: string): Promise<Profile | undefined>;
  /** The profile that a node chose, by name, and the weights it asks for. */
  choiceOf(node: NodeId): Promise<NodeChoice>;
}

export interface NodeChoice {
  readonly profile: string | undefined;
  readonly overrides: ReadonlyMap<string, Weights>;
}

/** A network of which nothing but the ledger is at hand. */
export const bareRules: NetworkRules = {
  policy: defaultPolicy,
  policyFrom: "default",
  checks: new Map(),
  manifests: [],
  profile: (name) => Promise.resolve(knownProfiles.get(name)),
  choiceOf: () => Promise.resolve({ profile: undefined, overrides: new Map() }),
};

const maxBytes = 1_048_576;
const manifestFolder = "anchor/xrpl/manifests";

/** Where the files of a network are: the tree, and the path of the ledger folder in it. */
export interface NetworkPlace {
  readonly tree: FileTree;
  /** `""` where the tree is the ledger folder itself: what lies beside it is not at hand then. */
  readonly prefix: string;
}

/**
 * Reads what a network keeps beside its ledger: `verifier.policy.json`, `profiles/`, `anchor/xrpl/manifests/`, and in the
 * ledger `repomesh.profile.json` and `repomesh.overrides.json` of nodes.
 *
 * @param given - bytes of a policy to use instead of the network's
 * @throws SettlementError `POLICY_MALFORMED`, `MANIFEST_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, those of `parseJson`, `LEDGER_UNREADABLE`
 */
export async function readNetworkRules({ tree, prefix }: NetworkPlace, given?: Uint8Array): Promise<NetworkRules> {
  const isWhole = prefix !== "";
  const below = (path: string): string => (isWhole ? `${prefix}/${path}` : path);
  const readFile = async <T>(path: string, parse: (value: JsonValue) => T): Promise<T | undefined> => {
    const bytes = await tree.read(path);
    return bytes && placed(path, () => parse(parseJson(bytes, { maxBytes })));
  };
  const policy = given ?? (isWhole ? await tree.read("verifier.policy.json") : undefined);
  const rules = policy && placed("verifier.policy.json", () => rulesIn(parseJson(policy, { maxBytes })));
  const names = isWhole ? (await tree.entries(manifestFolder)).map(({ path }) => path) : [];
  const manifests = await Promise.all(
    names
      .filter((path) => path.endsWith(".json"))
      .map(async (file) => ({ file, claim: await readFile(file, parseNetworkManifest) })),
  );
  return {
    policy: rules?.policy ?? defaultPolicy,
    policyFrom: rules ? "file" : "default",
    checks: rules?.checks ?? new Map(),
    manifests: manifests.flatMap(({ file, claim }) => (claim ? [{ file, claim }] : [])),
    async profile(name) {
      if (!isProfileName(name)) return undefined;
      const own = isWhole ? await readFile(`profiles/${name}.json`, parseProfile) : undefined;
      return own ?? knownProfiles.get(name);
    },
    async choiceOf(node) {
      const folder = below(`nodes/${isNodeId(node) ? node : "unknown/unknown"}`);
      const [profile, overrides] = await Promise.all([
        readFile(`${folder}/repomesh.profile.json`, parseProfileChoice),
        readFile(`${folder}/repomesh.overrides.json`, parseOverrides),
      ]);
      return { profile, overrides: overrides ?? new Map() };
    },
  };
}

function rulesIn(value: JsonValue): Pick<NetworkRules, "policy" | "checks"> {
  return { policy: parsePolicy(value), checks: parseCheckPolicies(value) };
}
