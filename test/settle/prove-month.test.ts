import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validatorLists } from "../../src/adapters/validator-lists.ts";
import { listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import { rippleTimeUnixMs } from "../../src/core/xrpl/close-time.ts";
import { decodeLedgerHeader } from "../../src/core/xrpl/ledger-header.ts";
import { verifyXpop, type XpopVerdict } from "../../src/core/xrpl/verify-xpop.ts";
import type { Localnet } from "../../src/localnet/start-localnet.ts";
import type { ValidatorOptions, ValidatorSet } from "../../src/localnet/validators/validator-set.ts";
import type { Validations } from "../../src/ports.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { proveMonth, type ProveMonthDeps } from "../../src/settle/prove-month.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { sampleLedger } from "../support/sample.ts";
import { type TestChain, testAnchorDeps, testChain, testCloseDeps } from "../support/settle.ts";

const month = "2026-08";
const silence: Validations = { heardFrom: () => [], manifests: () => [] };

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
  const heard = silent ? { validations: silence, lists: async () => [] } : await listening(network.localnet);
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
    validations: silence,
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
  const afterwards = { ...deps, validations: silence };
  expect(await proveMonth(month, afterwards)).toMatchObject({ state: "proven", fresh: true });
});

/** What a network says of one ledger, heard in a moment; then the ear is shut. */
async function heardOnce(network: TestChain): Promise<Pick<ProveMonthDeps, "validations" | "lists">> {
  const open = await listening(network.localnet);
  const heard = [open.validations.heardFrom(0), open.validations.manifests()] as const;
  return {
    ...open,
    validations: {
      heardFrom: (index) => heard[0].filter(({ ledgerIndex }) => ledgerIndex >= index),
      manifests: () => heard[1],
    },
  };
}

/** The proof that lies in the archive, and what a stranger makes of it. */
async function published({
  archive,
  trust,
}: ProveMonthDeps): Promise<{ readonly text: string; readonly verdict: XpopVerdict }> {
  const bytes = (await archive.read(month, "xpop.json")) ?? new Uint8Array();
  const verdict = verifyXpop(bytes, { ...trust, accounts: [] }, { network: "local" });
  return { text: new TextDecoder().decode(bytes), verdict };
}

/** Looks for a while: the network goes on, and what was heard of it does not prove the month. */
async function unproven(deps: ProveMonthDeps): Promise<string> {
  let detail = "";
  for (let looks = 0; looks < 5; looks++) {
    const passed = await proveMonth(month, deps);
    if (passed.state === "proven") throw new Error(`proven: ${passed.detail}`);
    ({ detail } = passed);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(await deps.archive.read(month, "xpop.json")).toBeUndefined();
  return detail;
}

function validatorsOf({ localnet }: TestChain): ValidatorSet {
  if (!localnet.validators) throw new Error("the network has no validators");
  return localnet.validators;
}

/** The last ledger's close time and what lies beyond; times of the local network run ahead of the clock. */
function closeTimeOf({ localnet }: TestChain): number {
  return decodeLedgerHeader(localnet.engine.last().header).closeTimeRippleS;
}

describe("a validator changes its signing key after the list was signed", () => {
  test("before anybody listened: its manifest is asked for", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "rotated early" }, true);
    for (const at of [1, 3]) validatorsOf(network).rotate(at);
    const heard = { ...deps, ...(await listening(network.localnet)) };
    await anchor();
    expect(await proven(heard)).toMatch(/[45] of 5/);
    const { text, verdict } = await published(deps);
    expect(verdict).toMatchObject({ verdict: "proven" });
    expect(text).toContain('"manifests"');
  });

  test("while somebody listens, and again: its manifests come by themselves", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "rotated twice" });
    for (const at of [0, 1, 2, 3, 4]) validatorsOf(network).rotate(at);
    for (const at of [0, 1, 2, 3, 4]) validatorsOf(network).rotate(at);
    await anchor();
    await proven(deps);
    const { text, verdict } = await published(deps);
    expect(verdict).toMatchObject({ verdict: "proven" });
    const { validation } = JSON.parse(text) as { validation: { manifests: string[]; data: object } };
    expect(validation.manifests).toHaveLength(Object.keys(validation.data).length);
  });

  test("after the anchor: what it signed by the old key still counts", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "rotated late" });
    await anchor();
    const own = await readClosed(deps.archive, month);
    const index = own.receipt?.header.index ?? 0;
    await vi.waitFor(() => expect(deps.validations.heardFrom(index)[0]?.validations).toHaveLength(5));
    for (const at of [0, 1]) validatorsOf(network).rotate(at);
    await vi.waitFor(() => expect(deps.validations.manifests().length).toBeGreaterThan(5));
    expect(await proven(deps)).toContain("5 of 5");
    expect((await published(deps)).text).not.toMatch(/"chain"|"manifests"/);
  });

  test("the manifest is lost with the process, and was kept", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "rotated and kept" });
    for (const at of [0, 1]) validatorsOf(network).rotate(at);
    await anchor();
    await vi.waitFor(() => expect(deps.validations.heardFrom(1).at(-1)?.validations).toHaveLength(5));
    await proveMonth(month, { ...deps, lists: async () => [] });
    for (const at of [0, 1]) validatorsOf(network).rotate(at);
    expect(await proven({ ...deps, validations: silence })).toContain("5 of 5");
    expect((await published(deps)).verdict).toMatchObject({ verdict: "proven" });
  });
});

