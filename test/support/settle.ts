import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { nodeDigest, nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { memorySeenLedgers } from "../../src/adapters/memory-seen-ledgers.ts";
import { merkletreejsTree } from "../../src/adapters/second-root.ts";
import { xrplChain } from "../../src/adapters/xrpl-chain.ts";
import { fundLocalAccount } from "../../src/adapters/xrpl-local-funds.ts";
import { xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import type { SettlementKey } from "../../src/compose-keys.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { sha256 } from "../../src/core/hash.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { type Localnet, type LocalnetOptions, startLocalnet } from "../../src/localnet/start-localnet.ts";
import type { Chain } from "../../src/ports.ts";
import type { AnchorDeps } from "../../src/settle/anchor-partition.ts";
import type { CloseDeps } from "../../src/settle/close-partition.ts";
import type { LedgerSource } from "../../src/settle/ledger-view.ts";

const seed = sha256(utf8("a settlement test key"));

/** A throwaway settlement key. */
export const testKey: SettlementKey = { publicKey: publicKeyOf(seed), sign: (message) => signEd25519(seed, message) };

/** Seed of a throwaway account that exists on no public network. */
export const testAccountSeed = "sEdSPx8CLbFUna3DJdvJ74aQPLdemqu";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestChain {
  readonly localnet: Localnet;
  readonly chain: Chain;
  readonly account: string;
  close(): Promise<void>;
}

/** A local network with a funded account; ledgers close on a short timer. Outside a test the caller closes it. */
export async function testChain(
  cleanUp: (close: () => Promise<void>) => void = onTestFinished,
  more: Pick<LocalnetOptions, "validators"> = {},
): Promise<TestChain> {
  const localnet = await startLocalnet({ closeMs: 40, ...more });
  const server = xrplServer(localnet.wsUrl);
  const close = async (): Promise<void> => {
    await server.close();
    await localnet.close();
  };
  cleanUp(close);
  const signer = seedSigner(testAccountSeed);
  await fundLocalAccount(server, signer.account);
  const chain = xrplChain({
    network: "local",
    servers: [server],
    signer,
    seen: memorySeenLedgers(),
    clock: Date.now,
    feeCapDrops: 10_000,
    ledgerWindow: 20,
  });
  return { localnet, chain, account: signer.account, close };
}

export function testCloseDeps(source: LedgerSource, nowUnixMs: number): CloseDeps {
  return {
    ...source,
    heads: memoryHeads(),
    clock: () => nowUnixMs,
    key: testKey,
    sha256: nodeSha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    newSecondRoot: merkletreejsTree,
    verify: nodeVerify,
    judge: () => Promise.resolve([]),
    graceMs: 0,
  };
}

export function testAnchorDeps(source: LedgerSource, chain: Chain): AnchorDeps {
  return {
    ...source,
    chain,
    attempts: memoryAttempts(),
    key: testKey,
    sha256: nodeSha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    verify: nodeVerify,
    patience: 200,
    pause: () => new Promise((resolve) => setTimeout(resolve, 25)),
  };
}
