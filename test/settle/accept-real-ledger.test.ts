import { cpSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/core/bytes.ts";
import { parseJson } from "../../src/core/json.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { acceptingInto } from "../support/accepting.ts";
import {
  eventsIn,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nodeJson,
  settlementJson,
} from "../support/build-ledger.ts";
import { expectKept, promisesOf } from "../support/promises-kept.ts";
import { hasShared, sharedPath } from "../support/shared.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const nowUnixMs = Date.parse("2026-06-22T02:00:00Z");

/** The ledger of a live network, with a name and a node of ours. */
function liveLedger(): string {
  const folder = temporaryFolder();
  cpSync(sharedPath("repomesh-ledger"), folder, { recursive: true });
  writeFileSync(join(folder, "ledger/settlement.json"), JSON.stringify(settlementJson()));
  mkdirSync(join(folder, "ledger/nodes/test/tool"), { recursive: true });
  writeFileSync(join(folder, "ledger/nodes/test/tool/node.json"), JSON.stringify(nodeJson("test/tool", "compute")));
  return folder;
}

describe.skipIf(!hasShared)("the ledger of a live network", () => {
  test("promises all that it holds, and takes what it may", async () => {
    const folder = liveLedger();
    const deps = acceptingInto(folder, () => nowUnixMs);
    const door = acceptor(deps);
    const all = eventsIn({ [linesPath]: readFileSync(join(folder, linesPath), "utf8") }, linesPath);
    const release = (version: string, timestamp: string): Json =>
      jsonlEvent(jsonlContent("ReleasePublished", "test/tool", version, timestamp), "test/tool");
    const [stranger = {}] = all;
    const verdicts = await door.accept([
      ...all,
      release("1.0.0", "2026-06-22T01:59:00Z"),
      release("1.0.0", "2026-06-22T01:59:30Z"),
      release("1.1.0", "2026-07-01T00:00:00Z"),
      { ...stranger, notes: "not what was signed" },
    ]);
    expect(verdicts.slice(all.length).map((each) => (each.state === "refused" ? each.code : each.state))).toEqual([
      "accepted",
      "RELEASE_DUPLICATE",
      "EVENT_FROM_FUTURE",
      "EVENT_ID_MISMATCH",
    ]);
    expect(verdicts.slice(0, all.length).every(({ state }) => state === "known")).toBe(true);
    await expectKept(promisesOf(verdicts.slice(0, all.length + 1)), deps);
    const { partitions } = await readLedgerView(deps);
    expect(partitions.at(-1)?.month).toBe("2026-06");
    const text = readFileSync(join(folder, linesPath), "utf8");
    expect(text.startsWith(readFileSync(sharedPath(`repomesh-ledger/${linesPath}`), "utf8"))).toBe(true);
    expect(parseJson(text.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ repo: "test/tool", version: "1.0.0" });
    expect(fromHex(verdicts.at(-4)?.id ?? "")).toHaveLength(32);
  });
});
