import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validatorLists } from "../../src/adapters/validator-lists.ts";
import { type Listening, listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import type { SettlementKey } from "../../src/compose-keys.ts";
import { makeVkey } from "../../src/core/note.ts";
import { ledgerOrigin } from "../../src/core/settlement-info.ts";
import type { Trust } from "../../src/core/trust.ts";
import type { Localnet } from "../../src/localnet/start-localnet.ts";
import type { ValidatorOptions } from "../../src/localnet/validators/validator-set.ts";
import type { Ledger } from "../../src/ports.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { type LedgerSource } from "../../src/settle/ledger-view.ts";
import type { MonthProver } from "../../src/settle/prove-inclusion.ts";
import { proverOf } from "../support/prove.ts";
import { type ProveMonthDeps, untilProven } from "../../src/settle/prove-month.ts";
import { type TestChain, testAnchorDeps, testChain, testCloseDeps, testKey } from "../support/settle.ts";

export interface SettleOptions {
  readonly ledger: Ledger;
  /** Ascending; the last ones are closed alone where `anchored` is smaller. */
  readonly months: readonly string[];
  readonly host: string;
  readonly validators: ValidatorOptions;
  /** Whose signature is under checkpoints and statements; the tests' own by default. */
  readonly key?: SettlementKey;
  /** How many of the months are anchored, and how many of these proven by their validators; all by default. */
  readonly anchored?: number;
  readonly proven?: number;
  /** Ledgers that close after an anchor before anybody listens, so that the proof needs the headers in between. */
  readonly missed?: number;
}

/** A ledger that was settled for real on a local network with validators. */
export interface Settled {
  readonly source: LedgerSource;
  readonly network: TestChain;
  /** Pins everything that signed here. */
  readonly trust: Trust;
  prover(month: string): Promise<MonthProver>;
  close(): Promise<void>;
}

const afterwards = Date.UTC(2026, 11, 2);

async function heard({ wsUrl }: Localnet): Promise<Listening> {
  const validations = listenToValidations({ endpoints: [wsUrl] });
  while (validations.heardFrom(0).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return validations;
}

/** Waits until all who will speak have spoken of the last ledger. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

/** Closes, anchors and proves months of a ledger, as the node does. The caller closes what comes back. */
export async function settle(options: SettleOptions): Promise<Settled> {
  const { ledger, months, host, validators, key = testKey } = options;
  const source = { ledger, archive: memoryArchive() };
  const network = await testChain(() => undefined, { validators });
  const publisher = { publicKey: network.localnet.validators?.publisher ?? "", network: "local" };
  const trust: Trust = {
    publishers: [publisher],
    accounts: [{ network: "local", account: network.account }],
    logs: [makeVkey(ledgerOrigin(host), key.publicKey)],
  };
  let validations = options.missed === undefined ? await heard(network.localnet) : undefined;
  const anchorDeps = { ...testAnchorDeps(source, network.chain), key };
  const closeDeps = { ...testCloseDeps(source, afterwards), key };
  for (const [at, month] of months.entries()) {
    await closePartition(month, "local", closeDeps);
    if (at >= (options.anchored ?? months.length)) continue;
    await anchorPartition(month, anchorDeps);
    if (at >= (options.proven ?? months.length)) continue;
    for (let missed = 0; missed < (options.missed ?? 0); missed++) network.localnet.accept();
    validations ??= await heard(network.localnet);
    await pause();
    const deps = proveDeps(source, network, validations, trust);
    if ((await untilProven(month, deps, pause)) === undefined) throw new Error(`${month} was never proven`);
  }
  return {
    source,
    network,
    trust,
    prover: (month) => proverOf(source, month),
    async close() {
      await validations?.close();
      await network.close();
    },
  };
}

function proveDeps(
  { archive }: LedgerSource,
  { localnet, chain }: TestChain,
  validations: Listening,
  trust: Trust,
): ProveMonthDeps {
  return {
    archive,
    chain,
    validations,
    evidence: memoryEvidence(),
    lists: validatorLists([`${localnet.rpcUrl}/vl/${localnet.validators?.publisher}`]),
    trust,
    verify: nodeVerify,
  };
}
