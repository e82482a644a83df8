import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { writeOnce } from "../../adapters/durable-file.ts";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { openLedger } from "../../compose.ts";
import { utf8 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { formatPartition } from "../../core/partition-file.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import type { MonthEvents } from "../../settle/month-events.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import type { CommandSpec } from "../command.ts";
import { noteTo } from "../notes.ts";
import { columns, styled } from "../io.ts";

function requireEmpty(folder: string, source: string): void {
  const inside = relative(source, folder);
  if (inside === "" || !(inside.startsWith("..") || isAbsolute(inside))) {
    throw new SettlementError(
      "CONFIG_INVALID",
      `--ledger ${folder} lies in the ledger that is copied; name a folder elsewhere`,
    );
  }
  const facts = statSync(folder, { throwIfNoEntry: false });
  if (facts && !facts.isDirectory()) throw new SettlementError("CONFIG_INVALID", `--ledger ${folder} is not a folder`);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new SettlementError("LEDGER_ALREADY_EXISTS", `${folder} is not empty; name a new folder with --ledger`);
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `--ledger ${folder} cannot be made; check the path and its permissions`,
      { cause },
    );
  }
}

async function allOf(events: MonthEvents): Promise<readonly LedgerEvent[]> {
  return Promise.all(Array.from({ length: events.count }, (_, leaf) => events.at(leaf)));
}

export const importLedger: CommandSpec = {
  name: "import",
  usage: "<FROM>",
  about:
    "Copy a ledger into a new folder with one file a month. Events keep their bytes' meaning, ids and signatures; FROM is not changed.",
  settings: ["ledger", "format"],
  examples: ["import ../network/ledger --ledger my-ledger"],
  async run({ config, format, io }, [from = ""]) {
    const source = await openLedger(from);
    const view = await readLedgerView(source);
    if (view.partitions.some(({ state }) => state !== "open")) {
      throw new SettlementError(
        "PARTITION_ALREADY_CLOSED",
        `${from} has closed months, whose published ranges speak of its files as they are; such a ledger stays where it is`,
      );
    }
    requireEmpty(config.ledger, source.folder);
    const root = { root: config.ledger, fs: nodeFileSystem };
    const months = view.partitions.filter(({ events }) => events.count > 0);
    for (const { month, events } of months) {
      await writeOnce(
        root,
        `${month}.json`,
        utf8(
          formatPartition(
            "array",
            (await allOf(events)).map(({ json }) => JSON.stringify(json)),
          ),
        ),
      );
    }
    const nodes = join(source.folder, "nodes");
    if (existsSync(nodes)) cpSync(nodes, join(config.ledger, "nodes"), { recursive: true, verbatimSymlinks: true });
    if (existsSync(join(from, "verifier.policy.json"))) {
      noteTo(io)(
        `${join(from, "verifier.policy.json")} stays where it is; give it to validate and close with --policy`,
      );
    }
    if (format === "json")
      io.out(
        `${JSON.stringify({ dialect: view.dialect, months: months.map(({ month, events }) => ({ month, events: events.count })) })}\n`,
      );
    else {
      io.out(
        `${styled(io, "green", "✓")} ${months.reduce((sum, { events }) => sum + events.count, 0)} events of ${view.nodes.length} nodes are now in ${config.ledger}\n`,
      );
      io.out(columns(months.map(({ month, events }) => [`${month}.json`, `${events.count} events`])));
    }
    return 0;
  },
};
