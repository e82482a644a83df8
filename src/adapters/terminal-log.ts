import { styleText } from "node:util";
import { harmless } from "../core/harmless.ts";
import type { LogEntry } from "../ports.ts";
import { isLoggedError, type LoggedError } from "./log-fields.ts";

/** One line of a log for people, and what belongs to it below. */
export interface LogLine {
  readonly level: LogEntry["level"];
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly atUnixMs: number;
}

type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<LogEntry["level"], Style>> = {
  debug: "dim",
  info: "green",
  warn: "yellow",
  error: "red",
};

/** What tells people first where they are. */
const first = ["month", "account", "job"];

const messageWidth = 26;

/** Hashes are cut to what people compare; the one of a transaction is whole, since people look it up. */
function valueText(name: string, value: unknown): string {
  if (typeof value !== "string") return harmless(JSON.stringify(value) ?? "");
  if (name !== "transactionHash" && /^[0-9a-fA-F]{64}$/.test(value)) return `${value.slice(0, 16)}…`;
  return harmless(/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));
}

function errorLines({ code, message, causes = [], stack = "" }: LoggedError): string[] {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return [`${code}: ${message}`, ...causes.map((cause) => `caused by ${cause}`), ...frames.map((line) => line.trim())];
}

/** The line of a log as a terminal shows it: time (UTC), level, message, fields; below it what went wrong. */
export function terminalLine({ level, message, fields, atUnixMs }: LogLine, hasColours: boolean): string {
  const styled = (style: Style, text: string): string =>
    hasColours ? styleText(style, text, { validateStream: false }) : text;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  const shown = given
    .filter(([, value]) => !isLoggedError(value))
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => `${styled("dim", `${harmless(name)}=`)}${valueText(name, value)}`);
  const errors = given.flatMap(([, value]) => (isLoggedError(value) ? errorLines(value) : []));
  const time = new Date(atUnixMs).toISOString().slice(11, 23);
  const head = `${styled("dim", time)} ${styled(styles[level], level.toUpperCase().padEnd(5))}`;
  const line = `${head} ${harmless(message).padEnd(messageWidth)} ${shown.join(" ")}`.trimEnd();
  return [line, ...errors.map((text) => `      ${harmless(text)}`)].map((text) => `${text}\n`).join("");
}
