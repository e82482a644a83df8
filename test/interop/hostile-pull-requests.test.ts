import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  closedMonthlyFiles,
  type Files,
  nativeEvent,
  nodeJson,
  releasePayload,
  withEvents,
} from "../support/build-ledger.ts";
import { cli } from "../support/cli.ts";
import { keptFolder } from "./folder.ts";
import { type Repository, repository, whyNoSsh } from "./ssh.ts";
import { makeRunner, readWorkflow, runStep, scriptsOf, type StepAnswer } from "./workflow.ts";

const why = whyNoSsh();
const because = why === undefined ? "" : ` (skipped: ${why})`;
const folder = keptFolder();
const workspace = join(folder.path, "workspace");

/** An open month, and two closed ones. */
const [closed, open] = ["2026-01.json", "2026-03.json"];

function release(version: string, timestamp: string, signer?: string, node = "acme/widget") {
  return nativeEvent("ReleasePublished", node, timestamp, releasePayload(node, version), signer);
}

/** What a pull request makes of the files of the ledger; undefined where it does more than that. */
type Change = (files: Files, repo: Repository) => Files | undefined;

interface Row {
  readonly what: string;
  readonly change: Change;
  /** Title of the annotation, and the file it stands at. */
  readonly refusedBy: string;
  readonly at: string | undefined;
}

const rows: readonly Row[] = [
  {
    what: "history rewritten",
    change: (files, { git }) => {
      git("checkout", "-q", "--orphan", "rewritten");
      return withEvents(files, open, (events) => events.slice(1));
    },
    refusedBy: "GIT_HISTORY_REWRITTEN",
    at: undefined,
  },
  {
    what: "event edited in a closed month",
    change: (files) =>
      withEvents(files, closed, ([first = {}, ...rest]) => [{ ...first, timestamp: "2026-01-05T10:00:01Z" }, ...rest]),
    refusedBy: "EVENT_ALTERED",
    at: closed,
  },
  {
    what: "foreign node's event",
    change: (files) =>
      withEvents(files, open, (events) => [...events, release("3.0.0", "2026-03-19T10:00:00Z", "acme/gadget")]),
    refusedBy: "SIGNATURE_INVALID",
    at: open,
  },
  {
    what: "revoked key",
    change: (files) =>
      withEvents(files, open, (events) => [
        ...events,
        release("3.0.0", "2026-03-19T10:00:00Z", undefined, "acme/former"),
      ]),
    refusedBy: "KEY_NOT_VALID",
    at: open,
  },
  {
    what: "late event",
    change: (files) => withEvents(files, closed, (events) => [...events, release("1.0.1", "2026-01-30T10:00:00Z")]),
    refusedBy: "EVENT_LATE",
    at: closed,
  },
  {
    what: "huge file",
    change: (files) =>
      withEvents(files, open, (events) => [
        ...events,
        nativeEvent("ReleasePublished", "acme/widget", "2026-03-19T10:00:00Z", {
          ...releasePayload("acme/widget", "3.0.0"),
          notes: "x".repeat(8_000_000),
        }),
      ]),
    refusedBy: "JSON_TOO_LARGE",
    at: open,
  },
  {
    what: "link",
    change: (_, { dir }) => {
      rmSync(join(dir, open));
      symlinkSync("/etc/passwd", join(dir, open));
      return undefined;
    },
    refusedBy: "LEDGER_FILE_NOT_PLAIN",
    at: open,
  },
  {
    what: "CRLF games",
    change: (files) => {
      const path = "anchors/2026-01/checkpoint";
      return { ...files, [path]: (files[path] ?? "").replaceAll("\n", "\r\n") };
    },
    refusedBy: "CLOSED_FILE_CHANGED",
    at: "anchors/2026-01/checkpoint",
  },
  {
    what: "reordered array",
    change: (files) => withEvents(files, open, (events) => events.toReversed()),
    refusedBy: "EVENT_REORDERED",
    at: open,
  },
  {
    what: "second partition file for the same month",
    change: (files) => ({ ...files, [`ledger/${open}`]: files[open] ?? "" }),
    refusedBy: "LEDGER_AMBIGUOUS",
    at: ".",
  },
  ...["2026-03.JSON", "2026-3.json", "2026-03.json "].map((other): Row => ({
    what: `second partition file, spelt ${JSON.stringify(other)},`,
    change: (files) => ({ ...files, [other]: files[open] ?? "" }),
    refusedBy: "MONTH_MALFORMED",
    at: other,
  })),
];

let files: Files = {};

function write(dir: string, texts: Files): void {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

let steps: ReturnType<typeof scriptsOf>;

beforeAll(async () => {
  if (why !== undefined) return;
  makeRunner(folder.path);
  const former = nodeJson(
    "acme/former",
    "compute",
    {},
    { validFrom: "2026-01-01T00:00:00Z", validUntil: "2026-02-01T00:00:00Z" },
  );
  files = { ...(await closedMonthlyFiles()), "nodes/acme/former/node.json": `${JSON.stringify(former, null, 2)}\n` };
  const actions = join(folder.path, "actions");
  mkdirSync(actions);
  await cli(["init-actions", actions, "--network", "testnet", "--origin", "ledger.test"]);
  steps = scriptsOf(readWorkflow(join(actions, ".github/workflows/repomesh-validate.yml")));
});

/** The steps of the workflow, until one fails. */
async function judged(base: string, own: string): Promise<StepAnswer> {
  const values = { "github.event.pull_request.base.sha": base };
  const env = { SETTLEMENT_NOW: "2026-03-20T12:00:00Z" };
  let answer: StepAnswer = { status: 0, out: "", err: "" };
  for (const name of ["Install", "Refuse a rewritten history", "Report to code scanning", "Validate"]) {
    answer = await runStep(steps.get(name), { folder: folder.path, workspace: own, values, env });
    if (answer.status !== 0) return answer;
  }
  return answer;
}

/** A pull request in a repository of its own. */
async function handedIn(name: string, change: Change): Promise<StepAnswer> {
  const own = join(workspace, name.replaceAll(/\W/g, "-"));
  const repo = repository(join(own, "network"));
  write(repo.dir, files);
  const base = repo.commit("Begin");
  repo.git("checkout", "-q", "-b", "change");
  const changed = change(files, repo);
  if (changed) write(repo.dir, changed);
  repo.commit("Change");
  return judged(base, own);
}

describe.skipIf(why !== undefined)(`pull requests${because}`, () => {
  test("a good one is let in", async () => {
    const answer = await handedIn("good", (before) =>
      withEvents(before, open, (events) => [...events, release("3.0.0", "2026-03-19T10:00:00Z")]),
    );
    expect(answer).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^::notice title=settlement validate::valid/m),
    });
  });

  test.for(rows)("$what is refused by $refusedBy", async ({ what, change, refusedBy, at }) => {
    const { status, out, err } = await handedIn(what, change);
    const annotations = out.split("\n").filter((line) => line.startsWith("::error "));
    const place = at === undefined ? "" : `file=${at},(line=\\d+,)?`;
    expect({ status, err, annotations }).toMatchObject({
      status: 1,
      err: "",
      annotations: expect.arrayContaining([expect.stringMatching(`^::error ${place}title=${refusedBy}::.`)]),
    });
  });
});
