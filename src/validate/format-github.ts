import type { Report } from "./finding.ts";

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Workflow commands of GitHub Actions: an annotation a finding, and a notice with the verdict. */
export function githubReport({ valid, events, findings }: Report, pathPrefix: string): string {
  const annotations = findings.map(({ severity, file, line, code, message, hint }) => {
    const place = [
      `file=${property(pathPrefix + file)}`,
      ...(line === null ? [] : [`line=${line}`]),
      `title=${property(code)}`,
    ];
    return `::${severity} ${place.join(",")}::${data(`${message} (${hint})`)}\n`;
  });
  return `${annotations.join("")}::notice title=settlement validate::${valid ? "valid" : "invalid"}, ${events} events\n`;
}
