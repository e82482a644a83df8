import type { ReleaseView } from "../../core/release-view.ts";
import { harmless } from "../io.ts";
import { vulnerabilityText } from "./text.ts";

const marks = { PASS: "✅", FAIL: "❌", UNVERIFIED: "⚠️" } as const;

/** What a ledger says about a release, as a comment or a job summary of a forge shows it. */
export function releaseMarkdown(view: ReleaseView): string {
  const { verdict, repo, version, release, profile, score, failures, checks, anchors } = view;
  const parts = [
    `## ${marks[verdict]} ${verdict}: ${plain(repo)} ${plain(version)}\n`,
    `Released ${plain(release.timestamp)} by ${plain(release.node ?? "nobody who may")}, judged by the profile ${plain(profile.name)}. ` +
      `Integrity ${score.integrity}/100, which networks call ${score.band}; assurance ${score.assurance}/100.\n`,
    table(
      ["Why", "Check", "What to do"],
      failures.map(({ verdict: of, check, reason, hint }) => [`**${of}** ${plain(reason)}`, code(check), plain(hint)]),
    ),
    table(
      ["Check", "Result", "Attested by"],
      checks.map(({ check, consensus, sources, required }) => [
        code(check) + (required ? "" : " (not required)"),
        consensus,
        sources.map(({ node, reason }) => plain(reason === "" ? node : `${node}: ${reason}`)).join("; "),
      ]),
    ),
    table(
      ["Said against it", "By"],
      [
        ...view.violations.map(({ node, words }) => [`violation: ${plain(words)}`, plain(node)]),
        ...view.disputes.map(({ node, words, isOwn }) => [
          `dispute${isOwn ? " (its own, no effect)" : ""}: ${plain(words)}`,
          plain(node),
        ]),
        ...view.vulnerabilities.map((found) => [
          `vulnerability (shown, not counted): ${plain(vulnerabilityText(found))}`,
          plain(found.node),
        ]),
      ],
    ),
    table(
      ["Anchor", "What is known of it"],
      [
        ...(anchors.month ? [[anchors.month.month, plain(anchors.month.detail)]] : []),
        ...anchors.network.map(({ network, root, transactions }) => [
          plain(network),
          `${transactions.length} transaction(s) named for root ${code(root)}, recomputed here; the chain was not asked`,
        ]),
      ],
    ),
    table(
      ["Artifact", "SHA-256"],
      release.artifacts.map(({ name, sha256 }) => [plain(name), code(sha256)]),
    ),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

/** Text that stays text: neither markup, nor a link, nor a mention, nor the end of a cell. */
function plain(text: string): string {
  return harmless(text)
    .replace(/[&<>]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? "")
    .replace(/[\\`*_{}[\]()#+!|~$]/g, (char) => `\\${char}`)
    .replace(/@/g, "&#64;")
    .replace(/:\/\//g, "&#58;//");
}

function code(text: string): string {
  return `\`${harmless(text).replace(/[`|]/g, "")}\``;
}
