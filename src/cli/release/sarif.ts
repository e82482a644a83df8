import { ownChecks } from "../../core/release-profile.ts";
import { verdictChecks } from "../../core/release-verdict.ts";
import type { ReleaseView } from "../../core/release-view.ts";

/** Where the events of a ledger are, for annotations. */
export interface EventPlaces {
  /** Path of the file that holds the event, from where the command was given, and its line where each has one. */
  place(event: string): { readonly file: string; readonly line?: number };
}

const meanings: Readonly<Record<string, string>> = {
  ...verdictChecks,
  [ownChecks[0]]: "the release is signed by its node with a key that was valid",
  [ownChecks[1]]: "the release names its artifacts",
  [ownChecks[2]]: "no policy node reported a violation",
};

/** SARIF 2.1.0 (OASIS): one result for each reason; what fails is an error, what is not verified a warning. */
export function releaseSarif(view: ReleaseView, { place }: EventPlaces, version: string): string {
  const { repo, verdict, failures, score } = view;
  const rules = [...new Set(failures.map(({ check }) => check))].toSorted();
  const results = failures.map((failure) => {
    const { file, line } = place(failure.event ?? view.release.event);
    const uri = file.split("/").map(encodeURIComponent).join("/");
    return {
      ruleId: failure.check,
      ruleIndex: rules.indexOf(failure.check),
      level: failure.verdict === "FAIL" ? "error" : "warning",
      message: { text: `${repo} ${view.version}: ${failure.reason} (${failure.hint})` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri },
            ...(line === undefined ? {} : { region: { startLine: line } }),
          },
        },
      ],
      properties: { event: failure.event ?? view.release.event },
    };
  });
  const driver = {
    name: "settlement",
    semanticVersion: version,
    rules: rules.map((id) => ({ id, shortDescription: { text: meanings[id] ?? `${id} is attested as passed` } })),
  };
  const { integrity, assurance } = score;
  const properties = { repo, version: view.version, verdict, integrity, assurance };
  const run = { tool: { driver }, results, columnKind: "utf16CodeUnits", properties };
  const $schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  return `${JSON.stringify({ $schema, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}
