import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { toHex } from "../../src/core/bytes.ts";
import { bundleJson } from "../../src/core/bundle.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { makeVkey } from "../../src/core/note.ts";
import type { Trust } from "../../src/core/trust.ts";
import { encodeLedgerHeader, ledgerHash } from "../../src/core/xrpl/ledger-header.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { proverOf } from "./prove.ts";
import { proveMonth } from "../../src/settle/prove-month.ts";
import { publishedJson } from "../../src/settle/published-json.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { sampleLedger } from "./sample.ts";
import { testAnchorDeps, testChain, testCloseDeps, testKey } from "./settle.ts";

/** A proof that was made for real on a local network. */
export interface MadeProof {
  /** The bytes of a bundle that is proven, as it is published. */
  readonly bundle: Uint8Array;
  /** Those of the XPOP in it, alone. */
  readonly xpop: Uint8Array;
  /** Pins everything that the bundle rests on. */
  readonly trust: Trust;
}

const month = "2026-08";

/** Closes, anchors and proves a month of the sample ledger; every validator of the list signs. */
export async function makeProof(validators: number): Promise<MadeProof> {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition(month, "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  await using stack = new AsyncDisposableStack();
  const { localnet, chain, account } = await testChain((close) => stack.defer(close), {
    validators: { count: validators, seed: `${validators} validators` },
  });
  const set = localnet.validators;
  if (!set) throw new Error("the network has no validators");
  await anchorPartition(month, testAnchorDeps(source, chain));
  const { header } = (await readClosed(source.archive, month)).receipt ?? {};
  if (!header) throw new Error("the month has no receipt");
  const publishers = [{ publicKey: set.publisher, network: "local" }];
  const { index: ledgerIndex } = header;
  const hash = toHex(ledgerHash(header)).toUpperCase();
  const sent = set.validationsOf({ index: ledgerIndex, hash, header: encodeLedgerHeader(header) });
  const heard = { ledgerIndex, ledgerHash: hash, validations: sent.map(({ data }) => data) };
  const passed = await proveMonth(month, {
    archive: source.archive,
    chain,
    validations: { heardFrom: () => [heard], manifests: () => [] },
    evidence: memoryEvidence(),
    lists: async () => [JSON.parse(JSON.stringify(set.list)) as JsonValue],
    trust: { publishers },
    verify: nodeVerify,
  });
  if (passed.state !== "proven") throw new Error(passed.detail);
  const events = (await readLedgerView(source)).byMonth.get(month)?.events;
  let release = 0;
  for await (const leaf of events?.search("type", "ReleasePublished") ?? []) release = leaf;
  const bundle = bundleJson(await (await proverOf(source, month)).prove(release));
  return {
    bundle: publishedJson(bundle),
    xpop: publishedJson(bundle["xpop"]),
    trust: {
      publishers,
      accounts: [{ network: "local", account }],
      logs: [makeVkey("test.example/ledger", testKey.publicKey)],
    },
  };
}
