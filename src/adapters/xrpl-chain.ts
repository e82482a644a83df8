import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Memo } from "../core/memo.ts";
import type { LedgerBytes } from "../core/xrpl/whole-ledger.ts";
import type { Chain, Clock, SignedAnchor } from "../ports.ts";
import { agree } from "./xrpl-agreement.ts";
import { readWholeLedger } from "./xrpl-answers.ts";
import { readAnchorHistory } from "./xrpl-history.ts";
import { outcomeOf, windowLimit } from "./xrpl-outcome.ts";
import { firstOf, type Servers, type ServersOptions, type Survey, xrplServers } from "./xrpl-servers.ts";
import type { AnchorSigner, UnsignedAnchor } from "./xrpl-signer.ts";
import { readStatus } from "./xrpl-status.ts";
import { submitToAll } from "./xrpl-submit.ts";

export interface XrplChainOptions extends ServersOptions {
  readonly signer: AnchorSigner;
  /** Never pays more for one transaction. */
  readonly feeCapDrops: number;
  /** Ledgers a signed transaction may wait before it can be in none. */
  readonly ledgerWindow: number;
}

/** Validated ledgers of two fresh servers that are further apart than this are not of one moment. */
const spreadLimit = windowLimit / 2;
/** A header this much older than our clock, milliseconds, is one of a server that lags, if another server has a newer one. */
const lateMs = 60_000;

/**
 * The ledger from which a transaction's last one is counted: the lowest of the fresh servers', since a higher one is a
 * server's word alone. Among them, those that closed long before our clock are left out as long as others did not: they may
 * only make the transaction wait for them, not expire before it is sent.
 */
function presentIndex({ fresh, common }: Survey, clock: Clock): number {
  const nowMs = clock();
  const prompt = fresh.filter(({ closeTimeUnixS }) => nowMs - closeTimeUnixS * 1000 <= lateMs);
  const lowest = Math.min(...(prompt.length > 0 ? prompt : fresh).map(({ validated }) => validated.ledgerIndex));
  if (lowest - common.ledgerIndex <= spreadLimit) return lowest;
  throw new SettlementError(
    "CHAIN_DISAGREEMENT",
    `the servers' validated ledgers are ${lowest - common.ledgerIndex} apart (${fresh.map(({ server, validated }) => `${server.endpoint} ${validated.ledgerIndex}`).join(", ")}); nothing was signed`,
  );
}

async function signAnchor(
  memos: readonly Memo[],
  sequence: number,
  servers: Servers,
  { signer, network, feeCapDrops, ledgerWindow, clock }: XrplChainOptions,
): Promise<SignedAnchor> {
  const { status, survey } = await readStatus(servers, signer.account, feeCapDrops);
  if (status.feeDrops > feeCapDrops) {
    throw new SettlementError(
      "FEE_ABOVE_CAP",
      `the network asks ${status.feeDrops} drops, the cap is ${feeCapDrops}; this waits for a quieter time`,
    );
  }
  if (status.balanceDrops < BigInt(status.feeDrops)) {
    throw new SettlementError(
      "ACCOUNT_NOT_FUNDED",
      `account ${signer.account} has ${status.balanceDrops} drops and an anchor costs ${status.feeDrops}; send it XRP`,
    );
  }
  const { lowest, common } = survey;
  await agree(servers, lowest.server, common);
  const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();
  const unsigned: UnsignedAnchor = {
    TransactionType: "AccountSet",
    Account: signer.account,
    Fee: String(status.feeDrops),
    Sequence: sequence,
    LastLedgerSequence: presentIndex(survey, clock) + ledgerWindow,
    ...(status.networkId > 1024 ? { NetworkID: status.networkId } : {}),
    Memos: memos.map(({ type, format, data }) => ({
      Memo: { MemoType: hex(type), MemoFormat: hex(format), MemoData: hex(data) },
    })),
  };
  const { blob, hash } = await signer.sign(unsigned);
  return {
    network,
    networkId: status.networkId,
    account: signer.account,
    hash,
    blob,
    sequence: unsigned.Sequence,
    lastLedgerSequence: unsigned.LastLedgerSequence,
    signedAtIndex: common.ledgerIndex,
    feeDrops: status.feeDrops,
  };
}

async function captureLedger(servers: Servers, ledgerIndex: number): Promise<LedgerBytes> {
  const survey = await servers.survey();
  return firstOf(servers, survey, async ({ server }) => {
    const ledger = await readWholeLedger(server, ledgerIndex);
    if (!ledger) {
      throw new SettlementError(
        "CHAIN_UNREACHABLE",
        `${server.endpoint} does not hold ledger ${ledgerIndex}, or does not call it validated`,
      );
    }
    await agree(servers, server, { ledgerIndex, hash: ledger.hash });
    return ledger.bytes;
  });
}

/**
 * The XRP Ledger through one or more servers, none of which is believed alone where there are several. Encoding, signing and
 * sockets are xrpl.js's; what is final is decided here.
 */
export function xrplChain(options: XrplChainOptions): Chain {
  const { signer, network, feeCapDrops } = options;
  const servers = xrplServers(options);
  return {
    network,
    status: async () => (await readStatus(servers, signer.account, feeCapDrops)).status,
    history: (claim) => readAnchorHistory(servers, signer, claim),
    sign: (memos, sequence) => signAnchor(memos, sequence, servers, options),
    submit: ({ blob }) => submitToAll(servers, blob),
    outcome: (anchor) => outcomeOf(servers, anchor),
    capture: (ledgerIndex) => captureLedger(servers, ledgerIndex),
  };
}
