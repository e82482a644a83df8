import { equalBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { type JsonObject, parseJson } from "../core/json.ts";
import { formatVkey, parseVkey, type Vkey } from "../core/note.ts";
import type { PinnedAccount } from "../core/settlement-info.ts";
import { formatTimestamp } from "../core/time.ts";
import { defaultTrust, parseTrust, type PinnedPublisher, type Trust } from "../core/trust.ts";
import type { BroughtTrust } from "./judge-file.ts";

/** Who says that a pin is to be believed. */
export type PinSource = "built-in" | "you" | "file" | "server";

/** One thing that is believed before any proof is seen. */
export type Pin = { readonly source: PinSource } & (
  | { readonly kind: "publisher"; readonly publisher: PinnedPublisher }
  | { readonly kind: "account"; readonly account: PinnedAccount }
  | { readonly kind: "log"; readonly vkey: Vkey }
);

export type PinKind = Pin["kind"];

export function pinsOf({ publishers, accounts, logs }: Trust, source: PinSource): readonly Pin[] {
  return [
    ...publishers.map((publisher) => ({ kind: "publisher", publisher, source }) as const),
    ...accounts.map((account) => ({ kind: "account", account, source }) as const),
    ...logs.map((vkey) => ({ kind: "log", vkey, source }) as const),
  ];
}

/** What a trust file pins; publishers that it does not speak of are the built-in ones. */
export function filePins({ trust, isSilentOnPublishers }: BroughtTrust): readonly Pin[] {
  if (!isSilentOnPublishers) return pinsOf(trust, "file");
  return [...pinsOf({ ...trust, accounts: [], logs: [] }, "built-in"), ...pinsOf({ ...trust, publishers: [] }, "file")];
}

/** The public networks' publishers. */
export const builtInPins: readonly Pin[] = pinsOf(defaultTrust, "built-in");

export function trustOf(pins: readonly Pin[]): Trust {
  return {
    publishers: pins.flatMap((pin) => (pin.kind === "publisher" ? [pin.publisher] : [])),
    accounts: pins.flatMap((pin) => (pin.kind === "account" ? [pin.account] : [])),
    logs: pins.flatMap((pin) => (pin.kind === "log" ? [pin.vkey] : [])),
  };
}

/**
 * A pin as somebody types it: a verifier key, the address of an account or the master key of a publisher of lists.
 *
 * @param network - of the account or the publisher; a verifier key has none
 * @throws SettlementError `TRUST_MALFORMED`, `VKEY_MALFORMED`, `NETWORK_UNKNOWN`
 */
export function parsePin(text: string, network: string): Pin {
  const typed = text.trim();
  if (typed.includes("+")) return { kind: "log", vkey: parseVkey(typed), source: "you" };
  const [found] = pinsOf(parseTrust(trustFileOf(typed, network)), "you");
  if (found) return found;
  throw new SettlementError(
    "TRUST_MALFORMED",
    "this is neither a verifier key (name+id+key), nor an XRPL address (r…), nor a publisher's key (66 hex digits)",
  );
}

function trustFileOf(typed: string, network: string): JsonObject {
  if (/^r[0-9A-Za-z]{20,39}$/.test(typed)) return { publishers: [], accounts: [{ network, account: typed }] };
  if (/^[0-9A-Fa-f]{66}$/.test(typed)) return { publishers: [{ network, publicKey: typed }], accounts: [] };
  return { publishers: [], accounts: [] };
}

/**
 * What a settlement node says of itself, its answer to `/v1`, as pins.
 *
 * @throws SettlementError `TRUST_MALFORMED`, `VKEY_MALFORMED`, `NETWORK_UNKNOWN` and those of `parseJson`
 */
export function serverPins(answer: Uint8Array): readonly Pin[] {
  const fields = fieldsOf("TRUST_MALFORMED", "the answer of this server", parseJson(answer));
  const key = fields.member("key");
  const said = { publishers: [], accounts: fields.list("accounts", 100), logs: key === null ? [] : [key] };
  return pinsOf(parseTrust(said), "server");
}

function isSame(a: Pin, b: Pin): boolean {
  if (a.kind === "log" && b.kind === "log")
    return a.vkey.name === b.vkey.name && equalBytes(a.vkey.publicKey, b.vkey.publicKey);
  return a.kind === b.kind && pinText(a) === pinText(b);
}

/** The pins with others added, each once; who said it first stays named. */
export function withPins(pins: readonly Pin[], added: readonly Pin[]): readonly Pin[] {
  return [...pins, ...added.filter((pin) => !pins.some((known) => isSame(known, pin)))];
}

/** What is pinned, in its one spelling. */
export function pinText(pin: Pin): string {
  switch (pin.kind) {
    case "publisher":
      return publisherText(pin.publisher);
    case "account":
      return `${pin.account.account} on ${pin.account.network}`;
    case "log":
      return formatVkey(pin.vkey);
    default:
      return pin satisfies never;
  }
}

function publisherText({ publicKey, network, validFrom, validUntil }: PinnedPublisher): string {
  const parts = [
    publicKey,
    network === undefined ? "of any network" : `of ${network}`,
    ...(validFrom === undefined ? [] : [`from ${formatTimestamp(validFrom)}`]),
    ...(validUntil === undefined ? [] : [`until ${formatTimestamp(validUntil)}`]),
  ];
  return parts.join(" ");
}
