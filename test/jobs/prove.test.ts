import { expect, onTestFinished, test, vi } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validatorLists } from "../../src/adapters/validator-lists.ts";
import { listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import { verifyXpop } from "../../src/core/xrpl/verify-xpop.ts";
import type { Archive } from "../../src/ports.ts";
import { sampleLedger } from "../support/sample.ts";
import { testChain } from "../support/settle.ts";
import { memoryWorkState, testWorker } from "../support/work.ts";

const months = ["2026-08", "2026-09", "2026-10"];

test("months whose validations nobody heard are proven by the reconciler after a restart, unasked", async () => {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  const { localnet, chain } = await testChain(onTestFinished, { validators: { count: 5, seed: "missed" } });
  const state = memoryWorkState();
  const now = (): number => Date.UTC(2026, 10, 21);
  const deaf = testWorker(source, chain, { state, now });
  await deaf.run({ job: "reconcile", data: {} });
  expect(await deaf.drain()).toEqual([]);
  for (const month of months) expect(await source.archive.read(month, "xpop.json")).toBeUndefined();
  for (let ledgers = 0; ledgers < 5; ledgers++) localnet.accept();

  const validations = listenToValidations({ endpoints: [localnet.wsUrl] });
  onTestFinished(() => validations.close());
  await vi.waitFor(() => expect(validations.heardFrom(0).length).toBeGreaterThan(0));
  const trust = { publishers: [{ publicKey: localnet.validators?.publisher ?? "", network: "local" }], accounts: [] };
  const prove = {
    ...source,
    chain,
    validations,
    evidence: memoryEvidence(),
    lists: validatorLists([`${localnet.rpcUrl}/vl/${localnet.validators?.publisher}`]),
    trust,
    verify: nodeVerify,
  };
  const again = testWorker(source, chain, { state, now, prove: () => prove });
  await again.run({ job: "reconcile", data: {} });
  expect(await again.drain()).toEqual([]);
  for (const month of months) {
    const xpop = (await source.archive.read(month, "xpop.json")) ?? new Uint8Array();
    expect(new TextDecoder().decode(xpop)).toContain('"chain"');
    expect(verifyXpop(xpop, trust, { network: "local" }).verdict).toBe("proven");
    expect(await state.partitions.get("test.example/ledger", month)).toMatchObject({ state: "proven" });
  }

  // A proof that is lost is made again, though the state knows the month to be proven.
  const { archive } = source;
  let remade: Uint8Array | undefined;
  const isLost = (month: string, name: string): boolean => month === "2026-09" && name === "xpop.json";
  const lossy: Archive = {
    ...archive,
    read: async (month, name) => (isLost(month, name) ? remade : archive.read(month, name)),
    async write(month, name, bytes) {
      if (isLost(month, name)) remade = bytes;
      else await archive.write(month, name, bytes);
    },
  };
  const afterwards = testWorker({ ...source, archive: lossy }, chain, {
    state,
    now,
    prove: () => ({ ...prove, archive: lossy }),
  });
  await afterwards.run({ job: "reconcile", data: {} });
  expect(await afterwards.drain()).toEqual([]);
  expect(verifyXpop(remade ?? new Uint8Array(), trust, { network: "local" }).verdict).toBe("proven");

  const told = await state.notices.undelivered("nobody", 99);
  expect(told.filter(({ type }) => type === "partition.proven")).toHaveLength(months.length);
});
