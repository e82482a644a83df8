import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));

export interface ServerStart {
  /** From the start of the process to the first answer that it is ready. */
  readonly ms: number;
  /** Of the process, once it was ready; NaN where the system does not tell. */
  readonly peakMb: number;
}

function peakMbOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

/**
 * Starts a server over a ledger in a process of its own, and ends it.
 *
 * @param id - of an event that it must be able to prove
 */
export async function startServer(ledger: string, data: string, id: string): Promise<ServerStart> {
  const beganMs = performance.now();
  const args = ["serve", "--ledger", ledger, "--data", data, "--port", "0", "--format", "json"];
  const server = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(createInterface(server.stdout), "line")) as [string];
    const { url } = JSON.parse(line) as { url: string };
    while ((await fetch(`${url}/v1/ready`)).status !== 200) await sleep(5);
    const ms = performance.now() - beganMs;
    const peakMb = peakMbOf(server.pid);
    const proof = await fetch(`${url}/v1/events/${id}/proof`);
    if (proof.status !== 200) throw new Error(`the server is ready and answers ${proof.status} when asked for a proof`);
    await proof.arrayBuffer();
    return { ms, peakMb };
  } finally {
    server.kill();
  }
}
