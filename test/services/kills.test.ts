import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { backends, killLoop } from "../kills/kill-loop.ts";
import { freshServices } from "../kills/services.ts";

const minutesMs = 60_000;
const kills = 10;

test.concurrent.for(backends)(
  "workers on %s that are killed at random anchor every month exactly once, and prove it",
  { timeout: 8 * minutesMs },
  async (backend, { expect, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "settlement-kills-"));
    const services = freshServices(backend, process.env);
    onTestFinished(async () => {
      await services.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const figures = await killLoop({
      backend,
      kills,
      seed: 1,
      folder,
      services: services.next,
      expireLocks: services.expireLocks,
      log: () => undefined,
    });
    expect(figures).toMatchObject({ faults: [], kills });
    expect(figures.killsWhileProving).toBeGreaterThan(0);
  },
);
