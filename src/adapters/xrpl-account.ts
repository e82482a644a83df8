import { SettlementError } from "../core/error.ts";
import { ask, dropsIn, indexIn } from "./xrpl-answers.ts";
import { isServerFault } from "./xrpl-failover.ts";
import type { XrplServer } from "./xrpl-rpc.ts";
import type { Servers, Survey } from "./xrpl-servers.ts";

/** An account in one validated ledger. That is a server's word: no server gives what would prove the state of a ledger. */
export interface AccountState {
  /** Of its next transaction. */
  readonly sequence: number;
  /** The last transaction that changed it; undefined for an account that a network began with. */
  readonly previousTransaction: string | undefined;
  readonly balanceDrops: bigint;
  readonly ownerCount: number;
}

/**
 * @throws SettlementError `ACCOUNT_NOT_FUNDED`, `CHAIN_ANSWER_MALFORMED` when the answer is of another ledger or none that is
 * validated, `CHAIN_UNREACHABLE`
 */
export async function accountAt(server: XrplServer, account: string, ledgerIndex: number): Promise<AccountState> {
  const answer = await ask(server, "account_info", { account, ledger_index: ledgerIndex }, ["actNotFound"]);
  if (!answer) {
    throw new SettlementError(
      "ACCOUNT_NOT_FUNDED",
      `account ${account} does not exist in ledger ${ledgerIndex} of ${server.endpoint}; send it the reserve of the network or more`,
    );
  }
  if (answer.object["validated"] !== true || indexIn(answer, "ledger_index") !== ledgerIndex)
    answer.fail(`the answer is not of validated ledger ${ledgerIndex}`);
  const data = answer.reader("account_data");
  const previous = data.hex("PreviousTxnID", 32).toUpperCase();
  return {
    sequence: data.count("Sequence", 0xffff_ffff),
    previousTransaction: /^0*$/.test(previous) ? undefined : previous,
    balanceDrops: dropsIn(data, "Balance"),
    ownerCount: data.count("OwnerCount", 0xffff_ffff),
  };
}

/**
 * Makes sure that no other fresh server shows the account otherwise in the same ledger.
 *
 * @throws SettlementError `CHAIN_DISAGREEMENT`
 */
export async function agreeOnAccount(
  servers: Servers,
  { fresh }: Survey,
  { from, account, ledgerIndex }: { readonly from: XrplServer; readonly account: string; readonly ledgerIndex: number },
  state: AccountState,
): Promise<void> {
  const said = (at: AccountState | undefined, server: XrplServer): string =>
    at
      ? `Sequence ${at.sequence} after ${at.previousTransaction ?? "nothing"} on ${server.endpoint}`
      : `nothing on ${server.endpoint}`;
  const others = fresh.filter(({ server }) => server !== from);
  await Promise.all(
    others.map(async ({ server }) => {
      let other: AccountState | undefined;
      try {
        other = await accountAt(server, account, ledgerIndex);
      } catch (error) {
        if (!isServerFault(error)) throw error;
        servers.blame(server, error);
        if (error.code !== "ACCOUNT_NOT_FUNDED") return;
      }
      if (other?.sequence === state.sequence && other.previousTransaction === state.previousTransaction) return;
      throw new SettlementError(
        "CHAIN_DISAGREEMENT",
        `account ${account} in ledger ${ledgerIndex} is ${said(state, from)}, ${said(other, server)}; nothing is decided`,
      );
    }),
  );
}
