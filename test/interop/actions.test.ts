import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { beforeAll, describe, expect, test } from "vitest";
import { version } from "../../src/version.ts";
import { monthlyFiles } from "../support/build-ledger.ts";
import { cli } from "../support/cli.ts";
import { keptFolder } from "./folder.ts";
import { dueFiles, gitNetwork, lastMonth } from "./git-network.ts";
import { repository, whyNoSsh } from "./ssh.ts";
import { type Job, makeRunner, readWorkflow, runStep, scriptsOf, type Step, type Workflow } from "./workflow.ts";

const why = whyNoSsh();
const because = why === undefined ? "" : ` (skipped: ${why})`;
const folder = keptFolder();
const names = ["validate", "settle", "publish"] as const;
const root = new URL("../../", import.meta.url);

async function written(name: string, ...more: readonly string[]): Promise<string> {
  const dir = join(folder.path, name);
  mkdirSync(dir, { recursive: true });
  const own = ["--network", "testnet", "--origin", "ledger.test", ...more];
  expect(await cli(["init-actions", dir, ...own])).toMatchObject({ code: 0, err: "" });
  return join(dir, ".github/workflows");
}

function jobOf({ jobs }: Workflow): Job {
  const [job, ...others] = Object.values(jobs);
  expect(others).toEqual([]);
  return job ?? { steps: [] };
}

/** Each job has a workspace of its own. */
function workspaceOf(name: string): string {
  const path = join(folder.path, "workspaces", name);
  mkdirSync(path, { recursive: true });
  return path;
}

beforeAll(() => {
  if (why === undefined) makeRunner(folder.path);
});

describe("the workflows of a ledger", () => {
  test("need a public network, a name, and for mainnet a word", async () => {
    const dir = join(folder.path, "refused");
    mkdirSync(dir, { recursive: true });
    for (const args of [
      [],
      ["--network", "testnet"],
      ["--network", "mainnet", "--origin", "ledger.test"],
      ["--network", "testnet", "--origin", "ledger.test", "--branch", "a b"],
      ["--network", "testnet", "--origin", "ledger.test", "--push-branch", "${{ x }}"],
    ]) {
      const { code, err } = await cli(["init-actions", dir, ...args]);
      expect({ args, code, err }).toMatchObject({ code: 2, err: expect.stringMatching(/^CONFIG_INVALID: /) });
    }
    expect(existsSync(join(dir, ".github"))).toBe(false);
  });

  test("are never overwritten", async () => {
    await written("twice");
    const { code, err } = await cli([
      "init-actions",
      join(folder.path, "twice"),
      "--network",
      "testnet",
      "--origin",
      "ledger.test",
    ]);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringMatching(/^OUTPUT_UNWRITABLE: /) });
  });

  test("have the least permissions, and pin each action by its major version", async () => {
    const dir = await written("static", "--commits", "--push-branch", "settled");
    const permissions: Record<string, unknown> = {};
    for (const name of names) {
      const path = join(dir, `repomesh-${name}.yml`);
      const text = readFileSync(path, "utf8");
      expect(text).not.toMatch(/@[A-Z_]+@|pull_request_target/);
      const workflow = readWorkflow(path);
      const job = jobOf(workflow);
      expect(workflow.permissions).toEqual({ contents: "read" });
      permissions[name] = job.permissions;
      for (const { uses } of job.steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+(\/[\w-]+)+@v\d+$/);
      // Expressions go through the environment; in a script a shell would read them.
      for (const { run } of job.steps) expect(run ?? "").not.toContain("${{");
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout"));
      for (const step of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
      // The command line is there before anything of the repository is.
      const [install, checkout] = [/^npm install/, /^actions\/checkout/].map((form, at) =>
        job.steps.findIndex(({ run, uses }) => form.test((at === 0 ? run : uses) ?? "")),
      );
      expect(install).toBeGreaterThan(-1);
      if (checkout !== -1) expect(install).toBeLessThan(checkout ?? -1);
      expect(text.includes("secrets.")).toBe(name === "settle");
    }
    expect(permissions).toEqual({
      validate: { contents: "read", "security-events": "write" },
      settle: { contents: "write" },
      publish: { contents: "read", pages: "write", "id-token": "write" },
    });
    const scripts = scriptsOf(readWorkflow(join(dir, "repomesh-validate.yml")));
    expect(scripts.get("Validate")?.run).toContain('--base "$BASE" --commits');
  });
});

