import type { CheckOutcome } from "../../core/release-consensus.ts";
import type { ReleaseView } from "../../core/release-view.ts";
import { columns, harmless, type Io, styled, wrapped } from "../io.ts";

const verdictStyle = { PASS: "green", FAIL: "red", UNVERIFIED: "yellow" } as const;

const meaning = {
  PASS: "its checks hold, and somebody independent vouches for it",
  FAIL: "the ledger speaks against it",
  UNVERIFIED: "nothing speaks against it, and nobody independent speaks for it",
} as const;

/** What a ledger says about a release, for a person at a terminal. */
export function releaseText(view: ReleaseView, io: Io): string {
  const { verdict, repo, version, demand, failures } = view;
  const isAnchorMissing = verdict === "UNVERIFIED" && failures.every(({ check }) => check === "release.anchored");
  const says = isAnchorMissing ? `its checks hold, and it is not ${demand}` : meaning[verdict];
  const head = `${styled(io, verdictStyle[verdict], verdict)}  ${styled(io, "bold", `${repo} ${version}`)}: ${says}\n`;
  const parts = [facts(view, io), reasons(view, io), checks(view, io), sayings(view, io), anchors(view), scores(view)];
  return [head, ...parts.filter((part) => part !== "")].join("\n");
}

function section(title: string, body: string, io?: Io): string {
  return body === "" ? "" : `${io ? styled(io, "bold", title) : title}\n${body}`;
}

/** Text that begins with words in a style, broken to the width of the terminal as a whole. */
function led(io: Io, style: "bold" | "yellow", words: string, rest: string, indent: number): string {
  const text = wrapped(io, words + rest, indent);
  return text.startsWith(words) ? styled(io, style, words) + text.slice(words.length) : text;
}

const profileFrom = {
  verifier: "asked for",
  release: "as the release says",
  node: "as its node chose",
  default: "the default",
} as const;

function facts({ release, profile, policy, events }: ReleaseView, io: Io): string {
  const { timestamp, commit, node, keyId, artifacts, event } = release;
  const by = node === null ? "nobody who may" : `${node}${keyId === null ? "" : ` (${keyId})`}`;
  const from = profileFrom[profile.from];
  const nameWidth = Math.max(0, ...artifacts.map((artifact) => harmless(artifact.name).length));
  const ignored = events.filter(({ counts, id }) => !counts && id !== event);
  const rows: (readonly [string, string])[] = [
    ["released", `${timestamp}${commit === null ? "" : `, commit ${commit.slice(0, 12)}`}`],
    ["signed by", by],
    ["event", event],
    ...artifacts.map(
      ({ name, sha256 }) => ["artifact", `${harmless(name).padEnd(nameWidth)}  sha256 ${sha256}`] as const,
    ),
    ["profile", `${profile.name}, ${from}`],
    ...(policy === "none" ? [["policy", "none at hand: every registered attestor counts"] as const] : []),
    ...ignored.map(({ type, why }) => [styled(io, "yellow", "ignored"), `${type}: ${why ?? ""}`] as const),
  ];
  return columns(rows.map(([name, value]) => [name, harmless(value)] as const));
}

function reasons({ failures }: ReleaseView, io: Io): string {
  const lines = failures.flatMap(({ verdict, check, reason, hint }) => {
    const [mark, style] = verdict === "FAIL" ? (["✗", "red"] as const) : (["?", "yellow"] as const);
    return [
      `  ${styled(io, style, mark)} ${led(io, "bold", harmless(check), `: ${harmless(reason)}`, 4)}\n`,
      `    ${styled(io, "dim", `→ ${harmless(hint)}`)}\n`,
    ];
  });
  return section("Why", lines.join(""), io);
}

const marks = { pass: "✓", warn: "!", fail: "✗", unscored: "?", missing: "–", untrusted: "–" } as const;
const styles = {
  pass: "green",
  warn: "yellow",
  fail: "red",
  unscored: "yellow",
  missing: "dim",
  untrusted: "dim",
} as const;

