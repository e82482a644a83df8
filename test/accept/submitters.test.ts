import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { privateKeyPem } from "../../src/core/public-key.ts";
import type { Promised } from "../../src/ports.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { freePort } from "../../scripts/local-servers.ts";
import { type Running, start } from "../kills/processes.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import { type Json, monthlyFiles, nativeEvent, releasePayload, seedOf } from "../support/build-ledger.ts";
import { closeMonths, expectKept } from "../support/promises-kept.ts";
import { allIds } from "../support/prove.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const submitters = 200;
const seconds = Number(process.env["SETTLEMENT_TEST_SECONDS"] ?? 60);
const nodes = ["acme/widget", "acme/gadget"];

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly origin: string;
  readonly leafIndex: number;
  readonly checkpoint: string;
  readonly acceptedAt: string;
}

interface Node {
  readonly url: string;
  readonly process: Running;
}

async function startNode(folder: string, data: string, key: string): Promise<Node> {
  const port = await freePort();
  const places = ["--ledger", folder, "--data", data, "--key-file", key, "--port", String(port)];
  const limits = ["--rate-limit", "0", "--node-rate-limit", "0", "--max-requests", "400"];
  const process = start(["run", "--accept", ...places, ...limits]);
  const url = `http://127.0.0.1:${port}`;
  for (let looks = 0; looks < 600; looks++) {
    const isUp = await fetch(`${url}/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, process };
    await sleep(100);
  }
  throw new Error(`the node does not start: ${process.output()}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Events of one submitter, some of which its neighbour hands in too; each its node's own. */
function eventsOf(submitter: number, round: number, time: string): Json[] {
  const node = nodes[submitter % nodes.length] ?? "";
  const one = (who: number): Json =>
    nativeEvent("ReleasePublished", node, time, releasePayload(node, `9.${who}.${round}`));
  return submitter % 4 < 2 ? [one(submitter)] : [one(submitter), one(submitter - 2)];
}

test(
  "two hundred submit for a minute and the process is killed in the middle: each promise is kept",
  { timeout: 300_000 + 5000 * seconds },
  async () => {
    const folder = folderOf(monthlyFiles());
    const key = join(temporaryFolder(), "settlement.pem");
    writeFileSync(key, privateKeyPem(seedOf("settlement")), { mode: 0o600 });
    const data = temporaryFolder();
    let node = await startNode(folder, data, key);
    const promises = new Map<string, Answer>();
    const handedIn = new Set<string>();
    const refused: unknown[] = [];
    const endMs = performance.now() + seconds * 1000;
    let lost = 0;

    const handIn = async (events: readonly Json[]): Promise<readonly Answer[] | undefined> => {
      try {
        const answer = await fetch(`${node.url}/v1/events`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ events }),
        });
        if (answer.status === 200) return ((await answer.json()) as { readonly answers: Answer[] }).answers;
        await answer.arrayBuffer();
        if (answer.status !== 503) throw new Error(`answered ${answer.status}`);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        lost++;
      }
      await sleep(200);
      return undefined;
    };

    const submit = async (submitter: number): Promise<void> => {
      for (let round = 0; performance.now() < endMs; round++) {
        // The neighbour spells the same event, so the time must not be that of each.
        const time = `${new Date(startedMs).toISOString().slice(0, 19)}Z`;
        const events = eventsOf(submitter, round, time);
        for (const { id } of events) handedIn.add(textOf(id));
        let answers: readonly Answer[] | undefined;
        // What got no answer is handed in again, until there is one.
        for (let tries = 0; !answers && tries < 600; tries++) answers = await handIn(events);
        for (const answer of answers ?? []) {
          if (answer.state === "refused") refused.push(answer);
          const first = promises.get(answer.id);
          if (first) expect(answer).toEqual({ ...first, state: answer.state });
          else promises.set(answer.id, answer);
        }
      }
    };

    const startedMs = Date.now();
    const all = Array.from({ length: submitters }, (_, submitter) => submit(submitter));
    await sleep(seconds * 500);
    node.process.child.kill("SIGKILL");
    await node.process.ended;
    node = await startNode(folder, data, key);
    await Promise.all(all);
    node.process.child.kill("SIGTERM");
    expect([await node.process.ended, refused.slice(0, 3)]).toEqual([0, []]);

    // Everything that was handed in has an answer, and stands in the ledger once.
    expect([...promises.keys()].toSorted()).toEqual([...handedIn].toSorted());
    const deps = acceptingInto(folder, Date.now);
    const ids = await allIds(await readLedgerView(deps), deps);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([...handedIn]));
    expect(lost).toBeGreaterThan(0);

    const kept = Array.from(promises.values(), ({ acceptedAt, ...rest }): Promised => {
      return { ...rest, acceptedUnixMs: Date.parse(acceptedAt) };
    });
    // As many as show every checkpoint that was signed.
    const shown = [...new Map(kept.map((each) => [`${each.origin} ${each.checkpoint}`, each])).values()];
    await expectKept(shown, deps);
    const closed = await deps.archive.months();
    const open = [...(await readLedgerView(deps)).byMonth.keys()].filter((month) => !closed.includes(month));
    await closeMonths(deps, open, Date.parse("2030-01-01T00:00:00Z"));
    await expectKept(shown, deps);
    expect(await allIds(await readLedgerView(deps), deps)).toEqual(ids);
  },
);
