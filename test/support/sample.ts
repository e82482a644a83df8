import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "../../src/core/json.ts";
import { type LedgerEvent, parseLedgerEvent } from "../../src/core/ledger-event.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { LedgerSnapshot } from "../../src/ports.ts";
import { testKey } from "./settle.ts";

export const sampleFolder = fileURLToPath(new URL("../../ledger", import.meta.url));

function json(...path: readonly string[]): JsonValue {
  return parseJson(readFileSync(join(sampleFolder, ...path)));
}

/** The sample ledger in memory, named `test.example` and settled by the test key. */
export function sampleLedger(): LedgerSnapshot {
  const months = readdirSync(sampleFolder).filter((name) => /^\d{4}-\d{2}\.json$/.test(name));
  const files = new Map<string, readonly LedgerEvent[]>(
    months
      .toSorted()
      .map((name) => [
        name.slice(0, 7),
        (json(name) as readonly JsonValue[]).map((event) => parseLedgerEvent("monthly", event)),
      ]),
  );
  const nodes = readdirSync(join(sampleFolder, "nodes"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("node.json"))
    .map((path) => parseNodeManifest(json("nodes", path)));
  const key = formatVkey(makeVkey("test.example/ledger", testKey.publicKey));
  return {
    dialect: "monthly",
    settlement: { v: 1, host: "test.example", network: "local", key, accounts: [] },
    nodes,
    files,
  };
}
