import { run } from "../../src/cli/run.ts";

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `settlement` in this process and keeps what it prints. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stop = new AbortController().signal,
): Promise<CliResult> {
  let out = "";
  let err = "";
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    // The network in this process need not keep the time of people.
    env: { SETTLEMENT_CLOSE_MS: "100", ...env },
    isTerminal: false,
    stop,
  });
  return { code, out, err };
}
