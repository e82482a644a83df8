import { buoyFeed, chartTiles, harborBrief, swell, tidegauge } from "./nodes.ts";

/** Files of a release of each repository; `%` stands for the version. */
export const releaseFiles = {
  [tidegauge]: ["tidegauge-%.tgz", "tidegauge-%.sbom.json"],
  [chartTiles]: ["chart-tiles-%-linux-x64.tar.gz", "chart-tiles-%-linux-arm64.tar.gz", "chart-tiles-%.sbom.json"],
  [buoyFeed]: ["buoy_feed-%-py3-none-any.whl", "buoy_feed-%.tar.gz", "buoy_feed-%.sbom.json"],
  [swell]: ["swell-%.tar.zst", "swell-%-coefficients.nc", "swell-%.sbom.json"],
  [harborBrief]: ["harbor-brief-%-linux-x64", "harbor-brief-%-macos-arm64", "harbor-brief-%.sbom.json"],
} as const;

/** What the rebuilder says of a repository that promises nothing to it. */
export const notRebuilt = { "repro.build": ["unscored", "the node does not promise deterministicBuild"] } as const;
