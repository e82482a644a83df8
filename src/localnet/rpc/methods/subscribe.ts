import { randomBytes } from "node:crypto";

import { isAddress } from "../../../core/xrpl/address.ts";
import { type Call, type Method, type StreamName, type Subscriber } from "../call.ts";
import { fault, invalidParams } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { ledgerFacts } from "../stream-frames.ts";
import { upperHex } from "../transaction-json.ts";
import { hostIdFor, loadFactors } from "./server-info.ts";

/** Names of the streams, and their older spellings. */
const streams: Readonly<Record<string, StreamName>> = {
  ledger: "ledger",
  server: "server",
  transactions: "transactions",
  transactions_proposed: "transactions_proposed",
  rt_transactions: "transactions_proposed",
  validations: "validations",
  manifests: "manifests",
  peer_status: "peer_status",
  consensus: "consensus",
  book_changes: "book_changes",
};

const maxAccounts = 1000;

export const subscribe: Method = (call) => {
  const { server, subscriber, apiVersion } = call;
  if (subscriber === undefined) throw invalidParams();
  subscriber.apiVersion = apiVersion;
  const answer: JsonObject = {};
  for (const stream of streamsOf(call)) {
    if (stream === "ledger") Object.assign(answer, ledgerFacts(server));
    if (stream === "server") Object.assign(answer, serverFacts(call));
    subscriber.streams.add(stream);
  }
  forEachAccount(call, subscriber, (held, accounts) => {
    if (held.size + accounts.length > maxAccounts) throw fault("tooBusy");
    for (const account of accounts) held.add(account);
  });
  return answer;
};

export const unsubscribe: Method = (call) => {
  const { subscriber } = call;
  if (subscriber === undefined) throw invalidParams();
  for (const stream of streamsOf(call)) subscriber.streams.delete(stream);
  forEachAccount(call, subscriber, (held, accounts) => {
    for (const account of accounts) held.delete(account);
  });
  return {};
};

function* streamsOf({ params, role }: Call): Generator<StreamName> {
  const names = params["streams"];
  if (names === undefined) return;
  if (!Array.isArray(names)) throw invalidParams();
  for (const name of names as unknown[]) {
    const stream = typeof name === "string" && Object.hasOwn(streams, name) ? streams[name] : undefined;
    if (stream === undefined) throw fault("malformedStream");
    if (stream === "peer_status" && role !== "admin") throw fault("noPermission");
    yield stream;
  }
}

function forEachAccount(
  { params }: Call,
  subscriber: Subscriber,
  act: (held: Set<string>, accounts: readonly string[]) => void,
): void {
  const proposed = params["accounts_proposed"] ?? params["rt_accounts"];
  for (const [given, held] of [
    [proposed, subscriber.proposedAccounts],
    [params["accounts"], subscriber.accounts],
  ] as const) {
    if (given === undefined) continue;
    if (!Array.isArray(given)) throw invalidParams();
    if (given.length === 0 || !given.every(isAddress)) throw fault("actMalformed");
    act(held, given);
  }
}

function serverFacts({ server, role }: Call): JsonObject {
  const load = loadFactors(server);
  return {
    random: upperHex(randomBytes(32)),
    server_status: "full",
    load_base: load["load_base"],
    load_factor: load["load_factor"],
    hostid: hostIdFor(role),
    pubkey_node: server.nodePublicKey,
    stand_alone: true,
  };
}
