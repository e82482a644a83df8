// What `bench/accept.ts` measures, one task a process.
import { readFileSync } from "node:fs";
import { folderTree } from "../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../src/adapters/ledger-folder.ts";
import { fast } from "../src/compose-judging.ts";
import { openState } from "../src/compose-state.ts";
import { readConfig } from "../src/config.ts";
import { utf8 } from "../src/core/bytes.ts";
import { monthEndUnixMs } from "../src/core/month.ts";
import { type Acceptor, acceptor } from "../src/settle/accept-events.ts";
import { openDoor } from "../src/validate/door.ts";
import { verifyThreads } from "../src/verify-pool.ts";
import { verifiedOnAllCores } from "./bare-signatures.ts";
import { madeNowUnixMs, settlementKey } from "./made-ledger.ts";
import { measured } from "./own-process.ts";

export type AcceptTask =
  | { readonly kind: "signatures"; readonly count: number }
  | {
      readonly kind: "accept";
      readonly ledger: string;
      readonly data: string;
      readonly month: string;
      /** File with an event a line; each attestation stands right behind what it attests. */
      readonly events: string;
    };

/** Events of one caller: of three in a row none attests one of another three. */
const batchSize = 600;
const callers = 4;

/** Hands in all events, and resolves to how many got each state. */
async function handIn({ accept }: Acceptor, events: readonly Uint8Array[]): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < events.length) {
      const batch = events.slice(next, (next += batchSize));
      for (const { state } of await accept(batch)) states[state] = (states[state] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return states;
}

async function heldIn(ledger: string, month: string): Promise<number> {
  const { files } = await ledgerFolder(ledger).snapshot();
  return files.get(month)?.length ?? 0;
}

/** The door of a node, with its state on disk: what it says yes to is in the ledger and promised, whatever happens next. */
async function accepted(task: AcceptTask & { kind: "accept" }): Promise<{ outcome: string; ms: number }> {
  const { ledger, data, month, events: file } = task;
  const events = readFileSync(file, "utf8").split("\n").filter(Boolean).map(utf8);
  const state = await openState(readConfig({ data }, {}));
  const { sha256, hashing, verify } = fast;
  // The made events are of whatever age.
  const { verifyAhead, verifiedAtOnce } = verifyThreads();
  const door = { sha256, verify, verifyAhead, verifiedAtOnce, windows: { behindMs: madeNowUnixMs } };
  const into = acceptor({
    ledger: ledgerFolder(ledger, { hash: sha256 }),
    openDoor: (previous) => openDoor(folderTree(ledger), door, previous),
    heads: state.heads,
    promises: state.promises,
    key: settlementKey,
    network: "local",
    sha256,
    hashing,
    clock: () => monthEndUnixMs(month),
    graceMs: 20 * 60_000,
  });
  await into.accept([]);
  const before = await heldIn(ledger, month);
  const beganMs = performance.now();
  const first = await handIn(into, events);
  const ms = performance.now() - beganMs;
  const again = await handIn(into, events.slice(0, batchSize));
  const added = (await heldIn(ledger, month)) - before;
  await state.close();
  return { outcome: JSON.stringify({ first, again, added }), ms };
}

await measured(async (task: AcceptTask) => {
  if (task.kind === "accept") return accepted(task);
  await verifiedOnAllCores(task.count);
  return { outcome: "verified" };
});
