import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";

import type { Engine, EngineConfig } from "../../../src/localnet/engine.ts";
import { openEngine } from "../../../src/localnet/engine/storage.ts";
import { accountSet, config, testNetwork } from "./network.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "localnet-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = () => join(dir, "ledgers.jsonl");
const reopen = (other: Partial<EngineConfig> = {}, report?: (notice: string) => void): Engine =>
  openEngine({ ...config, ...other }, dir, report);

function runFor(ledgers: number): Engine {
  const { engine, send, alice, bob } = testNetwork(reopen());
  for (let count = 0; count < ledgers; count++) {
    if (count % 3 === 0) for (const from of [alice, bob]) send(accountSet(from.address));
    engine.accept();
  }
  return engine;
}

/** Everything a chain says of its first ledgers. */
function chainOf(engine: Engine, last: number): unknown {
  return Array.from({ length: last }, (_, at) => {
    const { hash, transactions, state } = engine.closedByIndex(at + 1)!;
    return { hash, transactions, state: [...state.entries()] };
  });
}

describe("a data folder", () => {
  it("goes on where it stopped", () => {
    const before = runFor(9);
    const again = reopen();
    expect(again.last().index).toBe(12);
    expect(chainOf(again, 12)).toEqual(chainOf(before, 12));
    const { engine, send, alice } = testNetwork(again);
    send(accountSet(alice.address));
    engine.accept();
    expect(chainOf(reopen(), 13)).toEqual(chainOf(engine, 13));
  });

  it("is made when it is not there", () => {
    const engine = openEngine(config, join(dir, "a", "b"));
    expect(openEngine(config, join(dir, "a", "b")).last().hash).toBe(engine.last().hash);
  });

  it("does not keep what was in the open ledger", () => {
    const { engine, send, alice } = testNetwork(reopen());
    const { hash } = send(accountSet(alice.address));
    expect(engine.transaction(hash)).toBeDefined();
    expect(reopen().transaction(hash)).toBeUndefined();
  });

  it("survives a crash at every byte of the last line", () => {
    const before = runFor(1);
    const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
    const whole = statSync(file()).size;
    const last = lines.at(-1)!.length + 1;
    for (const lost of [1, 2, Math.floor(last / 2), last - 1]) {
      const text = readFileSync(file());
      truncateSync(file(), whole - lost);
      const notices: string[] = [];
      const again = reopen({}, (notice) => notices.push(notice));
      expect(again.last().hash).toBe(before.closedByIndex(before.last().index - 1)?.hash);
      expect(notices.join()).toContain("torn");
      expect(statSync(file()).size).toBe(whole - last);
      writeFileSync(file(), text);
    }
  });

  it("is refused to a network with other settings", () => {
    reopen();
    expect(() => reopen({ networkId: 7777 })).toThrow(expect.objectContaining({ code: "LOCALNET_DATA_MISMATCH" }));
    expect(() => reopen({ baseFeeDrops: 11 })).toThrow(expect.objectContaining({ code: "LOCALNET_DATA_MISMATCH" }));
  });

  it("belongs to one process alone", () => {
    const first = reopen();
    const second = reopen();
    first.accept();
    expect(() => second.accept()).toThrow(expect.objectContaining({ code: "LOCALNET_DATA_SHARED" }));
    expect(second.last().index).toBe(2);
    expect(reopen().last().hash).toBe(first.last().hash);
  });

  const damages: readonly (readonly [what: string, damage: (lines: string[]) => string[], code: string])[] = [
    ["a line that is no JSON", (lines) => lines.with(3, "{"), "LOCALNET_DATA_MALFORMED"],
    ["a line of another shape", (lines) => lines.with(3, '{"h":"AB","t":[]}'), "LOCALNET_DATA_MALFORMED"],
    ["a line that is missing", (lines) => lines.toSpliced(3, 1), "LOCALNET_DATA_REFUTED"],
    ["a line that is there twice", (lines) => lines.toSpliced(3, 0, lines[3]!), "LOCALNET_DATA_REFUTED"],
    [
      "no transactions where there were some",
      (lines) => lines.with(3, lines[3]!.replace(/"t":.*/, '"t":[]}')),
      "LOCALNET_DATA_REFUTED",
    ],
    [
      "a bit of a blob",
      (lines) =>
        lines.with(
          3,
          lines[3]!.replace(/(..)"\]/, (_, byte: string) => `${byte === "00" ? "01" : "00"}"]`),
        ),
      "LOCALNET_DATA_REFUTED",
    ],
    [
      "a bit of the last header",
      (lines) =>
        lines.with(
          lines.length - 1,
          lines.at(-1)!.replace(/(..)00","t"/, (_, byte: string) => `${byte === "00" ? "01" : "00"}00","t"`),
        ),
      "LOCALNET_DATA_REFUTED",
    ],
  ];
  test.for(damages)("with damage is refused: %s", ([, damage, code]) => {
    runFor(3);
    const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
    writeFileSync(file(), `${damage(lines).join("\n")}\n`);
    expect(() => reopen()).toThrow(expect.objectContaining({ code }));
  });

  it("says so when it cannot be written", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => openEngine(config, join(dir, "file"))).toThrow(
      expect.objectContaining({ code: "LOCALNET_DATA_UNWRITABLE" }),
    );
  });

  it("keeps nothing half-written when somebody else appended", () => {
    const engine = reopen();
    appendFileSync(file(), "x");
    expect(() => engine.accept()).toThrow(expect.objectContaining({ code: "LOCALNET_DATA_SHARED" }));
    expect(readFileSync(file(), "utf8").endsWith("x")).toBe(true);
  });
});
