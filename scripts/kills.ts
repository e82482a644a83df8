// Kills real workers at random while they settle years, and looks whether each month has exactly one anchor and is proven.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Backend, backends, type KillFigures, killLoop } from "../test/kills/kill-loop.ts";
import { freshServices } from "../test/kills/services.ts";

const usage = `usage: node scripts/kills.ts [--kills N] [--seed N] [--backend ${backends.join("|")}]...`;

interface Wanted {
  readonly kills: number;
  readonly seed: number;
  readonly backends: readonly Backend[];
}

function countOf(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError(`${flag} takes a whole number, not ${JSON.stringify(text)}`);
}

function backendOf(text: string): Backend {
  const found = backends.find((each) => each === text);
  if (found) return found;
  throw new TypeError(`--backend takes ${backends.join(", ")}, not ${JSON.stringify(text)}`);
}

/** @throws TypeError naming what is wrong */
function wantedBy(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      backend: { type: "string", multiple: true, default: [...backends] },
    },
  });
  const kills = countOf(values.kills, "--kills");
  if (kills === 0) throw new TypeError("--kills takes at least 1: without a kill nothing is shown");
  return { kills, seed: countOf(values.seed, "--seed"), backends: values.backend.map(backendOf) };
}

async function killsOn(backend: Backend, { kills, seed }: Wanted): Promise<KillFigures> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-kills-"));
  const services = freshServices(backend, process.env);
  let figures: KillFigures | undefined;
  try {
    figures = await killLoop({
      backend,
      kills,
      seed,
      folder,
      services: services.next,
      expireLocks: services.expireLocks,
      log: (line) => process.stderr.write(`${line}\n`),
    });
    return figures;
  } finally {
    await services.close();
    // What a fault left behind is there to be looked at.
    if (figures?.faults.length === 0) rmSync(folder, { recursive: true, force: true });
    else process.stderr.write(`${backend}: see ${folder}\n`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  let wanted: Wanted;
  try {
    wanted = wantedBy(args);
  } catch (error) {
    process.stderr.write(`kills: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return 2;
  }
  let faults = 0;
  for (const backend of wanted.backends) {
    const figures = await killsOn(backend, wanted);
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    faults += figures.faults.length;
  }
  return faults === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
