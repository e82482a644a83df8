import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, test } from "vitest";

import { hasShared } from "../../support/shared.ts";
import { expectedDifferences, expectedIn, rowOf } from "./expected-differences.ts";
import { configOf, type Folder, replay, type Replayed } from "./replay.ts";
import { ledgersOf, streamsOf } from "./transcript.ts";

describe.skipIf(!hasShared).each(Object.keys(configOf) as Folder[])("the transcript of %s, sent again", (folder) => {
  let replayed: Replayed;
  beforeAll(async () => {
    replayed = await replay(folder);
  });

  test("every answer is the recorded one, values and hashes included, but for the known differences", () => {
    expect(replayed.answers).toEqual(expectedIn(folder));
  });

  test("every frame of the recorded streams comes, in the recorded order", () => {
    expect(replayed.streams).toEqual(new Map(Object.keys(streamsOf(folder)).map((name) => [name, []])));
    expect(replayed.streams.size).toBeGreaterThan(0);
  });

  test("every ledger has the recorded hash", () => {
    expect(replayed.ledgerHashes).toEqual(ledgersOf(folder).map(({ ledger_hash: hash }) => hash));
    expect(replayed.ledgerHashes.length).toBeGreaterThan(10);
  });
});

test("the documentation lists the known differences and no other", () => {
  const document = readFileSync(new URL("../../../docs/localnet.md", import.meta.url), "utf8").replaceAll(/ +/g, " ");
  const table = /## What differs(.*?)(\n## |$)/s.exec(document)?.[1] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("| -"));
  expect(rows.slice(1)).toEqual(expectedDifferences.map(rowOf));
});
