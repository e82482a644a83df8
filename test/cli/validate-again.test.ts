import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { furtherEvents, type LedgerPlan, makeLedger, madeNowUnixMs } from "../../bench/made-ledger.ts";
import { fromUtf8 } from "../../src/core/bytes.ts";
import { appendBytes, appendPoint } from "../../src/core/partition-file.ts";
import { formatTimestamp } from "../../src/core/time.ts";
import type { Report } from "../../src/validate/finding.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const plan: LedgerPlan = { dialect: "monthly", events: 2400, months: 3, closed: 2 };

test("a pull request is judged from what an earlier run has judged, in another clone too", async () => {
  const [dir, cache] = [temporaryFolder(), temporaryFolder()];
  await makeLedger(dir, plan);
  const git = (folder: string, ...args: readonly string[]): void =>
    void execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      stdio: "pipe",
    });
  git(dir, "init", "-q", "-b", "main");
  git(dir, "add", ".");
  git(dir, "commit", "-q", "-m", "ledger");
  const validate = async (ledger: string, ...args: readonly string[]): Promise<Report> => {
    const given = [
      "--ledger",
      ledger,
      "--now",
      formatTimestamp(madeNowUnixMs),
      "--behind",
      "90000",
      "--format",
      "json",
    ];
    const { out } = await cli(["validate", ...given, ...args], { XDG_CACHE_HOME: cache });
    return JSON.parse(out) as Report;
  };
  const events = 2400;
  expect(await validate(dir)).toMatchObject({ valid: true, signaturesNotRechecked: 0 });

  const clone = join(temporaryFolder(), "clone");
  git(dir, "clone", "-q", ".", clone);
  const path = join(clone, "2024-03.json");
  const text = readFileSync(path, "utf8");
  const point = appendPoint("array", text);
  writeFileSync(path, text.slice(0, point.at) + fromUtf8(appendBytes(point, furtherEvents(plan, 10)).bytes));
  const judged = { valid: true, events: events + 10, signaturesNotRechecked: events };
  expect(await validate(clone, "--base", "HEAD")).toMatchObject(judged);
  git(clone, "commit", "-q", "-a", "-m", "more");
  expect(await validate(clone, "--base", "HEAD~1")).toMatchObject(judged);
  expect(await validate(clone, "--base", "HEAD~1", "--full")).toMatchObject({
    valid: true,
    events: events + 10,
    signaturesNotRechecked: 0,
  });
});
