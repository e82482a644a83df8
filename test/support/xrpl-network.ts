import { onTestFinished } from "vitest";
import { fundLocalAccount } from "../../src/adapters/xrpl-local-funds.ts";
import { type XrplServer, xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { xrplChain, type XrplChainOptions } from "../../src/adapters/xrpl-chain.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { Evidence } from "../../src/core/evidence.ts";
import { makeManifest } from "../../src/core/manifest.ts";
import { anchorMemos, type Memo } from "../../src/core/memo.ts";
import { type Localnet, type LocalnetOptions, startLocalnet } from "../../src/localnet/start-localnet.ts";
import type { Chain, SignedAnchor } from "../../src/ports.ts";
import { testAccountSeed } from "./settle.ts";
import { seenLedgers } from "./xrpl-seen-ledgers.ts";

const hash = "ab".repeat(32);
export const manifest = makeManifest({
  partitionId: "2026-08",
  network: "local",
  prev: null,
  range: [hash, hash],
  count: 1,
  root: hash,
});
export const evidence: Evidence = { v: 1, p: "2026-08", d: hash, k: hash, o: "test.example/ledger", s: 1, l: hash };
export const claim = { manifest, evidence };
/** The memos of {@link claim}. */
export const memos = anchorMemos(manifest, evidence);
export const otherMemos: readonly Memo[] = [
  { type: utf8("note"), format: utf8("text/plain"), data: utf8("something else") },
];

/** A local network that closes when told to, with a funded account. */
export interface Network {
  readonly localnet: Localnet;
  readonly server: XrplServer;
  /** Closes so many ledgers. */
  close(ledgers: number): void;
  /** Closes ledgers up to this one. */
  closeTo(ledgerIndex: number): void;
}

export async function startNetwork(options: LocalnetOptions = {}): Promise<Network> {
  const localnet = await startLocalnet({ closeMs: 0, ...options });
  const server = xrplServer(localnet.wsUrl);
  onTestFinished(async () => {
    await server.close();
    await localnet.close();
  });
  const closing = setInterval(() => localnet.accept(), 20);
  await fundLocalAccount(server, seedSigner(testAccountSeed).account);
  clearInterval(closing);
  return {
    localnet,
    server,
    close(ledgers) {
      for (let at = 0; at < ledgers; at++) localnet.accept();
    },
    closeTo(ledgerIndex) {
      while (localnet.engine.last().index < ledgerIndex) localnet.accept();
    },
  };
}

/** A chain over these servers; what is not given is as in most tests. */
export function chainOver(servers: readonly XrplServer[], options: Partial<XrplChainOptions> = {}): Chain {
  return xrplChain({
    network: "local",
    servers,
    signer: seedSigner(testAccountSeed),
    seen: seenLedgers(),
    clock: Date.now,
    feeCapDrops: 10_000,
    ledgerWindow: 5,
    ...options,
  });
}

/** Signs with the Sequence the account's history leaves. */
export async function signed(chain: Chain, those: readonly Memo[] = memos): Promise<SignedAnchor> {
  return chain.sign(those, (await chain.history(claim)).nextSequence);
}
