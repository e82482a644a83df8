import { SettlementError } from "./error.ts";
import { fieldsOf } from "./fields.ts";
import type { JsonValue } from "./json.ts";
import type { Month } from "./month.ts";
import { type NetworkName, parseNetworkName } from "./network.ts";
import { isAddress } from "./xrpl/address.ts";

/** What a ledger is called and who settles it: `settlement.json`. */
export interface SettlementInfo {
  readonly v: 1;
  /** Prefix of every origin, such as `ledger.example.org` or `localhost:8080`. */
  readonly host: string;
  readonly network: NetworkName;
  /** Verifier key (C2SP signed-note) of the ledger log, whose name is the origin of the ledger log. */
  readonly key: string;
  readonly accounts: readonly PinnedAccount[];
}

/** An account that anchors on a network. */
export interface PinnedAccount {
  readonly network: NetworkName;
  /** Classic XRPL address, `r…`. */
  readonly account: string;
}

/** Is this ASCII `[a-z0-9.-]+(:[0-9]+)?`, at most 100 characters? */
export function isHost(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9.-]+(:[0-9]{1,5})?$/.test(text);
}

/** @throws SettlementError `SETTLEMENT_INFO_MALFORMED` */
export function parseHost(text: string): string {
  if (isHost(text)) return text;
  throw new SettlementError(
    "SETTLEMENT_INFO_MALFORMED",
    `host ${JSON.stringify(text.slice(0, 60))} must be written like ledger.example.org or localhost:8080`,
  );
}

/** Origin of the ledger log. */
export function ledgerOrigin(host: string): string {
  return `${host}/ledger`;
}

/** Origin of the log of one month. */
export function monthOrigin(host: string, month: Month): string {
  return `${host}/ledger/${month}`;
}

export function parsePinnedAccounts(
  code: "SETTLEMENT_INFO_MALFORMED" | "TRUST_MALFORMED",
  values: readonly JsonValue[],
): PinnedAccount[] {
  return values.map((value, at) => {
    const fields = fieldsOf(code, `accounts[${at}]`, value);
    fields.only("network", "account");
    const account = fields.text("account", 40);
    if (!isAddress(account)) fields.fail(`account ${JSON.stringify(account)} is not a classic XRPL address`);
    return { network: parseNetworkName(fields.text("network", 20)), account };
  });
}

/** @throws SettlementError `SETTLEMENT_INFO_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, `NETWORK_UNKNOWN` */
export function parseSettlementInfo(value: JsonValue): SettlementInfo {
  const fields = fieldsOf("SETTLEMENT_INFO_MALFORMED", "settlement.json", value);
  fields.version(1);
  fields.only("v", "host", "network", "key", "accounts");
  return {
    v: 1,
    host: parseHost(fields.text("host")),
    network: parseNetworkName(fields.text("network", 20)),
    key: fields.text("key", 300),
    accounts: parsePinnedAccounts("SETTLEMENT_INFO_MALFORMED", fields.list("accounts", 100)),
  };
}
