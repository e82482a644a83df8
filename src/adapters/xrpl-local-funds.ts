import { Wallet, ECDSA } from "xrpl";
import { SettlementError } from "../core/error.ts";
import { ask, demand, readHeader } from "./xrpl-answers.ts";
import { isRefusal, type XrplServer } from "./xrpl-rpc.ts";

/** Seed of the account that holds all drops of a network that was just started; everybody knows it. */
const genesisSeed = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";
const fundingDrops = 1_000_000_000n;
const looks = 200;
const lookMs = 100;

/**
 * Gives an account of a local network 1,000 XRP of its genesis account, unless it exists. Refuses any server that does
 * not announce itself as a local network.
 *
 * @throws SettlementError `CHAIN_WRONG_NETWORK`, `CHAIN_UNREACHABLE`, `ACCOUNT_NOT_FUNDED`
 */
export async function fundLocalAccount(server: XrplServer, account: string): Promise<void> {
  const isFunded = async (): Promise<boolean> =>
    (await ask(server, "account_info", { account, ledger_index: "validated" }, ["actNotFound"])) !== undefined;
  const info = (await demand(server, "server_info")).reader("info");
  if (info.object["local_network"] !== true) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `${server.endpoint} is no local network; say which one it is with --network`,
    );
  }
  if (await isFunded()) return;
  const genesis = Wallet.fromSeed(genesisSeed, { algorithm: ECDSA.secp256k1 });
  const data = (
    await demand(server, "account_info", { account: genesis.classicAddress, ledger_index: "current" })
  ).reader("account_data");
  const networkId = info.has("network_id") ? info.count("network_id", 0xffff_ffff) : 0;
  const { tx_blob } = genesis.sign({
    TransactionType: "Payment",
    Account: genesis.classicAddress,
    Destination: account,
    Amount: String(fundingDrops),
    Fee: "100",
    Sequence: data.count("Sequence"),
    LastLedgerSequence: ((await readHeader(server, "validated"))?.header.index ?? 0) + 1000,
    ...(networkId > 1024 ? { NetworkID: networkId } : {}),
  });
  const answer = await server.request("submit", { tx_blob });
  for (let look = 0; look < looks; look++) {
    if (await isFunded()) return;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  const result = isRefusal(answer) ? answer.error : answer["engine_result"];
  throw new SettlementError(
    "ACCOUNT_NOT_FUNDED",
    `the local network did not fund ${account} (${typeof result === "string" ? result : "no result"}); does it close ledgers?`,
  );
}
