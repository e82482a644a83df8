import { SettlementError } from "../error.ts";
import type { NetworkName } from "../network.ts";
import { formatTimestamp } from "../time.ts";
import { knownPublishers, type PinnedPublisher } from "../trust.ts";
import type { Check } from "../verdict.ts";

/**
 * The network a pin is for. A key that is known to be a public network's speaks for that network alone, also where a
 * trust file leaves the network out: an XPOP names none, and what testnet validated is nothing on mainnet.
 */
function networkOf({ network, publicKey }: PinnedPublisher): NetworkName | undefined {
  return network ?? knownPublishers.find((known) => known.publicKey === publicKey.toUpperCase())?.network;
}

/** Where and when a list's publisher is asked about. */
export interface PublisherQuery {
  /** Master key, upper-case hex. */
  readonly publicKey: string;
  /** Close time of the ledger that was validated. Networks that were reset are told apart by the windows of pins. */
  readonly atUnixMs: number;
  /** The network the caller expects; any where left out. */
  readonly network?: NetworkName;
}

/** The network that a publisher's list speaks for; undefined where neither pin nor caller say. */
export interface PublisherCheck {
  readonly check: Check;
  readonly network?: NetworkName;
}

/**
 * Is this publisher pinned, for that network and that time?
 *
 * @throws SettlementError `XPOP_REFUTED` when it is pinned for other networks
 */
export function checkPublisher(
  { publicKey, atUnixMs, network }: PublisherQuery,
  pins: readonly PinnedPublisher[],
): PublisherCheck {
  const own = pins.filter((pin) => pin.publicKey.toUpperCase() === publicKey);
  if (own.length === 0) return { check: { unproven: `the list is of publisher ${publicKey}, which is not pinned` } };
  const fitting = own.filter((pin) => network === undefined || (networkOf(pin) ?? network) === network);
  if (fitting.length === 0) {
    const others = own.map(networkOf).join(" and ");
    throw new SettlementError(
      "XPOP_REFUTED",
      `the list is of publisher ${publicKey}, of ${others} and not of ${network}`,
    );
  }
  const inTime = fitting.find(
    ({ validFrom = -Infinity, validUntil = Infinity }) => validFrom <= atUnixMs && atUnixMs < validUntil,
  );
  if (!inTime) {
    const when = formatTimestamp(atUnixMs);
    return { check: { unproven: `publisher ${publicKey} is not pinned for ${when}, when the ledger closed` } };
  }
  const named = network ?? networkOf(inTime);
  const place = named === undefined ? "its pin names no network" : `of ${named}`;
  return { check: { pass: `${publicKey} is pinned, ${place}` }, ...(named === undefined ? {} : { network: named }) };
}
