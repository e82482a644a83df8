import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anchorSeed } from "../src/compose-account.ts";
import { settlementKey } from "../src/compose-keys.ts";
import { readConfig } from "../src/config.ts";
import { temporaryFolder, testAccountSeed } from "./support/settle.ts";

function fileWith(text: string): string {
  const path = join(temporaryFolder(), "secret");
  writeFileSync(path, text);
  return path;
}

test("a secret that is given twice signs nothing", () => {
  const seedFile = fileWith(testAccountSeed);
  const both = readConfig({ seedFile }, { SETTLEMENT_SEED: "sEdSJHS4oiAdz7w2X2ni1gFiqtbJHqE" });
  expect(() => anchorSeed(both)).toThrowError(/both SETTLEMENT_SEED and --seed-file/);
  const keys = readConfig({ keyFile: fileWith("a key") }, { SETTLEMENT_KEY: "another key" });
  expect(() => settlementKey(keys)).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

test("an empty variable gives no secret", () => {
  const config = readConfig({ seedFile: fileWith(testAccountSeed) }, { SETTLEMENT_SEED: "" });
  expect(anchorSeed(config).trim()).toBe(testAccountSeed);
});
