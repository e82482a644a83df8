import { fieldsOf } from "./fields.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { formatVkey, parseVkey, type Vkey } from "./note.ts";
import { type NetworkName, parseNetworkName } from "./network.ts";
import { parsePinnedAccounts, type PinnedAccount } from "./settlement-info.ts";
import publicNetworks from "./public-networks.trust.json" with { type: "json" };
import { formatTimestamp, parseRfc3339 } from "./time.ts";

/** A publisher of validator lists; times in milliseconds since 1970. */
export interface PinnedPublisher {
  /** For people; nothing is judged by it. */
  readonly name?: string;
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

function parsePublisher(value: JsonValue, at: number): PinnedPublisher {
  const fields = fieldsOf("TRUST_MALFORMED", `publishers[${at}]`, value);
  fields.only("name", "publicKey", "validFrom", "validUntil", "network");
  const time = (name: "validFrom" | "validUntil"): Partial<PinnedPublisher> =>
    fields.has(name) ? { [name]: parseRfc3339(fields.text(name, 60)) } : {};
  return {
    ...(fields.has("name") ? { name: fields.text("name", 200) } : {}),
    publicKey: fields.hex("publicKey", 33).toUpperCase(),
    ...time("validFrom"),
    ...time("validUntil"),
    ...(fields.has("network") ? { network: parseNetworkName(fields.text("network", 20)) } : {}),
  };
}

/** Publishers of the public networks' validator lists: those of the trust file beside this one. */
export const knownPublishers: readonly PinnedPublisher[] = publicNetworks.publishers.map(parsePublisher);

/** Trust of a verifier who brings no file: the public networks' publishers, no account and no log. */
export const defaultTrust: Trust = { publishers: knownPublishers, accounts: [], logs: [] };

/**
 * A trust file, which stands in place of all that was believed before. Members that are missing take the defaults of
 * {@link defaultTrust}: a file that pins an account alone still knows the public networks' validators.
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
  const named = publishers.map(({ name, publicKey, network, validFrom, validUntil }) => ({
    ...(name === undefined ? {} : { name }),
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
