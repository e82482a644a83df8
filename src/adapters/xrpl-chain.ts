import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Memo } from "../core/memo.ts";
import { isIdOfNetwork, type NetworkName } from "../core/network.ts";
import type { Chain, ChainStatus, SignedAnchor } from "../ports.ts";
import { outcomeOf } from "./xrpl-absence.ts";
import { ask, demand, readLedger, validatedIndex } from "./xrpl-answers.ts";
import { readAnchorHistory } from "./xrpl-history.ts";
import { isRefusal, type XrplRpc } from "./xrpl-rpc.ts";
import type { AnchorSigner, UnsignedAnchor } from "./xrpl-signer.ts";

export interface XrplChainOptions {
  readonly network: NetworkName;
  readonly rpc: XrplRpc;
  readonly signer: AnchorSigner;
  /** Never pays more for one transaction. */
  readonly feeCapDrops: number;
  /** Ledgers a signed transaction may wait before it can be in none. */
  readonly ledgerWindow: number;
}

function drops(text: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  throw new SettlementError(
    "CHAIN_ANSWER_MALFORMED",
    `the server gives ${JSON.stringify(text)} where drops are expected`,
  );
}

async function readStatus({ rpc, signer, network }: XrplChainOptions): Promise<ChainStatus> {
  const info = (await demand(rpc, "server_info")).reader("info");
  const networkId = info.has("network_id") ? info.count("network_id", 0xffff_ffff) : 0;
  const server = `${rpc.endpoint()} (${info.has("build_version") ? info.text("build_version", 200) : "unknown version"})`;
  // Before anything else is asked: a server of another network may know an account of the same address.
  if (!isIdOfNetwork(network, networkId)) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `${server} is of network ${networkId}, not ${network}; nothing was signed`,
    );
  }
  const state = (await demand(rpc, "server_state")).reader("state").reader("validated_ledger");
  const account = await ask(rpc, "account_info", { account: signer.account, ledger_index: "validated" }, [
    "actNotFound",
  ]);
  if (!account) {
    throw new SettlementError(
      "ACCOUNT_NOT_FUNDED",
      `account ${signer.account} does not exist on ${network}; send it ${state.count("reserve_base") / 1e6} XRP or more`,
    );
  }
  const data = account.reader("account_data");
  const fee = (await demand(rpc, "fee")).reader("drops").text("open_ledger_fee", 20);
  return {
    networkId,
    isLocal: info.object["local_network"] === true,
    server,
    validatedIndex: await validatedIndex(rpc),
    account: signer.account,
    balanceDrops: drops(data.text("Balance", 30)),
    reserveDrops:
      BigInt(state.count("reserve_base")) + BigInt(data.count("OwnerCount")) * BigInt(state.count("reserve_inc")),
    feeDrops: Number(drops(fee)),
  };
}

async function signAnchor(memos: readonly Memo[], sequence: number, options: XrplChainOptions): Promise<SignedAnchor> {
  const { signer, network, feeCapDrops, ledgerWindow } = options;
  const status = await readStatus(options);
  if (status.feeDrops > feeCapDrops) {
    throw new SettlementError(
      "FEE_ABOVE_CAP",
      `the network asks ${status.feeDrops} drops, the cap is ${feeCapDrops}; this waits for a quieter time`,
    );
  }
  const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();
  const unsigned: UnsignedAnchor = {
    TransactionType: "AccountSet",
    Account: signer.account,
    Fee: String(status.feeDrops),
    Sequence: sequence,
    LastLedgerSequence: status.validatedIndex + ledgerWindow,
    ...(status.networkId > 1024 ? { NetworkID: status.networkId } : {}),
    Memos: memos.map(({ type, format, data }) => ({
      Memo: { MemoType: hex(type), MemoFormat: hex(format), MemoData: hex(data) },
    })),
  };
  const { blob, hash } = signer.sign(unsigned);
  return {
    network,
    networkId: status.networkId,
    account: signer.account,
    hash,
    blob,
    sequence: unsigned.Sequence,
    lastLedgerSequence: unsigned.LastLedgerSequence,
    signedAtIndex: status.validatedIndex,
    feeDrops: status.feeDrops,
  };
}

/** The XRP Ledger through one or more servers. Encoding, signing and sockets are xrpl.js's; what is final is decided here. */
export function xrplChain(options: XrplChainOptions): Chain {
  const { rpc, signer, network } = options;
  return {
    network,
    status: () => readStatus(options),
    history: (claim) => readAnchorHistory(rpc, signer, claim),
    sign: (memos, sequence) => signAnchor(memos, sequence, options),
    async submit({ blob }) {
      const answer = await rpc.request("submit", { tx_blob: blob });
      if (isRefusal(answer)) return `${answer.error}: ${answer.message}`;
      const word = answer["engine_result"];
      return typeof word === "string" ? word : "no engine result";
    },
    outcome: (anchor) => outcomeOf(rpc, anchor),
    capture: (ledgerIndex) => readLedger(rpc, ledgerIndex),
  };
}
