import type { NodeKind } from "../../src/core/event-types.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseTimestamp } from "../../src/core/time.ts";
import { samplePublicKeyPem, settlementKeyId, settlementNodeId } from "./keys.ts";

/** A maintainer before the key is made; a manifest says no more about it than this and the public key. */
interface Key {
  readonly name: string;
  readonly keyId: string;
  readonly contact: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
}

interface SampleNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly description: string;
  readonly provides: readonly string[];
  readonly consumes: readonly string[];
  /** `name version`, such as `observations v2`. */
  readonly interfaces: readonly string[];
  /** Promises that the node does not make. */
  readonly withholds?: readonly Invariant[];
  readonly keys: readonly Key[];
  readonly tags: readonly string[];
}

const invariants = ["deterministicBuild", "signedReleases", "semver", "changelog"] as const;

type Invariant = (typeof invariants)[number];

/** When the tile builders changed their key: events before it carry the old one, later ones the new one. */
const keyChange = "2026-09-15T00:00:00Z";

export const tidegauge = "tidewater-labs/tidegauge";
export const chartTiles = "tidewater-labs/chart-tiles";
export const buoyFeed = "saltmarsh-data/buoy-feed";
export const swell = "marram-models/swell";
export const harborBrief = "saltmarsh-data/harbor-brief";
export const rebuilder = "keelson-audits/rebuilder";
export const scanner = "slackwater-review/scanner";
export const houseRules = "tidewater-net/house-rules";
export const advisories = "gullwatch/advisories";
export const uptime = "gullwatch/uptime";

const repositories: readonly SampleNode[] = [
  {
    id: tidegauge,
    kind: "compute",
    description: "Tide predictions from harmonic constituents, as a library and a command",
    provides: ["tides.prediction.v1"],
    consumes: [],
    interfaces: ["stations v2", "prediction v1"],
    keys: [
      { name: "Inês Valadão", keyId: "ines-2026", contact: "ines@tidewater-labs.example" },
      { name: "Oskar Lindqvist", keyId: "oskar-2026", contact: "oskar@tidewater-labs.example" },
    ],
    tags: ["tides", "library"],
  },
  {
    id: chartTiles,
    kind: "compute",
    description: "Vector tiles of coasts, depths and buoys, built from open charts",
    provides: ["charts.tiles.v1"],
    consumes: ["tides.prediction.v1", "buoys.observations.v2"],
    interfaces: ["tile-style v1"],
    keys: [
      { name: "chart-tiles CI", keyId: "ci-2025", contact: "charts@tidewater-labs.example", validUntil: keyChange },
      { name: "chart-tiles CI", keyId: "ci-2026", contact: "charts@tidewater-labs.example", validFrom: keyChange },
    ],
    tags: ["maps", "tiles"],
  },
  {
    id: buoyFeed,
    kind: "compute",
    description: "One clean stream of buoy observations out of a dozen national formats",
    provides: ["buoys.observations.v2"],
    consumes: [],
    interfaces: ["observations v2"],
    keys: [{ name: "Rosa Okafor", keyId: "release-2026", contact: "releases@saltmarsh-data.example" }],
    tags: ["observations", "feed"],
  },
  {
    id: swell,
    kind: "compute",
    description: "Nearshore wave model, from wind fields to the height at the pier",
    provides: ["waves.forecast.v1"],
    consumes: ["buoys.observations.v2"],
    interfaces: ["forecast v1"],
    withholds: ["deterministicBuild"],
    keys: [{ name: "Marram release robot", keyId: "robot-3", contact: "team@marram-models.example" }],
    tags: ["waves", "model"],
  },
  {
    id: harborBrief,
    kind: "compute",
    description: "The morning briefing for a small harbour: tide, wind, waves and warnings on one page",
    provides: ["harbor.briefing.v1"],
    consumes: ["tides.prediction.v1", "buoys.observations.v2", "waves.forecast.v1"],
    interfaces: ["briefing v1"],
    keys: [{ name: "Rosa Okafor", keyId: "brief-2026", contact: "releases@saltmarsh-data.example" }],
    tags: ["command-line"],
  },
];