function checks({ checks: outcomes, profile }: ReleaseView, io: Io): string {
  const missing = profile.required.filter(
    (name) => name.includes(".") && !outcomes.some(({ check }) => check === name),
  );
  const rows = [...outcomes, ...missing.map((check) => ({ check, required: true, ...nobody }))];
  const width = Math.max(0, ...rows.map(({ check }) => check.length));
  const lines = rows.map(({ check, required, consensus, sources }) => {
    const mark = styled(io, styles[consensus], `${marks[consensus]} ${consensus.padEnd(9)}`);
    const name = harmless(check).padEnd(width);
    const note = required ? "" : "  (not required)";
    return `  ${mark} ${name}  ${wrapped(io, harmless(spoken(sources)), 2 + 12 + width + 2)}${note === "" ? "" : styled(io, "dim", note)}\n`;
  });
  return section("Checks by attestors", lines.join(""), io);
}

const nobody = { consensus: "missing", sources: [] } as const;

function spoken(sources: CheckOutcome["sources"]): string {
  if (sources.length === 0) return "nobody attested it";
  const isOne = sources.every(({ result }) => result === sources[0]?.result);
  const words = sources.map(({ node, reason, result }) => [node, isOne ? "" : result, reason]);
  return words.map((parts) => parts.filter((part) => part !== "").join(": ")).join("; ");
}

function sayings({ violations, disputes, vulnerabilities }: ReleaseView, io: Io): string {
  const line = (kind: string, node: string, words: string): string =>
    `  ${led(io, "yellow", kind, `  ${harmless(node)}: ${harmless(words)}`, 4)}\n`;
  const lines = [
    ...violations.map(({ node, words }) => line("violation", node, words)),
    ...disputes.map(({ node, words, isOwn }) => line(isOwn ? "own dispute (no effect)" : "dispute", node, words)),
    ...vulnerabilities.map((found) => line("vulnerability (shown, not counted)", found.node, vulnerabilityText(found))),
  ];
  return section("Said against it", lines.join(""), io);
}

/** One vulnerability in words; the verdict does not count it. */
export function vulnerabilityText(found: ReleaseView["vulnerabilities"][number]): string {
  const { cve, severity, dependency, fixedVersion, ofRepository, words } = found;
  const parts = [
    [severity, cve].filter((part) => part !== null).join(" "),
    dependency === null ? "" : `in ${dependency}`,
    fixedVersion === null ? "" : `fixed in ${fixedVersion}`,
    ofRepository ? "said of every version" : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : words;
}

function anchors({ repo, anchors: { month, network } }: ReleaseView): string {
  const own = month ? [`  ${month.month}  ${month.verdict ?? month.state}: ${harmless(month.detail)}\n`] : [];
  const lines = network.map((anchor) => {
    const { root, count, nodes, independent, transactions } = anchor;
    const tie = nodes.includes(repo) ? "the release's own node" : "with a key of the release's node";
    const by = `${nodes.join(", ")}${independent ? "" : `, ${tie}`}`;
    const sent = `${transactions.length} transaction${transactions.length === 1 ? "" : "s"}`;
    return (
      `  ${harmless(anchor.network)}  ${sent} over ${count} events, said by ${harmless(by)}\n` +
      `    root ${root}\n    recomputed from the events here; the chain was not asked (verify-tx asks it)\n`
    );
  });
  const body = [...own, ...lines].join("");
  return section("Anchors", body === "" ? "  none\n" : body);
}

function scores({ score }: ReleaseView): string {
  const { integrity, assurance, band, missing } = score;
  const lacking = missing.length === 0 ? "" : `; not shown: ${missing.join(", ")}`;
  return `Scores  integrity ${integrity}/100, which networks call ${band}; assurance ${assurance}/100${harmless(lacking)}\n`;
}