test("a later list gives the manifest that the list of that time lacks", async () => {
  const { network, deps, anchor } = await proving({ count: 5, seed: "listed" }, true);
  for (const at of [0, 1]) validatorsOf(network).rotate(at);
  const heard = await listening(network.localnet);
  const without = { ...deps, lists: heard.lists, validations: { ...heard.validations, manifests: () => [] } };
  await anchor();
  const { receipt } = await readClosed(deps.archive, month);
  const heardOfIt = (): readonly unknown[] | undefined =>
    heard.validations.heardFrom(receipt?.header.index ?? 0)[0]?.validations;
  await vi.waitFor(() => expect(heardOfIt()).toHaveLength(5));
  expect(await proveMonth(month, without)).toMatchObject({ detail: expect.stringContaining("3 of 5") as string });
  const effectiveRippleS = closeTimeOf(network) + 1_000_000;
  validatorsOf(network).publish({ effectiveRippleS, expirationRippleS: effectiveRippleS + 1 });
  expect(await proven(without)).toContain("5 of 5");
  const { text, verdict } = await published(deps);
  expect(verdict).toMatchObject({ verdict: "proven", facts: { listSequence: 1 } });
  expect(text).toContain('"manifests"');
});

test("a validator whose master key was given up after the list was signed has no vote", async () => {
  const { network, deps, anchor } = await proving({ count: 6, seed: "revoked late" });
  for (const at of [2, 4]) validatorsOf(network).revoke(at);
  await anchor();
  expect(await unproven(deps)).toContain("4 of 6");
});

test("a key that a manifest names without the master key's signature has no vote", async () => {
  const { network, deps, anchor } = await proving({ count: 5, seed: "usurped" }, true);
  for (const at of [0, 1]) validatorsOf(network).rotate(at);
  const { validations, lists } = await listening(network.localnet);
  await anchor();
  const spoilt = (): readonly Uint8Array[] =>
    validations.manifests().map((bytes) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
  const usurped = { ...deps, lists, validations: { heardFrom: validations.heardFrom, manifests: spoilt } };
  expect(await unproven(usurped)).toContain("3 of 5");
});

describe("lists come and go", () => {
  test("a list that is newer than the anchor proves it by a later ledger and the headers in between", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "late list", listLifeS: -3600 });
    await anchor();
    expect(await unproven(deps)).toContain("no longer");
    const effectiveRippleS = closeTimeOf(network) + 5;
    validatorsOf(network).publish({ effectiveRippleS, expirationRippleS: effectiveRippleS + 86_400 });
    expect(await proven(deps)).toContain("5 of 5");
    const { text, verdict } = await published(deps);
    expect(verdict).toMatchObject({ verdict: "proven", facts: { listSequence: 2 } });
    const { chain } = JSON.parse(text) as { chain: { close: number }[] };
    expect(chain.at(-1)?.close).toBeGreaterThanOrEqual(effectiveRippleS);
  });

  test("a list that was replaced or has expired since proves what it proved", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "old list" });
    const early = await heardOnce(network);
    await anchor();
    const { receipt } = await readClosed(deps.archive, month);
    await vi.waitFor(() =>
      expect(deps.validations.heardFrom(receipt?.header.index ?? 0)[0]?.validations).toHaveLength(5),
    );
    // The list of that time is at hand, and too little was heard: it is kept for later.
    const deaf = { ...deps, validations: early.validations };
    await proveMonth(month, deaf);
    const effectiveRippleS = closeTimeOf(network) + 1_000_000;
    validatorsOf(network).publish({ effectiveRippleS, expirationRippleS: effectiveRippleS + 1 });
    expect(await proven(deps)).toContain("5 of 5");
    const { text, verdict } = await published(deps);
    expect(verdict).toMatchObject({ verdict: "proven", facts: { listSequence: 1 } });
    expect(text).not.toContain('"chain"');
    expect(await proveMonth(month, { ...deps, lists: async () => [] })).toMatchObject({
      state: "proven",
      fresh: false,
    });
  });
});

describe("a test network is begun anew, with the same validators and the same publisher", () => {
  test("its ledgers prove nothing about an anchor of before", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "reset" }, true);
    await anchor();
    const { receipt } = await readClosed(deps.archive, month);
    await network.close();
    const again = await testChain(onTestFinished, { validators: { count: 5, seed: "reset" } });
    while (again.localnet.engine.last().index <= (receipt?.header.index ?? 0)) again.localnet.accept();
    const after = { ...deps, ...(await listening(again.localnet)), chain: again.chain };
    await expect(proveMonth(month, after)).rejects.toMatchObject({ code: "CHAIN_FORKED" });
    expect(await deps.archive.read(month, "xpop.json")).toBeUndefined();
  });

  test("a pin that begins with it does not take a proof of before for one of now", async () => {
    const { network, deps, anchor } = await proving({ count: 5, seed: "reset pin" });
    await anchor();
    await proven(deps);
    const [pin] = deps.trust.publishers;
    if (!pin) throw new Error("nothing is pinned");
    const validFrom = rippleTimeUnixMs(closeTimeOf(network) + 1);
    const since = { ...deps, trust: { publishers: [{ ...pin, validFrom }] } };
    await expect(proveMonth(month, since)).rejects.toMatchObject({ code: "XPOP_REFUTED" });
    expect((await published(since)).verdict).toMatchObject({ verdict: "unproven" });
  });
});

test("a publisher that nobody pinned proves nothing", async () => {
  const { deps, anchor } = await proving({ count: 5, seed: "u" });
  await anchor();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await proveMonth(month, { ...deps, trust: { publishers: [] } })).toMatchObject({ state: "unproven" });
});
