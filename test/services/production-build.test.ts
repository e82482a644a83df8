import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { checkout, contextFiles, copyOf, execForm, imageStages, type Stage } from "../deployment/dockerfile.ts";

const root = mkdtempSync(join(tmpdir(), "settlement-image-"));
/** What a build sees, and what it makes of each stage. */
const context = join(root, "context");
const image = join(root, "node/app");
const main = join(image, "dist/src/cli/main.js");

/** Node 24 first, and no program of the checkout. */
const env = { ...process.env, PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter) };

/** Builds a stage in a folder of its own: what is copied and what npm does, which is all but the image's users and folders. */
function build({ name, from, instructions }: Stage): void {
  const stage = join(root, name);
  const app = join(stage, "app");
  if (existsSync(join(root, from))) cpSync(join(root, from), stage, { recursive: true, verbatimSymlinks: true });
  mkdirSync(app, { recursive: true });
  for (const instruction of instructions) {
    if (instruction.keyword === "RUN" && instruction.rest.startsWith("npm ")) {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", instruction.rest], { cwd: app, env, encoding: "utf8" });
      if (status !== 0) throw new Error(`${instruction.rest}\n${stdout}${stderr}`);
    }
    if (instruction.keyword !== "COPY") continue;
    const { stage: other, sources, target } = copyOf(instruction);
    for (const source of sources) {
      const found = other === undefined ? join(context, source) : join(root, other, source);
      const goal = target.endsWith("/")
        ? join(app, target, source.slice(source.lastIndexOf("/") + 1))
        : join(app, target);
      cpSync(found, goal, { recursive: true, verbatimSymlinks: true });
    }
  }
}

function settlement(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: root, env, encoding: "utf8" });
  expect(stderr).toBe("");
  return { status, stdout };
}

/** Every file and folder with what a write would change. */
function inventory(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((path) => {
      const { mtimeMs, size } = lstatSync(join(folder, path));
      return `${path} ${mtimeMs} ${size}`;
    });
}

beforeAll(() => {
  for (const path of contextFiles()) cpSync(join(checkout, path), join(context, path));
  for (const stage of imageStages()) build(stage);
}, 600_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("the image is the package and what it depends on, nothing that it is developed with", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(image, "package.json"), "utf8")) as Record<
    "dependencies" | "devDependencies",
    Readonly<Record<string, string>>
  >;
  const installed = (name: string): boolean => existsSync(join(image, "node_modules", name, "package.json"));
  expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
  // Types of some are dependencies of xrpl.
  const tools = Object.keys(devDependencies).filter((name) => !name.startsWith("@types/"));
  expect(tools.filter(installed)).toEqual([]);
});

test("its command is a program", () => {
  expect(statSync(main).mode & 0o111).toBe(0o111);
  expect(readFileSync(main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("every module finds what it imports", () => {
  const modules = readdirSync(join(image, "dist"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js") && join(image, "dist", path) !== main)
    .map((path) => pathToFileURL(join(image, "dist", path)).href);
  expect(modules.length).toBeGreaterThan(200);
  const program = `for (const url of ${JSON.stringify(modules)}) await import(url)`;
  expect(() =>
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { env, stdio: "pipe" }),
  ).not.toThrow();
});

test("it says what it can do", () => {
  const { status, stdout } = settlement("--help");
  expect(status).toBe(0);
  for (const command of ["validate", "serve", "worker", "run"]) expect(stdout).toContain(`  ${command} [options]`);
});

test("it validates the sample ledger, and writes nothing beside it", () => {
  const before = inventory(image);
  expect(settlement("validate", "--ledger", join(image, "ledger"))).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^VALID {2}\d+ events/) as string,
  });
  expect(inventory(image)).toEqual(before);
});

describe("the API of the image", () => {
  test("is healthy while it runs, by the image's own check, and ends when it is told to", async () => {
    const before = inventory(image);
    const data = join(root, "data");
    const args = ["serve", "--ledger", join(image, "ledger"), "--data", data, "--port", "0", "--format", "json"];
    const server = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void server.kill("SIGKILL"));
    const [line] = (await once(server.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { readonly url: string };

    const check = imageStages()
      .at(-1)
      ?.instructions.find(({ keyword }) => keyword === "HEALTHCHECK");
    const [, ...healthArgs] = execForm(check?.rest ?? "[]");
    const isHealthy = (): boolean =>
      spawnSync(process.execPath, healthArgs, { env: { ...env, SETTLEMENT_PORT: new URL(url).port } }).status === 0;
    expect(isHealthy()).toBe(true);

    const ended = once(server, "exit");
    server.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(isHealthy()).toBe(false);
    expect(inventory(image)).toEqual(before);
    expect(existsSync(data)).toBe(false);
  });
});
