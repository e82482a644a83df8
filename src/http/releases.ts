import { badgeSubjects, badgeSvg } from "../core/badge.ts";
import { utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type NodeId, parseNodeId } from "../core/node-id.ts";
import { isProfileName } from "../core/release-profile.ts";
import { anchorDemands } from "../core/release-verdict.ts";
import { parseChoice, parseVersion } from "../core/parameters.ts";
import { badgeOf } from "../settle/make-badge.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Input, Route } from "./route.ts";

const svgMediaType = "image/svg+xml";

function repoIn(input: Input): NodeId {
  return parseNodeId(`${input.path("org")}/${input.path("repo")}`);
}

/** @throws SettlementError `PARAMETER_MALFORMED` */
function profileIn(input: Input): string | undefined {
  const profile = input.query("profile");
  if (profile === undefined || isProfileName(profile)) return profile;
  throw new SettlementError("PARAMETER_MALFORMED", "parameter profile must be the name of a profile, such as baseline");
}

async function releaseAnswer(context: Context, input: Input): Promise<Answer> {
  const repo = repoIn(input);
  const version = parseVersion("version", input.path("version"));
  const require = input.query("require");
  const demand = require === undefined ? undefined : parseChoice("require", require, anchorDemands);
  const profile = profileIn(input);
  const { judge } = await context.releases();
  const view = await context.own(() => judge.judge(repo, version, { demand, profile }));
  const self = `/v1/releases/${repo}/${encodeURIComponent(version)}`;
  const badge = `/v1/badges/${repo}/${encodeURIComponent(version)}.svg`;
  const links = { self, proof: `${self}/proof`, event: `/v1/events/${view.release.event}`, badge };
  return jsonAnswer({ ok: view.verdict === "PASS", ...view, links });
}

async function badgeAnswer(context: Context, input: Input, version: string | undefined): Promise<Answer> {
  const repo = repoIn(input);
  const subject = parseChoice("show", input.query("show") ?? "verdict", badgeSubjects);
  const profile = profileIn(input);
  const reading = await context.releases();
  const badge = await context.own(() => badgeOf({ repo, version }, reading, { subject, profile }));
  return { type: svgMediaType, body: utf8(badgeSvg(badge)), cache: "brief" };
}

/** What the ledger says about releases, judged by this server's trust, and badges that show it. */
export function releaseRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/releases/:org/:repo/:version",
      query: ["profile", "require"],
      answer: (input) => releaseAnswer(context, input),
    },
    {
      path: "/v1/badges/:org/:repo.svg",
      query: ["profile", "show"],
      answer: (input) => badgeAnswer(context, input, undefined),
    },
    {
      path: "/v1/badges/:org/:repo/:version.svg",
      query: ["profile", "show"],
      answer: (input) => badgeAnswer(context, input, parseVersion("version", input.path("version"))),
    },
  ];
}