const watchers: readonly SampleNode[] = [
  {
    id: rebuilder,
    kind: "attestor",
    description: "Builds every release again and compares the bytes",
    provides: ["build.reproduction.v1", "build.provenance.v1"],
    consumes: ["registry.index.v1"],
    interfaces: ["rebuild-report v1"],
    keys: [{ name: "Keelson rebuild farm", keyId: "farm-2026", contact: "farm@keelson-audits.example" }],
    tags: ["attestor", "reproducible-builds"],
  },
  {
    id: scanner,
    kind: "attestor",
    description: "Audits the licences and known vulnerabilities of what a release contains",
    provides: ["license.audit.v1", "security.scan.v1"],
    consumes: ["registry.index.v1", "security.advisories.v1"],
    interfaces: ["scan-report v1"],
    keys: [{ name: "Slackwater scanner", keyId: "scan-1", contact: "scans@slackwater-review.example" }],
    tags: ["attestor", "licences", "security"],
  },
  {
    id: houseRules,
    kind: "policy",
    description: "The rules of the network, and who broke them",
    provides: ["policy.rules.v1"],
    consumes: ["registry.index.v1"],
    interfaces: ["rules v1"],
    keys: [{ name: "Tidewater stewards", keyId: "rules-2026", contact: "stewards@tidewater-net.example" }],
    tags: ["policy"],
  },
  {
    id: advisories,
    kind: "oracle",
    description: "Vulnerabilities in what the repositories of the network depend on",
    provides: ["security.advisories.v1"],
    consumes: ["registry.index.v1"],
    interfaces: ["advisory v1"],
    keys: [{ name: "Gullwatch advisories", keyId: "advisories-2", contact: "watch@gullwatch.example" }],
    tags: ["oracle", "security"],
  },
  {
    id: uptime,
    kind: "oracle",
    description: "Builds and endpoints of the network, looked at every five minutes",
    provides: ["health.checks.v1"],
    consumes: ["registry.index.v1"],
    interfaces: ["health v1"],
    keys: [{ name: "Gullwatch probes", keyId: "probes-1", contact: "watch@gullwatch.example" }],
    tags: ["oracle", "health"],
  },
];

const institutions: readonly SampleNode[] = [
  {
    id: "tidewater-net/registry",
    kind: "registry",
    description: "Index of nodes, capabilities and trust scores",
    provides: ["registry.index.v1", "trust.scores.v1"],
    consumes: ["build.reproduction.v1", "license.audit.v1", "security.scan.v1"],
    interfaces: ["index v1"],
    keys: [{ name: "Tidewater stewards", keyId: "registry-2026", contact: "stewards@tidewater-net.example" }],
    tags: ["registry"],
  },
  {
    id: settlementNodeId,
    kind: "settlement",
    description: "Closes the months of the ledger and anchors their roots",
    provides: ["settlement.anchor.v1"],
    consumes: ["registry.index.v1"],
    interfaces: ["receipt v1"],
    keys: [{ name: "Tidewater anchor", keyId: settlementKeyId, contact: "anchor@tidewater-net.example" }],
    tags: ["settlement"],
  },
  {
    id: "tidewater-net/council",
    kind: "governance",
    description: "Proposals and votes on the rules of the network",
    provides: ["governance.decisions.v1"],
    consumes: ["trust.scores.v1", "policy.rules.v1"],
    interfaces: ["proposal v1"],
    keys: [{ name: "Tidewater council", keyId: "council-2026", contact: "council@tidewater-net.example" }],
    tags: ["governance"],
  },
  {
    id: "tidewater-net/harbormaster",
    kind: "identity",
    description: "Who holds which key, and until when",
    provides: ["identity.keys.v1"],
    consumes: ["governance.decisions.v1"],
    interfaces: ["key-record v1"],
    keys: [{ name: "Tidewater harbormaster", keyId: "keys-2026", contact: "keys@tidewater-net.example" }],
    tags: ["identity"],
  },
];

export const sampleNodes: readonly SampleNode[] = [...repositories, ...watchers, ...institutions];

/** Id of the key that signs for a node at a time; of several that may, the first unless `name` picks another. */
export function signingKeyId(nodeId: string, timestamp: string, name?: string): string {
  const node = sampleNodes.find(({ id }) => id === nodeId);
  const key = node?.keys.find(
    ({ keyId, validFrom = timestamp, validUntil }) =>
      parseTimestamp(timestamp) >= parseTimestamp(validFrom) &&
      (validUntil === undefined || parseTimestamp(timestamp) < parseTimestamp(validUntil)) &&
      (name === undefined || name === keyId),
  );
  if (!key) throw new RangeError(`no key ${name ?? ""} of ${nodeId} at ${timestamp}`);
  return key.keyId;
}

/** The `node.json` of a node. */
export function nodeJson({ id, kind, withholds = [], ...node }: SampleNode): JsonObject {
  const [org = "", repo = ""] = id.split("/");
  return {
    id,
    kind,
    description: node.description,
    homepage: `https://${org}.example/${repo}`,
    provides: node.provides,
    consumes: node.consumes,
    interfaces: node.interfaces.map((text) => {
      const [name = "", version = ""] = text.split(" ");
      return { name, version, schemaPath: `./schemas/${name}.${version}.json`, stability: "stable" };
    }),
    invariants: Object.fromEntries(invariants.map((promise) => [promise, !withholds.includes(promise)])),
    maintainers: node.keys.map(({ name, keyId, contact, ...window }) => ({
      name,
      keyId,
      publicKey: samplePublicKeyPem(id, keyId),
      contact,
      ...window,
    })),
    tags: node.tags,
  };
}
