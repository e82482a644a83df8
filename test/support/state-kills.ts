import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { State } from "../../src/adapters/sql-state.ts";
import { writtenMarks } from "./state-marks.ts";

const writer = fileURLToPath(new URL("state-writer.ts", import.meta.url));

/**
 * Lets one process after the other write, each until it is killed.
 *
 * @param place - folder, or address of a PostgreSQL
 * @param counts - marks that each process writes at least
 * @returns the marks that were acknowledged
 */
export async function writeUntilKilled(place: string, counts: readonly number[]): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  for (const count of counts) {
    const env = { ...process.env, STATE_PLACE: place };
    const child = spawn(process.execPath, [writer], { env, stdio: ["ignore", "pipe", "inherit"] });
    let lines = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(Number(line));
      if (++lines === count) child.kill("SIGKILL");
    }
    if (lines < count) throw new Error(`the writer ended by itself after ${lines} marks`);
  }
  return acknowledged;
}

/** What is wrong with what was kept: an acknowledged mark that is not whole, or a write without an earlier one. */
export async function faultsIn(state: State, acknowledged: readonly number[]): Promise<readonly string[]> {
  const marks = await writtenMarks(state);
  const lost = acknowledged.filter((mark) => !marks[mark]?.every(Boolean)).map((mark) => `${mark} is not whole`);
  const others = marks.flatMap((writes, mark) =>
    writes.lastIndexOf(true) < writes.filter(Boolean).length ? [] : [`${mark} has a write without an earlier one`],
  );
  return [...lost, ...others];
}
