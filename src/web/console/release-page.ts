import type { ReleaseView, SayingView } from "../../core/release-view.ts";
import { type Child, definitions, el } from "../dom.ts";
import type { Desk, View } from "./desk.ts";
import { cellText } from "./event-words.ts";
import { cutText, eventLink, link, paragraph, type Row, section, sourceLine, table, time } from "./parts.ts";
import { noProofYet, verificationLink, verifyPanel } from "./verify-panel.ts";

const looks = {
  PASS: { word: "PASS", tone: "proven", mark: "✓", meaning: "All that is asked of this release is on record." },
  UNVERIFIED: {
    word: "UNVERIFIED",
    tone: "unproven",
    mark: "?",
    meaning: "Nothing speaks against it, and not all that is asked of it is on record.",
  },
  FAIL: { word: "FAIL", tone: "failed", mark: "✗", meaning: "Something on record speaks against it." },
} as const;

const readings = {
  server: "This is this server’s reading of the ledger, by what it trusts. The proof below needs nobody’s word.",
  copy: "This was judged on this device, out of the months in this copy: what was said since is not in it, and its word is taken for nodes, policy, key and accounts, and that its index hides nothing. The proof below needs nobody’s word.",
} as const;

function verdictBox({ verdict, failures }: ReleaseView, source: keyof typeof readings): HTMLElement {
  const { word, tone, mark, meaning } = looks[verdict];
  const reasons = failures.map(({ check, reason, hint }) =>
    el("li", {}, el("strong", {}, cellText(check)), ": ", cutText(reason, 300), " ", cutText(hint, 300)),
  );
  return el(
    "section",
    { class: "verdict", "data-verdict": tone, "aria-labelledby": "release-verdict" },
    el(
      "h2",
      { id: "release-verdict" },
      el("span", { class: "mark", "aria-hidden": "true" }, mark),
      el("span", { class: "word" }, word),
    ),
    el("p", { class: "meaning" }, meaning),
    ...(reasons.length === 0 ? [] : [el("ul", {}, ...reasons)]),
    el("p", { class: "about" }, readings[source]),
  );
}

function facts({ repo, release, profile, score, witnesses, anchors }: ReleaseView): HTMLElement {
  const { month } = anchors;
  return definitions([
    ["Repository", link({ kind: "node", id: repo }, repo)],
    ["Published", time(release.timestamp), " (its signer’s word), event ", eventLink(release.event)],
    [
      "Signed by",
      release.node === null ? "nobody known" : link({ kind: "node", id: release.node }, release.node),
      release.keyId === null ? "" : ` with key ${cellText(release.keyId)}`,
    ],
    ["Commit", release.commit === null ? "not said" : el("code", {}, cellText(release.commit))],
    ["Profile", `${cellText(profile.name)} (chosen by the ${profile.from})`],
    ["Integrity", `${score.integrity} of 100 points`],
    ["Assurance", `${score.assurance} of 100 points`],
    ["Independent witnesses", witnesses.length === 0 ? "none" : cutText(witnesses.join(", "))],
    [
      "Month",
      ...(month
        ? [link({ kind: "month", month: month.month }, month.month), `: ${month.state}. `, cutText(month.detail, 300)]
        : ["—"]),
    ],
  ]);
}

function artifactRows({ release }: ReleaseView): readonly Row[] {
  return release.artifacts.map(({ name, sha256, uri }) => [
    el("span", { class: "value" }, cellText(name, 120)),
    el("code", {}, cellText(sha256)),
    uri === null ? "—" : el("span", { class: "value" }, cellText(uri, 200)),
  ]);
}

const outcomeMarks: Readonly<Record<string, string>> = {
  pass: "✓",
  fail: "✗",
  warn: "!",
  missing: "–",
  untrusted: "?",
};

function checkRows({ checks }: ReleaseView): readonly Row[] {
  return checks.map(({ check, consensus, required, sources }) => [
    cellText(check),
    `${outcomeMarks[consensus] ?? "?"} ${consensus}`,
    required ? "asked for" : "extra",
    sources.length === 0 ? "nobody" : cutText(sources.map(({ node }) => node).join(", "), 120),
  ]);
}

function sayings(id: string, title: string, said: readonly SayingView[]): readonly HTMLElement[] {
  if (said.length === 0) return [];
  const rows = said.map(({ event, node, timestamp, words }): Row => [
    eventLink(event),
    cellText(node),
    time(timestamp),
    cutText(words),
  ]);
  return [section(id, title, table(title, ["Event", "By", "When", "What"], rows))];
}

function tablePart(
  id: string,
  title: string,
  head: readonly string[],
  rows: readonly Row[],
  none: string,
): HTMLElement {
  const content: Child = rows.length === 0 ? el("p", { class: "none" }, none) : table(title, head, rows);
  return section(id, title, content);
}

/** What the ledger says about a release, and its proof. */
export async function releasePage(repo: string, version: string, desk: Desk): Promise<View> {
  const { data } = desk;
  const view = await data.release(repo, version);
  const { event } = view.release;
  const month = view.anchors.month;
  const name = `${repo.replace("/", "-")}-${version}.proof.json`;
  const isOpen = month === null || month.state === "open";
  const panel = isOpen
    ? [month ? noProofYet(month.month) : paragraph("There is no proof of it yet.")]
    : verifyPanel(desk, { name, load: () => data.proof(event) }, await verificationLink(data, event));
  const events = view.events.map(({ id, type, node, counts, why }): Row => [
    eventLink(id),
    cellText(type),
    cellText(node ?? "unknown"),
    counts ? "✓ counts" : `✗ ${cellText(why ?? "does not count", 160)}`,
  ]);
  return {
    title: `Release ${cellText(repo)} ${cellText(version)}`,
    body: [
      verdictBox(view, data.source),
      facts(view),
      sourceLine(data.urlOf(`v1/releases/${repo}/${encodeURIComponent(version)}`)),
      tablePart("artifacts-title", "Artifacts", ["Name", "SHA-256", "Where"], artifactRows(view), "It names none."),
      tablePart(
        "checks-title",
        "Checks",
        ["Check", "Outcome", "By its profile", "Said by"],
        checkRows(view),
        "Nobody checked it.",
      ),
      ...sayings("violations-title", "Broken rules", view.violations),
      ...sayings("disputes-title", "Disputes", view.disputes),
      ...sayings("vulnerabilities-title", "Vulnerabilities", view.vulnerabilities),
      tablePart("about-title", "Events about it", ["Event", "Type", "By", "Does it count?"], events, "None."),
      section("proof-title", "Its proof", ...panel),
    ],
  };
}
