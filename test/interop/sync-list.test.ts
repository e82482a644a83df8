import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  eventsIn,
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nodeJson,
  signLineAgain,
  textIn,
  withEvents,
} from "../support/build-ledger.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { gitNetwork, type GitNetwork, justNow, lastMonth, lastMonthAt } from "./git-network.ts";
import { whyNoSsh } from "./ssh.ts";

const why = whyNoSsh();
const because = why === undefined ? "" : ` (skipped: ${why})`;
const folder = "ledger/";

function release(version: string, timestamp: string): Json {
  return jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, timestamp), "acme/widget");
}

/** The repository of a network that keeps its events in one list; its last month is over and open. */
function listFiles(): Files {
  const policy = { v: 2, trustedAttestors: [], trustedPolicy: [] };
  const begun: Files = {
    [`${folder}nodes/acme/widget/node.json`]: `${JSON.stringify(nodeJson("acme/widget", "compute"), null, 2)}\n`,
    "verifier.policy.json": JSON.stringify(policy),
  };
  return withEvents(begun, linesPath, () => [0, 1, 2].map((hour) => release(`1.0.${hour}`, lastMonthAt(hour))));
}

interface Place extends GitNetwork {
  readonly clone: string;
  sync(...args: readonly string[]): Promise<CliResult>;
  remote(...args: readonly string[]): string;
  /** The list as the branch has it. */
  list(): Files;
  /** Somebody changes the list, in a commit of its own. */
  change(change: (events: Json[]) => readonly Json[]): void;
}

function place(): Place {
  const own = temporaryFolder();
  const network = gitNetwork(own, listFiles());
  const { writer, bare } = network;
  const data = join(own, "data");
  const remote = (...args: readonly string[]): string => writer.git("-C", bare, ...args);
  const list = (): Files => ({ [linesPath]: remote("show", `main:${linesPath}`) });
  return {
    ...network,
    clone: join(data, "clone"),
    sync: (...args) => cli(["sync", "--remote", bare, "--data", data, "--grace", "0", ...args]),
    remote,
    list,
    change(change) {
      writer.git("fetch", "-q", "origin", "main");
      writer.git("reset", "-q", "--hard", "FETCH_HEAD");
      writer.write(withEvents(list(), linesPath, change));
      writer.commit("Change the list");
      writer.git("push", "-q", "origin", "HEAD:main");
    },
  };
}

const [manifestPath, receiptPath] = ["manifest.json", "receipt.json"].map(
  (name) => `${folder}anchors/${lastMonth}/${name}`,
);

describe.skipIf(why !== undefined)(`a network fed by git whose events are one list${because}`, () => {
  test("is pulled, closed, anchored and pushed, and the list is left as it is", async () => {
    const { sync, remote, list, clone } = place();
    const before = list()[linesPath];
    const first = await sync();
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(new RegExp(`^ {2}closed +${lastMonth}, 3 events, root [0-9a-f]{64}$`, "m"));
    expect(first.out).toMatch(new RegExp(`^ {2}anchored +${lastMonth} by [0-9A-F]{64} in ledger \\d+$`, "m"));
    expect(remote("ls-tree", "-r", "--name-only", "main~1")).toContain(manifestPath);
    expect(remote("ls-tree", "-r", "--name-only", "main~1")).not.toContain(receiptPath);
    expect(remote("ls-tree", "-r", "--name-only", "main")).toContain(receiptPath);
    expect(list()[linesPath]).toBe(before);
    expect(await cli(["validate", "--ledger", clone])).toMatchObject({ code: 0 });
    const again = await sync("--format", "json");
    expect(JSON.parse(again.out)).toMatchObject({ closed: [], receipts: [], pushed: null });
  });

  test("an event of the closed month that is appended is taken, and is of the next month", async () => {
    const { sync, change, remote, clone } = place();
    expect(await sync()).toMatchObject({ code: 0, err: "" });
    const closed = remote("rev-parse", `main:${manifestPath}`);
    const late = release("1.0.9", lastMonthAt(5));
    change((events) => [...events, late, release("2.0.0", justNow())]);
    const next = await sync("--format", "json");
    expect(next).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(next.out)).toMatchObject({ closed: [], receipts: [], pushed: null });
    expect(remote("rev-parse", `main:${manifestPath}`)).toBe(closed);
    const id = textIn((late["signature"] as Json)["canonicalHash"]);
    const shown = await cli(["event", "show", id, "--ledger", clone, "--format", "json"]);
    expect(JSON.parse(shown.out)).toMatchObject({ place: { month: justNow().slice(0, 7), anchor: { state: "open" } } });
  });

  test.for([
    ["an event put into the closed month", "EVENT_LATE"],
    ["an event of the closed month edited and signed again", "EVENT_ALTERED"],
    ["an event of the closed month removed", "EVENT_REMOVED"],
    ["two events of the closed month swapped", "EVENT_REORDERED"],
    ["the closed month formatted anew", "MONTH_CLOSED_REWRITTEN"],
  ] as const)("%s is refused with %s, and nothing is touched", async ([what, code]) => {
    const { sync, change, remote, writer, clone } = place();
    expect(await sync()).toMatchObject({ code: 0 });
    const before = writer.git("-C", clone, "rev-parse", "HEAD");
    change((events) => {
      const [first = {}, second = {}, ...others] = events;
      const changed = {
        "an event put into the closed month": [first, release("6.6.6", lastMonthAt(0)), second, ...others],
        "an event of the closed month edited and signed again": [
          signLineAgain({ ...first, commit: "0".repeat(40) }, "acme/widget"),
          second,
          ...others,
        ],
        "an event of the closed month removed": [second, ...others],
        "two events of the closed month swapped": [second, first, ...others],
        "the closed month formatted anew": events.map((event) =>
          Object.fromEntries(Object.entries(event).toReversed()),
        ),
      };
      return changed[what];
    });
    const refs = remote("for-each-ref");
    const { code: exit, out } = await sync("--format", "json");
    expect({ exit, answer: JSON.parse(out) }).toMatchObject({
      exit: 1,
      answer: {
        error: { code: "GIT_CHANGE_REFUSED" },
        findings: expect.arrayContaining([expect.objectContaining({ code, file: linesPath })]),
      },
    });
    expect(writer.git("-C", clone, "rev-parse", "HEAD")).toBe(before);
    expect(remote("for-each-ref")).toBe(refs);
  });

  test("what is refused is taken once it was reverted, and the month stays closed as it was", async () => {
    const { sync, change, remote } = place();
    expect(await sync()).toMatchObject({ code: 0 });
    const closed = remote("rev-parse", `main:${manifestPath}`);
    change(([first = {}, ...others]) => [first, release("6.6.6", lastMonthAt(0)), ...others]);
    expect(await sync()).toMatchObject({ code: 1 });
    change(([first = {}, added = {}, ...others]) => [first, ...others, added]);
    expect(await sync()).toMatchObject({ code: 0, err: "" });
    expect(remote("rev-parse", `main:${manifestPath}`)).toBe(closed);
    expect(eventsIn({ [linesPath]: remote("show", `main:${linesPath}`) }, linesPath)).toHaveLength(4);
  });
});
