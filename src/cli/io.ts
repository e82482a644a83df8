import { styleText } from "node:util";

export { harmless } from "../core/harmless.ts";

/** Where a command reads and writes; tests pass their own. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is the output a terminal that shows colours? */
  readonly isTerminal: boolean;
  /** Characters a line of the terminal holds. */
  readonly width?: number;
  /** Ends when the user asks the process to stop. */
  readonly stop: AbortSignal;
}

type Style = "green" | "red" | "yellow" | "bold" | "dim" | "cyan";

/** `text` in a style where the output is a terminal. */
export function styled(io: Io, style: Style, text: string): string {
  return io.isTerminal ? styleText(style, text, { validateStream: false }) : text;
}

/** `text` broken at spaces to the width of the terminal, every line but the first indented. */
export function wrapped({ isTerminal, width = 80 }: Io, text: string, indent: number): string {
  if (!isTerminal) return text;
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && indent + line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Lines of two columns, the first as wide as its widest. */
export function columns(rows: readonly (readonly [string, string])[], indent = "  "): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}\n`).join("");
}
