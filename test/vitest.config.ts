import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Whole processes, virtual years and waits: minutes each. */
const slow = [
  "test/runbook/**/*.test.ts",
  "test/simulator-year/**/*.test.ts",
  "test/adapters/{job-backend,telemetry}.test.ts",
  "test/settle/accept-crash.test.ts",
  "test/accept/**/*.test.ts",
  "test/fuzz/{planted,processes}.test.ts",
  "test/validate/streamed.test.ts",
  "test/cli/{localnet,offline}.test.ts",
  "test/deployment/compose-programs.test.ts",
  "test/settle/proof-size.test.ts",
  "test/simulator/**/*.test.ts",
  "test/bad-input.test.ts",
];

export default defineConfig({
  test: {
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: "unit",
          // Loading the libraries anew for each file costs as much as the tests.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/services/**", "test/browser/**", "test/interop/**", ...slow],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "slow",
          include: slow,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "services",
          include: ["test/services/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "interop",
          include: ["test/interop/**/*.test.ts"],
          globalSetup: ["test/interop/go.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
