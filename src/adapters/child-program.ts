import { spawn } from "node:child_process";
import { errnoOf } from "./file-system.ts";

export interface ProgramLimits {
  readonly timeoutMs: number;
  /** Most that is read of what it prints. */
  readonly maxOutputBytes: number;
}

/** How a program came to its end; `fault` says for people why there is no output to use. */
export type ProgramEnd = { readonly stdout: string } | { readonly fault: string };

function endFault(code: number | null, signal: string | null): string | undefined {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? undefined : `it exited with ${code}; what it printed on its error stream says more`;
}

/**
 * Runs a program without a shell, in this environment, and gives it `stdin`. Its error stream is this process's. One that
 * takes too long or prints too much is killed, with all that it started.
 *
 * @param command - the program and its arguments
 */
export function runProgram(command: readonly string[], stdin: string, limits: ProgramLimits): Promise<ProgramEnd> {
  const { timeoutMs, maxOutputBytes } = limits;
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    // A process group of its own: what it started can be ended with it, and Ctrl-C does not tear a signature.
    const child = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", "inherit"] });
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => give(`it gave no answer within ${timeoutMs / 1000} seconds`), timeoutMs);
    const settle = (end: ProgramEnd): void => {
      clearTimeout(timer);
      resolve(end);
    };
    function give(fault: string): void {
      killGroup(child.pid);
      child.stdout.destroy();
      settle({ fault });
    }
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) give(`it printed more than ${maxOutputBytes} bytes`);
      else chunks.push(chunk);
    });
    child.on("error", (cause) => settle({ fault: `it cannot be started (${errnoOf(cause)})` }));
    child.on("close", (code, signal) => {
      const fault = endFault(code, signal);
      settle(fault === undefined ? { stdout: Buffer.concat(chunks).toString("latin1") } : { fault });
    });
    // It may end before it has read everything; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}

/** Ends a program that was started detached, with all that it started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}
