import { styleText } from "node:util";
import { githubReport } from "./format-github.ts";
import { sarifReport } from "./format-sarif.ts";
import type { Finding, Report } from "./finding.ts";
import { factsOf } from "./finding-codes.ts";

export const reportFormats = ["text", "json", "sarif", "github"] as const;

export type ReportFormat = (typeof reportFormats)[number];

export interface WriteOptions {
  /** Colours are shown. */
  readonly isTerminal?: boolean;
  /** Version of this tool, for SARIF. */
  readonly version?: string;
  /** Goes before each path, so that paths are those of the repository: `""` or ends in `/`. */
  readonly pathPrefix?: string;
}

/** The report in one of {@link reportFormats}; ends in a line feed. */
export function writeReport(report: Report, format: ReportFormat, options: WriteOptions = {}): string {
  const { isTerminal = false, version = "0", pathPrefix = "" } = options;
  switch (format) {
    case "text":
      return textReport(report, isTerminal);
    case "json":
      return jsonReport(report);
    case "sarif":
      return sarifReport(report, version, pathPrefix);
    case "github":
      return githubReport(report, pathPrefix);
    default:
      return format satisfies never;
  }
}

function jsonReport({ valid, dialect, events, findings, signaturesNotRechecked }: Report): string {
  return `${JSON.stringify({ valid, dialect, events, signaturesNotRechecked, findings }, null, 2)}\n`;
}

function textReport(report: Report, isTerminal: boolean): string {
  const style = (format: "red" | "yellow" | "green" | "bold" | "dim", text: string): string =>
    isTerminal ? styleText(format, text, { validateStream: false }) : text;
  const files = Map.groupBy(report.findings, ({ file }) => file);
  const parts = Array.from(files, ([file, findings]) => {
    const lines = findings.flatMap((finding) => {
      const color = finding.severity === "error" ? "red" : "yellow";
      const head = `  ${style(color, finding.severity)} ${placeOf(finding)}${style("bold", finding.code)}: ${factsOf(finding.code).title}`;
      return [head, `      ${printable(finding.message)}`, style("dim", `      → ${finding.hint}`)];
    });
    return `${style("bold", printable(file))}\n${lines.join("\n")}\n\n`;
  });
  const errors = report.findings.filter(({ severity }) => severity === "error").length;
  const counts = `${many(report.events, "event")}, ${report.dialect} dialect, ${signaturesText(report)}: ${many(errors, "error")}, ${many(report.findings.length - errors, "warning")}`;
  return `${parts.join("")}${report.valid ? style("green", "VALID") : style("red", "INVALID")}  ${counts}\n`;
}

function signaturesText({ signaturesChecked, signaturesNotRechecked }: Report): string {
  const verified = `${many(signaturesChecked, "signature")} verified`;
  return signaturesNotRechecked === 0 ? verified : `${verified}, ${signaturesNotRechecked} not rechecked (--full does)`;
}

function placeOf({ line, index }: Finding): string {
  const parts = [line === null ? "" : `line ${line}`, index === null ? "" : `event ${index}`].filter(
    (part) => part !== "",
  );
  return parts.length === 0 ? "" : `${parts.join(", ")}  `;
}

function many(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** What a ledger says must not steer the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}
