import type { Finding, Report } from "./finding.ts";
import { factsOf } from "./finding-codes.ts";

/** SARIF 2.1.0 (OASIS): one run, one result a finding, one rule a code. */
export function sarifReport({ valid, findings }: Report, version: string, pathPrefix: string): string {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted();
  const rules = codes.map((code) => {
    const { title, hint, severity } = factsOf(code);
    return {
      id: code,
      shortDescription: { text: title },
      help: { text: hint },
      defaultConfiguration: { level: severity },
    };
  });
  const results = findings.map((finding) => ({
    ruleId: finding.code,
    ruleIndex: codes.indexOf(finding.code),
    level: finding.severity,
    message: { text: `${finding.message} (${finding.hint})` },
    locations: [locationOf(finding, pathPrefix)],
    ...(finding.index === null ? {} : { properties: { eventIndex: finding.index } }),
  }));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "settlement", semanticVersion: version, rules } },
        results,
        columnKind: "utf16CodeUnits",
        properties: { valid },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function locationOf({ file, line }: Finding, pathPrefix: string): object {
  const uri = (pathPrefix + file).split("/").map(encodeURIComponent).join("/");
  return { physicalLocation: { artifactLocation: { uri }, ...(line === null ? {} : { region: { startLine: line } }) } };
}
