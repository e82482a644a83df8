import { type Method } from "./call.ts";
import { accountInfo } from "./methods/account-info.ts";
import { accountCurrencies, accountObjects, emptyList } from "./methods/account-objects.ts";
import { accountTx } from "./methods/account-tx.ts";
import { fee, ping, random, version } from "./methods/basic.ts";
import { serverDefinitions } from "./methods/definitions.ts";
import { ledgerData } from "./methods/ledger-data.ts";
import { ledgerEntry } from "./methods/ledger-entry.ts";
import { ledger, ledgerAccept, ledgerClosed, ledgerCurrent } from "./methods/ledger.ts";
import { manifest } from "./methods/manifest.ts";
import { serverInfo, serverState } from "./methods/server-info.ts";
import { sign, signForAccount } from "./methods/sign.ts";
import { submit, submitMultisigned } from "./methods/submit.ts";
import { subscribe, unsubscribe } from "./methods/subscribe.ts";
import { transactionEntry, txHistory } from "./methods/transaction-entry.ts";
import { tx } from "./methods/tx.ts";
import { walletPropose } from "./methods/wallet-propose.ts";

export interface MethodEntry {
  readonly run: Method;
  /** Refused on a port without admin rights. */
  readonly adminOnly?: boolean;
  /** The last API version that has it. */
  readonly lastVersion?: 1;
}

/** Everything this server answers; the rest is `unknownCmd`. */
export const methodTable: ReadonlyMap<string, MethodEntry> = new Map(
  Object.entries<MethodEntry>({
    account_channels: { run: emptyList({ channels: [] }) },
    account_currencies: { run: accountCurrencies },
    account_info: { run: accountInfo },
    account_lines: { run: emptyList({ lines: [] }) },
    account_nfts: { run: emptyList({ account_nfts: [] }) },
    account_objects: { run: accountObjects },
    account_offers: { run: emptyList({ offers: [] }) },
    account_tx: { run: accountTx },
    fee: { run: fee },
    ledger: { run: ledger },
    ledger_accept: { run: ledgerAccept, adminOnly: true },
    ledger_closed: { run: ledgerClosed },
    ledger_current: { run: ledgerCurrent },
    ledger_data: { run: ledgerData },
    ledger_entry: { run: ledgerEntry },
    manifest: { run: manifest },
    ping: { run: ping },
    random: { run: random },
    server_definitions: { run: serverDefinitions },
    server_info: { run: serverInfo },
    server_state: { run: serverState },
    sign: { run: sign },
    sign_for: { run: signForAccount },
    submit: { run: submit },
    submit_multisigned: { run: submitMultisigned },
    subscribe: { run: subscribe },
    transaction_entry: { run: transactionEntry },
    tx: { run: tx },
    tx_history: { run: txHistory, lastVersion: 1 },
    unsubscribe: { run: unsubscribe },
    version: { run: version },
    wallet_propose: { run: walletPropose, adminOnly: true },
  }),
);
