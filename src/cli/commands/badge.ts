import { badgeSvg, type BadgeSubject } from "../../core/badge.ts";
import { utf8 } from "../../core/bytes.ts";
import { parseReleaseName } from "../../settle/judge-release.ts";
import { badgeOf } from "../../settle/make-badge.ts";
import type { CommandSpec } from "../command.ts";
import { styled } from "../io.ts";
import { writeOutput } from "../output.ts";
import { openJudge } from "../release/open-judge.ts";

export const badge: CommandSpec = {
  name: "badge",
  usage: "<NAME>",
  about:
    "Make the SVG badge of a release (org/repo@version), or of the newest release of a node (org/repo); the same bytes for the same ledger.",
  settings: ["ledger", "out", "show", "profile", "policy", "trust", "compat"],
  examples: [
    "badge your-org/your-repo@1.2.0 --ledger my-ledger --out badge.svg",
    "badge your-org/your-repo --show integrity --out integrity.svg",
  ],
  async run({ config, io }, [name = ""]) {
    const asked = parseReleaseName(name);
    const { out, profile, compat } = config;
    const { judge, snapshot } = await openJudge(config, io);
    const subject = config.show as BadgeSubject;
    const made = await badgeOf(asked, { judge, nodes: snapshot.nodes }, { subject, profile, compat });
    const svg = badgeSvg(made);
    if (out === undefined) io.out(svg);
    else {
      writeOutput(out, utf8(svg));
      io.out(`${styled(io, "green", "✓")} ${out}: ${made.title}\n`);
    }
    return 0;
  },
};
