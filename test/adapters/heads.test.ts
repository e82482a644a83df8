import { afterAll } from "vitest";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { openPglite } from "../../src/adapters/pglite.ts";
import { headsContract } from "../support/heads-contract.ts";
import { emptiedState, integersAsTexts } from "../support/state-contract.ts";

const database = await openPglite();
afterAll(() => database.close());

headsContract("memory", async () => memoryHeads());
headsContract("PostgreSQL", async () => (await emptiedState(database)).heads);
headsContract("PostgreSQL with 64-bit integers as texts", async () => {
  return (await emptiedState(integersAsTexts(database))).heads;
});
