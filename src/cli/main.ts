#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(`settlement needs Node 24.12 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  await main();
}

async function main(): Promise<void> {
  // npm runs scripts in the folder of the package; paths are meant from where the command was given.
  const { INIT_CWD: givenIn, npm_lifecycle_event: script } = process.env;
  if (givenIn !== undefined && script === "settlement") process.chdir(givenIn);

  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());

  // Whoever reads the output may stop early, as `head` does; what the command does goes on.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY && process.env["NO_COLOR"] === undefined,
    ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
    stop: controller.signal,
  });
}
