// Kills real workers at random while they settle years, and looks whether each month has exactly one anchor.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Backend, killLoop } from "../test/kills/kill-loop.ts";
import { freshServices } from "../test/kills/services.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    backend: { type: "string", default: "embedded" },
  },
});

const backend = values.backend as Backend;
const folder = mkdtempSync(join(tmpdir(), "settlement-kills-"));
const services = freshServices(backend, process.env);
try {
  const figures = await killLoop({
    backend,
    kills: Number(values.kills),
    seed: Number(values.seed),
    folder,
    services: services.next,
    expireLocks: services.expireLocks,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = figures.faults.length === 0 ? 0 : 1;
} finally {
  await services.close();
  if (process.exitCode !== 1) rmSync(folder, { recursive: true, force: true });
}
