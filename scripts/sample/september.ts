import type { Chronicle } from "./chronicle.ts";
import {
  advisories,
  buoyFeed,
  chartTiles,
  harborBrief,
  houseRules,
  scanner,
  swell,
  tidegauge,
  uptime,
} from "./nodes.ts";
import { notRebuilt } from "./repositories.ts";

const dependency = "pkg:npm/%40driftwood-example/geotar@3.1.4";
const cveId = "CVE-2026-9000117";

/** A dependency that two repositories share turns out vulnerable; the tile builders change their key. */
export function september({ say, release, attest, released }: Chronicle): void {
  for (const [repo, version, severity, at] of [
    [buoyFeed, "1.7.0", "high", "2026-09-01T05:10:00.318Z"],
    [harborBrief, "0.3.0", "medium", "2026-09-01T05:10:00.964Z"],
  ] as const) {
    say("DependencyVulnFound", advisories, at, { repo, version, dependency, cveId, severity, fixAvailable: false });
  }
  attest(scanner, released(buoyFeed, "1.7.0"), "2026-09-01T05:22:41.530Z", {
    "security.scan": [
      "fail",
      `${cveId}: a crafted archive writes outside its folder; the feed unpacks archives of strangers`,
    ],
  });
  attest(scanner, released(harborBrief, "0.3.0"), "2026-09-01T05:23:07.002Z", {
    "security.scan": ["warn", `${cveId}: the vulnerable function is linked and never called`],
  });
  say("DependencyVulnFound", advisories, "2026-09-02T18:40:00.121Z", {
    repo: buoyFeed,
    version: "1.7.0",
    dependency,
    cveId,
    severity: "high",
    fixAvailable: true,
    fixedVersion: "3.1.5",
  });
  release({
    repo: buoyFeed,
    version: "1.7.1",
    at: "2026-09-02T21:15:44Z",
    remarks: { "security.scan": ["pass", `geotar 3.1.5: ${cveId} is fixed`] },
  });
  release({
    repo: harborBrief,
    version: "0.3.1",
    at: "2026-09-04T08:02:36Z",
    profile: "baseline",
    hasSbom: false,
  });
  release({ repo: tidegauge, version: "1.5.0", at: "2026-09-08T11:30:08Z", by: "oskar-2026" });
  release({ repo: chartTiles, version: "0.9.2", at: "2026-09-10T14:55:50Z", profile: "regulated" });
  say("InterfaceUpdated", chartTiles, "2026-09-10T14:57:31Z", {
    repo: chartTiles,
    version: "0.9.2",
    interface: "tile-style",
    schemaDiff: { added: ["layer.minzoom", "layer.maxzoom"], removed: [], changed: [] },
    backwardCompatible: true,
  });
  release({
    repo: swell,
    version: "4.2.0",
    at: "2026-09-16T09:47:29Z",
    profile: "baseline",
    remarks: notRebuilt,
  });
  say("PolicyViolation", houseRules, "2026-09-17T06:00:09Z", {
    repo: swell,
    version: "4.2.0",
    ruleId: "changelog.missing",
    targetEventId: released(swell, "4.2.0").id,
    details: "The manifest promises a changelog, and CHANGELOG.md of 4.2.0 ends at 4.1.0.",
    suggestedAction: "Describe 4.2.0 in CHANGELOG.md; the next release carries it.",
  });
  release({ repo: chartTiles, version: "0.10.0", at: "2026-09-22T15:10:03Z", profile: "regulated" });
  say("HealthCheckFailed", uptime, "2026-09-24T12:05:00.087Z", {
    repo: swell,
    checkType: "ci.build",
    details:
      "The nightly build of the main branch failed three times in a row: the test of shoaling at 8 m depth is off by 4 cm.",
    severity: "low",
  });
  release({ repo: harborBrief, version: "0.4.0", at: "2026-09-29T06:58:55Z" });
}
