import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";

/** Emits the publishable package into `dist/` and lets publint look at it. */
function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} failed, and so does the build`);
}

rmSync("dist", { recursive: true, force: true });
run("tsc", "-p", "scripts/tsconfig.build.json");
chmodSync("dist/src/cli/main.js", 0o755);
run("node", "scripts/build-validators.ts");
run("node", "scripts/build-page.ts");
// It would pack, and packing builds.
run("publint", "run", ".", "--pack", "false");
