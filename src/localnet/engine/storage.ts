import { join } from "node:path";

import { SettlementError } from "../../core/error.ts";
import { type Engine, type EngineConfig } from "../engine.ts";
import { firstLedger, type Ledger } from "./ledger.ts";
import { type KeptLedger, rebuildLedger } from "./rebuild-ledger.ts";
import { type ChainStore, chainStore } from "./chain-store.ts";
import { createEngine, engineOf, secondLedger } from "./create-engine.ts";
import { bytesOf, hexOf } from "./hex.ts";
import { openJournal } from "./journal.ts";
import { nodeOn } from "./node.ts";

const fileName = "ledgers.jsonl";
/** Between these the state trees of empty ledgers are not compared when a folder is read. */
const thoroughEvery = 256;
const settings = ["networkId", "baseFeeDrops", "reserveBaseDrops", "reserveIncrementDrops"] as const;

/**
 * A local network; with a folder it goes on where it stopped. Every closed ledger is on the disk before anybody hears of
 * it. What was in the open ledger or held is gone after a restart, as with a real server.
 *
 * The folder holds `ledgers.jsonl`: the settings in the first line, then a ledger a line, `h` its header and `t` its
 * transactions in order. Metadata and state follow from them and are checked against the headers.
 *
 * @param dir - made when it is not there
 * @param report - hears when the end of the file was torn and is cut off
 * @throws SettlementError `LOCALNET_DATA_MISMATCH` when the folder belongs to a network with other settings,
 *   `LOCALNET_DATA_MALFORMED` and `LOCALNET_DATA_REFUTED` when it is damaged, `LOCALNET_DATA_UNWRITABLE`
 */
export function openEngine(config: EngineConfig, dir?: string, report: (notice: string) => void = () => {}): Engine {
  if (dir === undefined) return createEngine(config);
  const path = join(dir, fileName);
  const chain = chainStore(config, firstLedger(config));
  let lines = 0;
  const journal = openJournal(
    path,
    (line) => {
      lines += 1;
      if (lines === 1) checkSettings(config, parseLine(path, lines, line));
      else chain.append(restored(config, chain, keptLedger(path, lines, line)));
    },
    report,
  );
  const { header } = chain.last();
  if (header.index > 1) checkState(chain.last());
  if (lines === 0)
    journal.append(JSON.stringify({ v: 1, ...Object.fromEntries(settings.map((name) => [name, config[name]])) }));
  const persist = ({ headerBytes, transactions }: Ledger): void => {
    journal.append(JSON.stringify({ h: hexOf(headerBytes), t: transactions.map(({ blob }) => hexOf(blob)) }));
  };
  if (header.index === 1) {
    const second = secondLedger(config, chain.last());
    persist(second);
    chain.append(second);
  }
  return engineOf(nodeOn(config, chain, persist));
}

function restored(config: EngineConfig, chain: ChainStore, kept: KeptLedger): Ledger {
  const parent = chain.last();
  return rebuildLedger(config, parent, kept, (parent.header.index + 1) % thoroughEvery === 0);
}

/** The last ledger vouches for all before it. */
function checkState({ header, state }: Ledger): void {
  if (hexOf(state.rootHash()) === hexOf(header.stateRoot)) return;
  throw new SettlementError(
    "LOCALNET_DATA_REFUTED",
    `ledger ${header.index} of the local network's data has another state than its header names`,
  );
}

function checkSettings(config: EngineConfig, kept: Readonly<Record<string, unknown>>): void {
  for (const name of ["v", ...settings] as const) {
    const wanted = name === "v" ? 1 : config[name];
    if (kept[name] === wanted) continue;
    throw new SettlementError(
      "LOCALNET_DATA_MISMATCH",
      `the data folder belongs to a local network with ${name} ${JSON.stringify(kept[name])}, not ${wanted}; start it so, or with another folder`,
    );
  }
}

function keptLedger(path: string, number: number, line: string): KeptLedger {
  const { h, t } = parseLine(path, number, line);
  const isHex = (value: unknown): value is string => typeof value === "string" && /^([0-9A-F]{2})+$/.test(value);
  if (!isHex(h) || h.length !== 236 || !Array.isArray(t) || !t.every(isHex)) throw malformed(path, number);
  return { header: bytesOf(h), blobs: t.map((blob) => bytesOf(blob)) };
}

function parseLine(path: string, number: number, line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, with where it is.
  }
  throw malformed(path, number);
}

function malformed(path: string, number: number): SettlementError {
  return new SettlementError(
    "LOCALNET_DATA_MALFORMED",
    `${path}, line ${number}: not what a local network writes; restore the file, or start with an empty folder`,
  );
}
