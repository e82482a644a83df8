import type { Chronicle } from "./chronicle.ts";
import {
  advisories,
  buoyFeed,
  chartTiles,
  harborBrief,
  houseRules,
  rebuilder,
  swell,
  tidegauge,
  uptime,
} from "./nodes.ts";
import { notRebuilt } from "./repositories.ts";

/** The buoy feed breaks its users, is told so, and they follow. */
export function october({ say, release, attest, released }: Chronicle): void {
  release({ repo: buoyFeed, version: "1.8.0", at: "2026-10-01T12:26:18Z" });
  say("InterfaceUpdated", buoyFeed, "2026-10-01T12:27:40Z", {
    repo: buoyFeed,
    version: "1.8.0",
    interface: "observations",
    schemaDiff: {
      added: ["observation.waterTemperatureC"],
      removed: [],
      changed: [],
      summary: "The temperature of the water under a name with its unit, beside the old wtmp.",
    },
    backwardCompatible: true,
  });
  release({
    repo: swell,
    version: "4.2.1",
    at: "2026-10-08T09:33:14Z",
    profile: "baseline",
    remarks: notRebuilt,
  });
  say("DependencyVulnFound", advisories, "2026-10-09T04:55:00.640Z", {
    repo: tidegauge,
    version: "1.5.0",
    dependency: "pkg:npm/%40driftwood-example/leap-table@0.9.3",
    cveId: "CVE-2026-9000284",
    severity: "low",
    fixAvailable: true,
    fixedVersion: "0.9.4",
  });
  release({
    repo: tidegauge,
    version: "1.5.1",
    at: "2026-10-12T10:18:47Z",
    by: "ines-2026",
    remarks: { "security.scan": ["pass", "leap-table 0.9.4: CVE-2026-9000284 is fixed"] },
  });
  release({
    repo: buoyFeed,
    version: "2.0.0",
    at: "2026-10-14T13:05:31Z",
    extensions: { "example.saltmarsh-data.build": { runner: "arm64", minutes: 7.25 } },
  });
  const schemaDiff = {
    added: ["observation.quality"],
    removed: ["observation.wtmp"],
    changed: ["observation.time"],
    summary: "Times are RFC 3339 in UTC instead of local time of the buoy; wtmp is gone.",
  };
  say("InterfaceUpdated", buoyFeed, "2026-10-14T13:06:52Z", {
    repo: buoyFeed,
    version: "2.0.0",
    interface: "observations",
    schemaDiff,
    backwardCompatible: false,
  });
  say("BreakingChangeDetected", houseRules, "2026-10-14T18:00:11Z", {
    repo: buoyFeed,
    fromVersion: "1.8.0",
    toVersion: "2.0.0",
    interfaceDiff: schemaDiff,
  });
  say("HealthCheckFailed", uptime, "2026-10-15T05:00:00.733Z", {
    repo: harborBrief,
    checkType: "ci.integration",
    details: 'harbor-brief 0.4.0 against buoy-feed 2.0.0: "wtmp" is missing, 11 of 40 briefings are empty.',
    severity: "high",
  });
  release({
    repo: chartTiles,
    version: "1.0.0",
    at: "2026-10-20T15:44:09Z",
    profile: "regulated",
    remarks: { "repro.build": ["warn", "linux-x64 is equal; no arm64 machine was free within the hour"] },
  });
  attest(rebuilder, released(chartTiles, "1.0.0"), "2026-10-21T02:17:38.905Z", {
    "repro.build": ["pass", "both archives rebuilt, byte for byte"],
  });
  release({ repo: harborBrief, version: "0.5.0", at: "2026-10-27T07:20:42Z" });
  say("PolicyViolation", houseRules, "2026-10-28T06:00:12Z", {
    repo: harborBrief,
    ruleId: "interface.follow",
    details:
      "buoy-feed 2.0.0 broke observations on 14 October; its users are asked to follow within a week, harbor-brief took 13 days.",
    suggestedAction: "Subscribe to BreakingChangeDetected of what node.json says it consumes.",
  });
}
