import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validatorLists } from "../../src/adapters/validator-lists.ts";
import { listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import { bundleJson } from "../../src/core/bundle.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { makeVkey } from "../../src/core/note.ts";
import { type Trust, trustJson } from "../../src/core/trust.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { proverOf } from "../support/prove.ts";
import { proveMonth } from "../../src/settle/prove-month.ts";
import { sampleLedger } from "../support/sample.ts";
import { testAnchorDeps, testChain, testCloseDeps, testKey } from "../support/settle.ts";

export interface MadeProofs {
  /** A release of a month that was closed, anchored and proven, with the validators' signatures. */
  readonly bundle: JsonObject;
  /** The validators' word alone. */
  readonly xpop: JsonValue;
  /** The same bundle as it was before the validators were heard. */
  readonly anchored: JsonObject;
  /** Pins everything that the bundle rests on. */
  readonly trust: Trust;
}

const month = "2026-08";

/** Closes, anchors and proves a month of the sample ledger on a local network with validators. */
export async function makeProofs(validators = { count: 6, seed: "browser", missing: 1 }): Promise<MadeProofs> {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition(month, "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  await using stack = new AsyncDisposableStack();
  const { localnet, chain, account } = await testChain((close) => stack.defer(close), { validators });
  const publicKey = localnet.validators?.publisher ?? "";
  const validations = listenToValidations({ endpoints: [localnet.wsUrl, localnet.wsUrl] });
  stack.defer(() => validations.close());
  // The stream is up when it has brought something.
  while (validations.heardFrom(0).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await anchorPartition(month, testAnchorDeps(source, chain));
  const publishers = [{ publicKey, network: "local" }];
  const deps = {
    archive: source.archive,
    chain,
    validations,
    evidence: memoryEvidence(),
    lists: validatorLists([`${localnet.rpcUrl}/vl/${publicKey}`]),
    trust: { publishers },
    verify: nodeVerify,
  };
  for (let looks = 0; (await proveMonth(month, deps)).state !== "proven"; looks++) {
    if (looks > 200) throw new Error("the month is never proven");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const events = (await readLedgerView(source)).byMonth.get(month)?.events;
  let index = 0;
  for await (const leaf of events?.search("type", "ReleasePublished") ?? []) index = leaf;
  const { xpop = null, ...anchored } = bundleJson(await (await proverOf(source, month)).prove(index));
  const trust = {
    publishers,
    accounts: [{ network: "local", account }],
    logs: [makeVkey("test.example/ledger", testKey.publicKey)],
  };
  return { bundle: { ...anchored, ...(xpop === null ? {} : { xpop }) }, xpop, anchored, trust };
}

/** The trust file of a trust. */
export function trustText(trust: Trust): string {
  return JSON.stringify(trustJson(trust), null, 2);
}
