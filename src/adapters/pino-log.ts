import { pino } from "pino";
import type { Clock, Log, LogEntry } from "../ports.ts";
import { loggableFields } from "./log-fields.ts";
import { redactor } from "./redaction.ts";
import { terminalLine } from "./terminal-log.ts";

/** `json`: one object a line. `text`, `colours`: for people. */
export type LogStyle = "json" | "text" | "colours";

export interface LogOptions {
  /** Entries below it are left out. */
  readonly level: LogEntry["level"];
  readonly style: LogStyle;
  readonly write: (text: string) => void;
  /** Values known to this process that are never printed. */
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
}

const order: Readonly<Record<LogEntry["level"], number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** @param isTerminal - is the output a terminal? @param env - `NO_COLOR` (no-color.org) keeps it plain */
export function logStyle(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): LogStyle {
  if (!isTerminal) return "json";
  return (env["NO_COLOR"] ?? "") === "" ? "colours" : "text";
}

type Line = (entry: Pick<LogEntry, "level" | "message">, fields: Readonly<Record<string, unknown>>) => void;

function jsonLines({ level, write, clock = Date.now }: LogOptions): Line {
  const options = {
    level,
    base: null,
    messageKey: "message",
    timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write });
  return (entry, fields) => logger[entry.level](fields, entry.message);
}

function textLines({ style, write, clock = Date.now }: LogOptions): Line {
  return (entry, fields) => write(terminalLine({ ...entry, fields, atUnixMs: clock() }, style === "colours"));
}

/**
 * The log of a process. Known secrets, and all but the host of addresses, are taken out of every text; errors are shown
 * with code, message and causes, and with their stack when they are bugs.
 */
export function openLog(options: LogOptions): Log {
  const redact = redactor(options.secrets ?? []);
  const line = options.style === "json" ? jsonLines(options) : textLines(options);
  return ({ level, message, ...rest }) => {
    if (order[level] < order[options.level]) return;
    const shown = { level, message: redact(message) };
    let fields: Readonly<Record<string, unknown>>;
    try {
      fields = loggableFields(rest, redact);
    } catch {
      // A field that cannot be read must not take down what it belongs to.
      fields = { fields: "unreadable" };
    }
    line(shown, fields);
  };
}