describe.skipIf(why !== undefined)(`the workflows of a ledger, run${because}`, () => {
  test("settle and publish a network that has no server, and its events are proven from the pages", async () => {
    const dir = await written("due");
    const network = gitNetwork(join(folder.path, "network-due"), dueFiles());
    const settle = scriptsOf(readWorkflow(join(dir, "repomesh-settle.yml")));
    const publish = scriptsOf(readWorkflow(join(dir, "repomesh-publish.yml")));
    const values = {
      "github.server_url": `file://${join(folder.path, "network-due")}`,
      "github.repository": "network.git",
    };
    const env = { SETTLEMENT_NETWORK: "local", SETTLEMENT_CLOSE_MS: "100", SETTLEMENT_GRACE: "0" };
    const runner = { folder: folder.path, workspace: workspaceOf("settle"), values, env };

    expect(await runStep(settle.get("Install"), runner)).toMatchObject({
      out: `npm install --global --ignore-scripts repomesh-settlement@${version}\n`,
    });
    const settled = await runStep(settle.get("Settle"), runner);
    expect(settled).toMatchObject({ status: 0, err: "", out: expect.stringContaining(`closed    ${lastMonth}`) });
    expect(await runStep(settle.get("Settle"), runner)).toMatchObject({
      status: 0,
      out: expect.stringContaining("nothing; it has everything"),
    });

    const pages = { ...runner, workspace: workspaceOf("publish"), env: {} };
    network.writer.git("clone", "-q", "-b", "main", network.bare, join(pages.workspace, "network"));
    expect(await runStep(publish.get("Export"), pages)).toMatchObject({ status: 0, err: "" });
    const proof = join(folder.path, "proof.json");
    const proven = await cli(["prove", "acme/widget@1.0.0", "--ledger", join(pages.workspace, "network"), "-o", proof]);
    expect(proven).toMatchObject({ code: 0 });
    expect(existsSync(join(folder.path, "temp/public/anchors", lastMonth, "receipt.json"))).toBe(true);
  });

  test("a push is judged against what was there before, a first one as a whole", async () => {
    const steps = scriptsOf(readWorkflow(join(await written("push"), "repomesh-validate.yml")));
    const workspace = workspaceOf("push");
    const repo = repository(join(workspace, "network"));
    repo.write(monthlyFiles());
    const first = repo.commit("Begin");
    const env = { SETTLEMENT_NOW: "2026-03-20T12:00:00Z" };
    const run = async (name: string, before: string) =>
      runStep(steps.get(name), { folder: folder.path, workspace, values: { "github.event.before": before }, env });
    for (const name of ["Refuse a rewritten history", "Report to code scanning", "Validate"]) {
      for (const before of ["0".repeat(40), first]) {
        expect({ name, ...(await run(name, before)) }).toMatchObject({ name, status: 0, err: "" });
      }
    }
    const sarif = JSON.parse(readFileSync(join(folder.path, "temp/ledger.sarif"), "utf8")) as unknown;
    expect(sarif).toMatchObject({ version: "2.1.0" });
    // A commit that a force push took away is in no clone.
    expect(await run("Refuse a rewritten history", "ab".repeat(20))).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^::error title=GIT_HISTORY_REWRITTEN::/),
    });
  });

  test("the action passes arguments that no shell reads", async () => {
    const text = readFileSync(new URL("action.yml", root), "utf8");
    const { inputs, runs } = parse(text) as {
      readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
      readonly runs: { readonly steps: readonly Step[] };
    };
    expect(inputs["version"]?.default).toBe(version);
    const steps = new Map(runs.steps.map((step) => [step.name, step]));
    const run = (args: string) =>
      runStep(steps.get("Run"), {
        folder: folder.path,
        workspace: folder.path,
        values: { "inputs.args": args, "inputs.working-directory": "." },
      });
    expect(await run("--version\n")).toEqual({ status: 0, out: `${version}\n`, err: "" });
    const trick = join(folder.path, "trick");
    const odd = await run(`validate\n--ledger\n$(touch ${trick}); touch ${trick}\n`);
    expect(odd).toMatchObject({
      status: 2,
      err: expect.stringContaining(`LEDGER_NOT_FOUND: there is no folder $(touch`),
    });
    expect(existsSync(trick)).toBe(false);
  });
});
