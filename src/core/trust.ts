import { fieldsOf } from "./fields.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { formatVkey, parseVkey, type Vkey } from "./note.ts";
import { type NetworkName, parseNetworkName } from "./network.ts";
import { parsePinnedAccounts, type PinnedAccount } from "./settlement-info.ts";
import { formatTimestamp, parseRfc3339 } from "./time.ts";

/** A publisher of validator lists; times in milliseconds since 1970. */
export interface PinnedPublisher {
  /** Master key, 33 bytes of upper-case hex. */
  readonly publicKey: string;
  readonly network?: NetworkName;
  readonly validFrom?: number;
  readonly validUntil?: number;
}

/** What a verifier brings: the keys and accounts it believes in before it sees any proof. */
export interface Trust {
  readonly publishers: readonly PinnedPublisher[];
  readonly accounts: readonly PinnedAccount[];
  readonly logs: readonly Vkey[];
}

/** Publishers of the public networks' validator lists. */
export const knownPublishers: readonly PinnedPublisher[] = [
  { network: "mainnet", publicKey: "ED2677ABFFD1B33AC6FBC3062B71F1E8397C1505E1C42C64D11AD1B28FF73F4734" },
  {
    network: "mainnet",
    publicKey: "ED45D1840EE724BE327ABE9146503D5848EFD5F38B6D5FEDE71E80ACCE5E6E738B",
    validUntil: 1_768_694_400_000, // its last list expired on 2026-01-18
  },
  { network: "mainnet", publicKey: "ED42AEC58B701EEBB77356FFFEC26F83C1F0407263530F068C7C73D392C7E06FD1" },
  { network: "testnet", publicKey: "ED264807102805220DA0F312E71FC2C69E1552C9C5790F6C25E3729DEB573D5860" },
  { network: "devnet", publicKey: "EDBB54B0D9AEE071BB37784AF5A9E7CC49AC7A0EFCE868C54532BCB966B9CFC13B" },
];

/** Trust of a verifier who brings no file: the public networks' publishers, no account and no log. */
export const defaultTrust: Trust = { publishers: knownPublishers, accounts: [], logs: [] };

function parsePublisher(value: JsonValue, at: number): PinnedPublisher {
  const fields = fieldsOf("TRUST_MALFORMED", `publishers[${at}]`, value);
  fields.only("publicKey", "validFrom", "validUntil", "network");
  const time = (name: "validFrom" | "validUntil"): Partial<PinnedPublisher> =>
    fields.has(name) ? { [name]: parseRfc3339(fields.text(name, 60)) } : {};
  return {
    publicKey: fields.hex("publicKey", 33).toUpperCase(),
    ...time("validFrom"),
    ...time("validUntil"),
    ...(fields.has("network") ? { network: parseNetworkName(fields.text("network", 20)) } : {}),
  };
}

/**
 * A trust file. Members that are missing take the defaults of {@link defaultTrust}.
 *
 * @throws SettlementError `TRUST_MALFORMED`, `VKEY_MALFORMED`, `NETWORK_UNKNOWN`, `TIMESTAMP_MALFORMED`
 */
export function parseTrust(value: JsonValue): Trust {
  const fields = fieldsOf("TRUST_MALFORMED", "trust file", value);
  fields.only("publishers", "accounts", "logs");
  return {
    publishers: fields.has("publishers") ? fields.list("publishers", 100).map(parsePublisher) : knownPublishers,
    accounts: fields.has("accounts") ? parsePinnedAccounts("TRUST_MALFORMED", fields.list("accounts", 1000)) : [],
    logs: fields.has("logs")
      ? fields
          .list("logs", 1000)
          .map((vkey) =>
            parseVkey(typeof vkey === "string" ? vkey : fields.fail("logs holds something other than verifier keys")),
          )
      : [],
  };
}

/** A trust file; publishers that are the defaults are left to them. */
export function trustJson({ publishers, accounts, logs }: Trust): JsonObject {
  const named = publishers.map(({ publicKey, network, validFrom, validUntil }) => ({
    publicKey,
    ...(network === undefined ? {} : { network }),
    ...(validFrom === undefined ? {} : { validFrom: formatTimestamp(validFrom) }),
    ...(validUntil === undefined ? {} : { validUntil: formatTimestamp(validUntil) }),
  }));
  const pinned = accounts.map(({ network, account }) => ({ network, account }));
  return {
    ...(publishers === knownPublishers ? {} : { publishers: named }),
    accounts: pinned,
    logs: logs.map(formatVkey),
  };
}
