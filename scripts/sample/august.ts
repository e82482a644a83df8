import type { Chronicle } from "./chronicle.ts";
import { buoyFeed, chartTiles, harborBrief, houseRules, scanner, swell, tidegauge, uptime } from "./nodes.ts";
import { notRebuilt } from "./repositories.ts";

/** The network starts: first releases of everybody, and one that cannot be built again. */
export function august({ say, release, attest, released }: Chronicle): void {
  release({ repo: tidegauge, version: "1.4.0", at: "2026-08-04T09:12:40Z", by: "ines-2026" });
  say("InterfaceUpdated", tidegauge, "2026-08-04T09:14:05Z", {
    repo: tidegauge,
    version: "1.4.0",
    interface: "stations",
    schemaDiff: {
      added: ["station.verticalDatum"],
      removed: [],
      changed: [],
      summary: "Stations say which vertical datum their heights are measured from.",
    },
    backwardCompatible: true,
  });
  release({ repo: buoyFeed, version: "1.7.0", at: "2026-08-06T13:41:02Z" });
  release({
    repo: chartTiles,
    version: "0.9.0",
    at: "2026-08-11T15:20:33Z",
    profile: "regulated",
    remarks: {
      "repro.build": ["fail", "both archives differ from the rebuilt ones: 214 members carry the time of the build"],
    },
  });
  say("PolicyViolation", houseRules, "2026-08-12T06:00:10Z", {
    repo: chartTiles,
    version: "0.9.0",
    ruleId: "build.reproducible",
    targetEventId: released(chartTiles, "0.9.0").id,
    details: "The manifest promises deterministicBuild, and the rebuilt archives of 0.9.0 differ.",
    suggestedAction: "Set SOURCE_DATE_EPOCH to the time of the commit and release again.",
  });
  say("HealthCheckFailed", uptime, "2026-08-16T03:35:00.412Z", {
    repo: buoyFeed,
    checkType: "endpoint.uptime",
    details: "GET /v1/observations answered 503 in 7 of 12 probes between 02:35 and 03:30 UTC.",
    severity: "medium",
  });
  release({
    repo: swell,
    version: "4.1.0",
    at: "2026-08-19T10:05:51Z",
    profile: "baseline",
    remarks: {
      ...notRebuilt,
      "license.audit": ["warn", "the coefficients have no licence of their own; that of the sources is assumed"],
    },
  });
  attest(scanner, released(swell, "4.1.0"), "2026-08-20T08:30:12.077Z", {
    "license.audit": ["pass", "the maintainers state CC-BY-4.0 for the coefficients in NOTICE"],
  });
  release({
    repo: harborBrief,
    version: "0.3.0",
    at: "2026-08-25T07:48:19Z",
    profile: "baseline",
    hasSbom: false,
  });
  release({
    repo: chartTiles,
    version: "0.9.1",
    at: "2026-08-27T16:02:27Z",
    profile: "regulated",
    remarks: { "repro.build": ["pass", "both archives rebuilt, byte for byte"] },
  });
}
