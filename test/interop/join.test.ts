import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Files, jsonlFiles, monthlyFiles, pemOf } from "../support/build-ledger.ts";
import { eventsServer } from "../support/events-server.ts";
import { keptFolder } from "./folder.ts";
import { tool, type ToolAnswer, whyNoSsh } from "./ssh.ts";

/** A tool that the runners of GitHub have, and the workflow uses. */
const jq: string = "jq";
const hasJq = spawnSync(jq, ["--version"]).status === 0;
const why = whyNoSsh() ?? (hasJq ? undefined : "jq is not installed");
const because = why === undefined ? "" : ` (skipped: ${why})`;
const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const folder = keptFolder();
const at = (name: string): string => join(folder.path, name);

function git(cwd: string, ...args: readonly string[]): string {
  const names = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
  const { status, text } = tool("git", [...names, ...args], "", cwd);
  expect({ args, status, text }).toMatchObject({ status: 0 });
  return text;
}

function settlement(cwd: string, ...args: readonly string[]): ToolAnswer {
  return tool(process.execPath, [program, ...args], "", cwd);
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

/** The steps of the workflow that run a script, by name. */
function stepsOf(repo: string): ReadonlyMap<string | undefined, Step> {
  const [file = ""] = readdirSync(join(repo, ".github/workflows"));
  const { jobs } = parse(readFileSync(join(repo, ".github/workflows", file), "utf8")) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return new Map(steps.filter(({ run }) => run !== undefined).map((step) => [step.name, step]));
}

/** Runs a step as a runner of GitHub does: its expressions replaced by the values here, its script by bash. */
async function runStep(
  step: Step | undefined,
  repo: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const valued = (text: string): string =>
    text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) => values[name] ?? "");
  const own = Object.fromEntries(Object.entries(step?.env ?? {}).map(([name, text]) => [name, valued(text)]));
  const env = {
    PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`,
    HOME: folder.path,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GITHUB_REPOSITORY: "zoo/gear",
    GITHUB_REF_NAME: "v1.0.0",
    GITHUB_SHA: git(repo, "rev-parse", "HEAD").trim(),
    RUNNER_TEMP: values["runner.temp"] ?? "",
    ...own,
  };
  const cwd = join(repo, step?.["working-directory"] ?? ".");
  const script = ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? "false"];
  return new Promise((resolve, reject) => {
    execFile("bash", script, { cwd, env }, (error, stdout, stderr) =>
      error ? reject(new Error(`${step?.name}: ${stdout}${stderr}`, { cause: error })) : resolve(stdout),
    );
  });
}

/** A repository that has nothing but one commit. */
function emptyRepository(name: string): string {
  const repo = at(name);
  write(join(repo, "README.md"), "# Gear\n");
  git(repo, "init", "-q");
  git(repo, "add", "-A");
  git(repo, "commit", "-q", "-m", "Begin");
  return repo;
}

/** A network in a bare repository, and a clone of it. */
function network(name: string, files: Files): { readonly bare: string; readonly clone: string } {
  const [bare, clone] = [at(`${name}.git`), at(name)];
  git(folder.path, "init", "-q", "--bare", bare);
  git(folder.path, "clone", "-q", bare, clone);
  for (const [path, text] of Object.entries(files)) write(join(clone, path), text);
  git(clone, "checkout", "-q", "-B", "main");
  git(clone, "add", "-A");
  git(clone, "commit", "-q", "-m", "Begin");
  git(clone, "push", "-q", "origin", "main");
  return { bare, clone };
}

beforeAll(() => {
  if (why !== undefined) return;
  // What npx would fetch is this checkout; of the forge nothing is asked.
  write(at("bin/npx"), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${program}" "$@"\n`, 0o755);
  write(at("bin/gh"), `#!/bin/sh\necho "gh $*"\n`, 0o755);
});

