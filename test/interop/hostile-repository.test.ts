import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Files, monthlyFiles, withEvents } from "../support/build-ledger.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Repository, repository, whyNoSsh } from "./ssh.ts";
import { program } from "./workflow.ts";

const why = whyNoSsh();
const because = why === undefined ? "" : ` (skipped: ${why})`;
const march = "2026-03.json";
const now = ["--now", "2026-03-20T12:00:00Z"];

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}${path}`, text]));
}

/** A repository with a ledger of which the last event is gone in the work tree, and a program that leaves a mark. */
function shortened(folder: string): { repo: Repository; trap: string; marker: string } {
  const repo = repository(join(folder, "network"));
  repo.write(below("ledger/", monthlyFiles()));
  repo.commit("Begin");
  repo.write(
    below(
      "ledger/",
      withEvents(monthlyFiles(), march, (events) => events.slice(0, -1)),
    ),
  );
  const [trap, marker] = [join(folder, "trap.sh"), join(folder, "marker")];
  writeFileSync(trap, `#!/bin/sh\ntouch ${marker}\ncat\n`);
  chmodSync(trap, 0o755);
  return { repo, trap, marker };
}

describe.skipIf(why !== undefined)(`a repository of somebody hostile${because}`, () => {
  test("files that look like a repository are not read as the earlier state", async () => {
    const folder = temporaryFolder();
    const { repo, trap, marker } = shortened(folder);
    // A repository whose main holds the shortened ledger, as plain files of the ledger folder.
    const fake = repository(join(folder, "fake"));
    fake.write(withEvents(monthlyFiles(), march, (events) => events.slice(0, -1)));
    fake.commit("Always like that");
    fake.git("config", "core.bare", "true");
    fake.git("config", "core.fsmonitor", trap);
    for (const name of ["HEAD", "config", "objects", "refs"]) {
      cpSync(join(fake.dir, ".git", name), join(repo.dir, "ledger", name), { recursive: true });
    }
    const given = ["validate", "--ledger", join(repo.dir, "ledger"), "--base", "main", "--format", "json", ...now];
    const { code, out } = await cli(given);
    expect({ code, answer: JSON.parse(out) as unknown }).toMatchObject({
      code: 2,
      answer: { error: { code: "GIT_NOT_A_REPOSITORY", message: expect.stringMatching(/bare repository/) } },
    });
    expect(existsSync(marker)).toBe(false);
  });

  test.for(["core.fsmonitor", "filter.trap.clean", "filter.trap.process", "filter.a=b.clean"])(
    "what its %s names is not run",
    async (setting) => {
      const { repo, trap, marker } = shortened(temporaryFolder());
      repo.git("config", "core.fsmonitor", "false");
      repo.git("config", setting, trap);
      repo.git("config", "filter.trap.required", "true");
      mkdirSync(join(repo.dir, ".git", "info"), { recursive: true });
      const [, filter = "trap"] = /^filter\.(.*)\.\w+$/.exec(setting) ?? [];
      writeFileSync(join(repo.dir, ".git", "info", "attributes"), `* filter=${filter}\n`);
      const ledger = join(repo.dir, "ledger");
      const { code, out } = await cli(["validate", "--ledger", ledger, "--base", "HEAD", "--commits", ...now]);
      expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining("COMMIT_MISSING") });
      expect(existsSync(marker)).toBe(false);
    },
  );

  test("nor is another repository that the environment names", () => {
    const folder = temporaryFolder();
    const { repo } = shortened(folder);
    const other = repository(join(folder, "other"));
    const env = { ...process.env, GIT_OBJECT_DIRECTORY: join(other.dir, ".git", "objects"), GIT_COMMON_DIR: other.dir };
    const given = ["validate", "--ledger", join(repo.dir, "ledger"), "--base", "HEAD", "--format", "json", ...now];
    const { stdout } = spawnSync(process.execPath, [program, ...given], { env, encoding: "utf8" });
    expect(stdout).toContain('"EVENT_REMOVED"');
  });
});
