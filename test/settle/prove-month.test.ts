import { expect, onTestFinished, test, vi } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validatorLists } from "../../src/adapters/validator-lists.ts";
import { listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import type { Localnet } from "../../src/localnet/start-localnet.ts";
import type { ValidatorOptions } from "../../src/localnet/validators/validator-set.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { proveMonth, type ProveMonthDeps } from "../../src/settle/prove-month.ts";
import { sampleLedger } from "../support/sample.ts";
import { type TestChain, testAnchorDeps, testChain, testCloseDeps } from "../support/settle.ts";

const month = "2026-08";

interface Proving {
  readonly network: TestChain;
  readonly deps: ProveMonthDeps;
  anchor(): Promise<void>;
}

async function listening({
  wsUrl,
  rpcUrl,
  validators,
}: Localnet): Promise<Pick<ProveMonthDeps, "validations" | "lists">> {
  const validations = listenToValidations({ endpoints: [wsUrl, wsUrl] });
  onTestFinished(() => validations.close());
  // The stream is up when it has brought something.
  await vi.waitFor(() => expect(validations.heardFrom(0).length).toBeGreaterThan(0));
  return { validations, lists: validatorLists([`${rpcUrl}/vl/${validators?.publisher}`]) };
}

async function proving(validators: ValidatorOptions, silent = false): Promise<Proving> {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition(month, "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  const network = await testChain(onTestFinished, { validators });
  const heard = silent
    ? { validations: { heardFrom: () => [] }, lists: async () => [] }
    : await listening(network.localnet);
  const publicKey = network.localnet.validators?.publisher ?? "";
  const deps: ProveMonthDeps = {
    ...heard,
    archive: source.archive,
    chain: network.chain,
    evidence: memoryEvidence(),
    trust: { publishers: [{ publicKey, network: "local" }] },
    verify: nodeVerify,
  };
  return {
    network,
    deps,
    anchor: async () => void (await anchorPartition(month, testAnchorDeps(source, network.chain))),
  };
}

/** Looks until a month is proven. */
async function proven(deps: ProveMonthDeps): Promise<string> {
  for (let looks = 0; looks < 200; looks++) {
    const passed = await proveMonth(month, deps);
    if (passed.state === "proven") return passed.detail;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("never proven");
}

test("a quorum that was heard proves the anchor, and proves it again from the file alone", async () => {
  const { deps, anchor } = await proving({ count: 6, seed: "six", missing: 1 });
  await anchor();
  expect(await proven(deps)).toContain("5 of 6");
  const offline: ProveMonthDeps = {
    ...deps,
    validations: { heardFrom: () => [] },
    lists: () => Promise.reject(new Error("the cable is pulled")),
    chain: { capture: () => Promise.reject(new Error("the cable is pulled")) },
  };
  expect(await proveMonth(month, offline)).toMatchObject({ state: "proven", fresh: false });
});

test("a quorum that was missed is made good by a later one and the headers in between", async () => {
  const { network, deps, anchor } = await proving({ count: 5, seed: "five" }, true);
  await anchor();
  expect(await proveMonth(month, deps)).toEqual({
    state: "unproven",
    detail: "no validator was heard since the anchor",
  });
  for (let closes = 0; closes < 20; closes++) network.localnet.accept();
  const later = { ...deps, ...(await listening(network.localnet)) };
  expect(await proven(later)).toContain("5 of 5");
  const bytes = await deps.archive.read(month, "xpop.json");
  expect(new TextDecoder().decode(bytes)).toContain('"chain"');
});

test.for([
  { name: "too many are missing", validators: { count: 6, seed: "m", missing: 2 } },
  { name: "too many sign partial ones", validators: { count: 6, seed: "p", partial: 2 } },
  { name: "too many are revoked", validators: { count: 6, seed: "r", revoked: 2 } },
])("$name: nothing is proven", async ({ validators }) => {
  const { deps, anchor } = await proving(validators);
  await anchor();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const passed = await proveMonth(month, deps);
  expect(passed).toMatchObject({ state: "unproven", detail: expect.stringContaining("4 of 6") as string });
  expect(await deps.archive.read(month, "xpop.json")).toBeUndefined();
});

test("validators that sign twice count once, and late ones count too", async () => {
  const { deps, anchor } = await proving({ count: 5, seed: "d", double: 3, late: { members: 1, ms: 150 }, missing: 0 });
  await anchor();
  expect(await proven(deps)).toMatch(/[45] of 5/);
});

test("validations that were heard before a restart are not lost", async () => {
  const { deps, anchor } = await proving({ count: 5, seed: "k" });
  await anchor();
  const noLists = { ...deps, lists: async () => [] };
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await proveMonth(month, noLists)).toMatchObject({ detail: "no publisher of a validator list answers" });
  const afterwards = { ...deps, validations: { heardFrom: () => [] } };
  expect(await proveMonth(month, afterwards)).toMatchObject({ state: "proven", fresh: true });
});

test("a publisher that nobody pinned proves nothing", async () => {
  const { deps, anchor } = await proving({ count: 5, seed: "u" });
  await anchor();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await proveMonth(month, { ...deps, trust: { publishers: [] } })).toMatchObject({ state: "unproven" });
});
