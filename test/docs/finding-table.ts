import type { Severity } from "../../src/validate/finding-codes.ts";

interface Facts {
  readonly severity: Severity;
  readonly title: string;
  readonly hint: string;
}

/** The table of the reference that says what the validator finds. */
export function findingTable(codes: Readonly<Record<string, Facts>>): string {
  const rows = Object.entries(codes).map(
    ([code, { severity, title, hint }]) => `| \`${code}\` | ${severity} | ${cell(title)} | ${cell(hint)} |\n`,
  );
  return `| Code | Severity | Meaning | What to do |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("<", "\\<").replaceAll("|", "\\|");
}
