import { relative } from "node:path";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import type { AnchorDemand, ReleaseVerdict } from "../../core/release-verdict.ts";
import type { ReleaseView } from "../../core/release-view.ts";
import { parseReleaseName } from "../../settle/judge-release.ts";
import { version as program } from "../../version.ts";
import type { CommandSpec, Context } from "../command.ts";
import { eventPlaces } from "../release/event-places.ts";
import { releaseMarkdown } from "../release/markdown.ts";
import { type OpenJudge, openJudge } from "../release/open-judge.ts";
import { releaseSarif } from "../release/sarif.ts";
import { releaseText } from "../release/text.ts";

/** What networks use today; 2 is a release that is not there. */
const exitCodes: Readonly<Record<ReleaseVerdict, number>> = { PASS: 0, FAIL: 1, UNVERIFIED: 3 };

function demandOf({ anchored, anchoredOrLocal }: Config): AnchorDemand | undefined {
  if (anchored && anchoredOrLocal) {
    throw new SettlementError(
      "USAGE_INVALID",
      "--anchored and --anchored-or-local ask for two things; give one of them",
    );
  }
  return anchored ? "anchored" : anchoredOrLocal ? "anchored-or-local" : undefined;
}

/** The way from here to what was named, so that a forge finds the files its annotations name. */
function pathPrefix(ledger: string): string {
  const path = relative(".", ledger).replaceAll("\\", "/");
  return path === "" || path.startsWith("..") ? "" : `${path}/`;
}

async function written(view: ReleaseView, opened: OpenJudge, { format, config, io }: Context): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify({ ok: view.verdict === "PASS", ...view }, null, 2)}\n`;
    case "sarif":
      return releaseSarif(view, await eventPlaces(opened, pathPrefix(config.ledger)), program);
    case "markdown":
      return releaseMarkdown(view);
    default:
      return releaseText(view, io);
  }
}

export const release: CommandSpec = {
  name: "release",
  usage: "<RELEASE>",
  about:
    "Say what the ledger says about a release, named by org/repo@version, and judge it. Exit 0 PASS, 1 FAIL, 3 UNVERIFIED, 2 there is no such release.",
  settings: ["ledger", "anchored", "anchoredOrLocal", "failOn", "profile", "policy", "trust", "compat", "format"],
  formats: ["text", "json", "sarif", "markdown"],
  examples: [
    "release your-org/your-repo@1.2.0 --ledger my-ledger",
    "release your-org/your-repo@1.2.0 --anchored --trust trust.json",
    "release your-org/your-repo@1.2.0 --profile regulated --fail-on fail --format sarif",
  ],
  async run(context, [name = ""]) {
    const { config, io } = context;
    const { repo, version } = parseReleaseName(name);
    if (version === undefined) {
      throw new SettlementError(
        "EVENT_NAME_MALFORMED",
        `${name} names no version; a release is written org/repo@version`,
      );
    }
    const { profile, compat, failOn } = config;
    const opened = await openJudge(config, io);
    const view = await opened.judge.judge(repo, version, { demand: demandOf(config), profile, compat });
    io.out(await written(view, opened, context));
    return view.verdict === "UNVERIFIED" && failOn === "fail" ? 0 : exitCodes[view.verdict];
  },
};