describe.skipIf(why !== undefined)(`joining a network in git${because}`, () => {
  test.for([
    ["monthly", monthlyFiles],
    ["jsonl", jsonlFiles],
  ] as const)("a %s one by pull requests, each commit signed", async ([dialect, files]) => {
    const repo = emptyRepository(`gear-${dialect}`);
    const { bare, clone } = network(`network-${dialect}`, files());
    const [pem, ssh] = [at(`${dialect}.pem`), at(`${dialect}.ssh`)];
    const own = ["--id", "zoo/gear", "--comment", "ada@example.org"];
    const how = ["--out", pem, "--ssh-out", ssh, "--ledger", clone, "--repository", "net-org/network"];
    expect(settlement(repo, "init", ...own, ...how)).toMatchObject({ status: 0 });
    git(repo, "add", "-A");
    expect(git(repo, "status", "--porcelain").trim().split("\n").toSorted()).toEqual([
      "A  .github/workflows/repomesh-release.yml",
      "A  node.json",
      "A  repomesh.profile.json",
    ]);
    git(repo, "commit", "-q", "-m", "Join the network");

    // The node's own key signs the commit that registers it.
    expect(settlement(clone, "node", "add", join(repo, "node.json"), "--ledger", clone)).toMatchObject({ status: 0 });
    git(clone, "add", "-A", "--", ":!*.writer.lock");
    const signing = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${ssh}`];
    git(clone, ...signing, "commit", "-q", "-S", "-m", "Register zoo/gear");
    const commits = ["validate", "--ledger", clone, "--commits", "--base"];
    expect(settlement(clone, ...commits, "origin/main")).toMatchObject({ status: 0 });
    git(clone, "push", "-q", "origin", "HEAD:main");

    // The workflow, on a tag.
    const temp = at(`runner-${dialect}`);
    mkdirSync(temp);
    const steps = stepsOf(repo);
    const values = {
      "runner.temp": temp,
      "github.server_url": "https://github.com",
      "github.repository": "zoo/gear",
      "secrets.SETTLEMENT_KEY": readFileSync(pem, "utf8"),
      "secrets.SETTLEMENT_SSH_KEY": readFileSync(ssh, "utf8"),
    };
    await runStep(steps.get("Build"), repo, values);
    git(folder.path, "clone", "-q", "-b", "main", bare, join(repo, "network"));
    renameSync(join(repo, "release"), join(temp, "release"));
    const described = JSON.parse(await runStep(steps.get("Describe the release"), repo, values)) as unknown;
    expect(described).toMatchObject({ type: "ReleasePublished" });
    await runStep(steps.get("Sign it"), repo, values);
    expect(await runStep(steps.get("Add it to the ledger"), repo, values)).toMatch(/^ACCEPTED /);
    expect(await runStep(steps.get("Open a pull request"), repo, values)).toMatch(
      /gh pr create --fill --head event-[0-9a-f]{16}/,
    );

    // What the keeper of the ledger sees.
    git(clone, "fetch", "-q", "origin");
    const branch = git(clone, "branch", "-r", "--list", "origin/event-*").trim();
    git(clone, "checkout", "-q", "-B", "candidate", branch);
    expect(settlement(clone, ...commits, "origin/main")).toMatchObject({ status: 0 });
    const shown = settlement(clone, "event", "show", "zoo/gear@1.0.0", "--ledger", clone);
    expect(shown.text).toMatch(/^signature +holds \(zoo\/gear, key /m);

    // A change of its keys that none of them signed is told.
    git(clone, "checkout", "-q", "-B", "unsigned", "origin/main");
    write(at("new.pub"), pemOf("zoo/gear new"));
    const rotation = ["--ledger", clone, "--new-key", at("new.pub"), "--key-file", pem];
    expect(settlement(clone, "key", "rotate", "zoo/gear", keyIdIn(repo), ...rotation)).toMatchObject({ status: 0 });
    git(clone, "commit", "-q", "-a", "-m", "Another key");
    const { status, text } = settlement(clone, ...commits, "origin/main");
    expect([status, text]).toEqual([1, expect.stringContaining("COMMIT_UNSIGNED")]);
  });

  test("by HTTP, from a repository that has nothing else", async () => {
    const repo = emptyRepository("gear-http");
    const pem = at("http.pem");
    const { url, asked } = await eventsServer(async ({ body }) => {
      const { events } = JSON.parse(body) as { readonly events: readonly { readonly id: string }[] };
      return {
        status: 200,
        body: { answers: events.map(({ id }) => ({ id, state: "accepted", month: "2026-11", leafIndex: 7 })) },
      };
    });
    expect(settlement(repo, "init", "--id", "zoo/gear", "--out", pem, "--url", url).status).toBe(0);
    git(repo, "add", "-A");
    git(repo, "commit", "-q", "-m", "Join the network");
    const temp = at("runner-http");
    mkdirSync(temp);
    const values = { "runner.temp": temp, "secrets.SETTLEMENT_KEY": readFileSync(pem, "utf8") };
    const steps = stepsOf(repo);
    for (const name of ["Build", "Describe the release", "Sign it"]) {
      await runStep(steps.get(name), repo, values);
      if (name === "Build") renameSync(join(repo, "release"), join(temp, "release"));
    }
    expect(await runStep(steps.get("Hand it in"), repo, values)).toMatch(
      /^ACCEPTED {2}[0-9a-f]{64}, leaf 7 of 2026-11$/m,
    );
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /v1/events"]);
  });
});

function keyIdIn(repo: string): string {
  const { maintainers } = JSON.parse(readFileSync(join(repo, "node.json"), "utf8")) as {
    readonly maintainers: readonly { readonly keyId: string }[];
  };
  return maintainers[0]?.keyId ?? "";
}
