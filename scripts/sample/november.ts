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

/** The month that is still open. */
export function november({ say, release, attest, released }: Chronicle): void {
  release({ repo: buoyFeed, version: "2.0.1", at: "2026-11-03T12:49:26Z" });
  release({ repo: tidegauge, version: "2.0.0", at: "2026-11-05T10:01:53Z", by: "oskar-2026" });
  const schemaDiff = {
    added: ["station.id"],
    removed: ["station.name"],
    changed: ["station.verticalDatum"],
    summary: "Stations are named by a stable id; the datum is one of a fixed list.",
  };
  say("InterfaceUpdated", tidegauge, "2026-11-05T10:03:30Z", {
    repo: tidegauge,
    version: "2.0.0",
    interface: "stations",
    schemaDiff,
    backwardCompatible: false,
  });
  say("BreakingChangeDetected", houseRules, "2026-11-05T18:00:10Z", {
    repo: tidegauge,
    fromVersion: "1.5.1",
    toVersion: "2.0.0",
    interfaceDiff: schemaDiff,
  });
  say("HealthCheckFailed", uptime, "2026-11-10T22:40:00.256Z", {
    repo: chartTiles,
    checkType: "endpoint.certificate",
    details: "The certificate of the tile server expires in 36 hours.",
    severity: "info",
  });
  release({ repo: chartTiles, version: "1.0.1", at: "2026-11-12T15:37:00Z", profile: "regulated" });
  release({
    repo: swell,
    version: "5.0.0-rc.1",
    at: "2026-11-17T09:52:21Z",
    profile: "baseline",
    remarks: notRebuilt,
  });
  say("DependencyVulnFound", advisories, "2026-11-18T05:15:00.871Z", {
    repo: swell,
    version: "5.0.0-rc.1",
    dependency: "pkg:cargo/driftwood-netcdf-example@0.4.0",
    cveId: "CVE-2026-9000391",
    severity: "critical",
    fixAvailable: false,
  });
  attest(scanner, released(swell, "5.0.0-rc.1"), "2026-11-18T05:29:16.448Z", {
    "security.scan": ["fail", "CVE-2026-9000391: reading a crafted file runs code"],
  });
  say("PolicyViolation", houseRules, "2026-11-19T06:00:08Z", {
    repo: swell,
    version: "5.0.0-rc.1",
    ruleId: "vulnerability.response",
    targetEventId: released(swell, "5.0.0-rc.1").id,
    details: "A critical vulnerability is known for a day, and the release is neither withdrawn nor marked.",
    suggestedAction: "Withdraw 5.0.0-rc.1 and hold the next candidate until the dependency is repaired.",
  });
  release({ repo: harborBrief, version: "0.5.1", at: "2026-11-19T07:31:08Z" });
}
