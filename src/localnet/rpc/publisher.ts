import { type ClosedLedger, type SeenTransaction, type SubmitOutcome } from "../engine.ts";
import { type ApiVersion, type ServerState, type StreamName, type Subscriber } from "./call.ts";
import { type JsonObject } from "./json.ts";
import {
  closedFrame,
  ledgerClosedFrame,
  manifestFrame,
  proposedFrame,
  serverStatusFrame,
  validationFrame,
} from "./stream-frames.ts";
import { decodeObject } from "./transaction-json.ts";

/** Sends what happens in the engine to the connections that follow it. Returns the way to stop. */
export function startPublisher(server: ServerState, subscribers: ReadonlySet<Subscriber>): () => void {
  let told = "";
  const tellStatus = (): void => {
    const status = serverStatusFrame(server);
    const summary = JSON.stringify(status);
    if (summary !== told) toStream(subscribers, "server", () => status);
    told = summary;
  };
  const late = new Set<NodeJS.Timeout>();
  const unsubscribe = server.engine.subscribe({
    proposed: (seen, outcome) => {
      if (subscribers.size > 0) publishProposed(server, subscribers, seen, outcome);
      tellStatus();
    },
    closed: (ledger) => {
      if (subscribers.size > 0) publishClosed(server, subscribers, ledger);
      publishValidations(server, subscribers, ledger, late);
      tellStatus();
    },
  });
  const unhear = server.validators?.onManifest((manifest) =>
    toStream(subscribers, "manifests", () => manifestFrame(manifest)),
  );
  return () => {
    unsubscribe();
    unhear?.();
    for (const timer of late) clearTimeout(timer);
  };
}

/** What the validators say of a ledger, some of them late. Nobody hears it later: servers do not keep it either. */
function publishValidations(
  server: ServerState,
  subscribers: ReadonlySet<Subscriber>,
  ledger: ClosedLedger,
  late: Set<NodeJS.Timeout>,
): void {
  if (!server.validators || ![...subscribers].some(({ streams }) => streams.has("validations"))) return;
  for (const validation of server.validators.validationsOf(ledger)) {
    const tell = (): void =>
      toStream(subscribers, "validations", (version) => validationFrame(server, ledger, validation, version));
    if (validation.delayMs === 0) tell();
    else {
      const timer = setTimeout(() => {
        late.delete(timer);
        tell();
      }, validation.delayMs);
      late.add(timer);
    }
  }
}

function publishProposed(
  server: ServerState,
  subscribers: ReadonlySet<Subscriber>,
  seen: SeenTransaction,
  outcome: SubmitOutcome,
): void {
  const frame = perVersion((apiVersion) => proposedFrame(seen, outcome, server.engine.open().index, apiVersion));
  const touched = [...addressesIn(decodeObject(seen.blob))];
  toStream(subscribers, "transactions_proposed", frame);
  for (const subscriber of subscribers) {
    if (touched.some((account) => subscriber.proposedAccounts.has(account)))
      subscriber.send(frame(subscriber.apiVersion));
  }
}

function publishClosed(server: ServerState, subscribers: ReadonlySet<Subscriber>, ledger: ClosedLedger): void {
  toStream(subscribers, "ledger", () => ledgerClosedFrame(server, ledger));
  for (const held of ledger.transactions) {
    const frame = perVersion((apiVersion) => closedFrame(ledger, held, server.engine.config.networkId, apiVersion));
    const touched = [...addressesIn(decodeObject(held.blob)), ...addressesIn(decodeObject(held.meta))];
    // a connection that follows a transaction in two ways gets it twice, as from rippled
    toStream(subscribers, "transactions", frame);
    toStream(subscribers, "transactions_proposed", frame);
    for (const subscriber of subscribers) {
      const { accounts, proposedAccounts } = subscriber;
      if (touched.some((account) => accounts.has(account) || proposedAccounts.has(account)))
        subscriber.send(frame(subscriber.apiVersion));
    }
  }
}

function toStream(
  subscribers: ReadonlySet<Subscriber>,
  stream: StreamName,
  frame: (apiVersion: ApiVersion) => JsonObject,
): void {
  for (const subscriber of subscribers)
    if (subscriber.streams.has(stream)) subscriber.send(frame(subscriber.apiVersion));
}

/** Makes a frame once for each version that is asked for. */
function perVersion(make: (apiVersion: ApiVersion) => JsonObject): (apiVersion: ApiVersion) => JsonObject {
  const made = new Map<ApiVersion, JsonObject>();
  return (apiVersion) => {
    const known = made.get(apiVersion) ?? make(apiVersion);
    made.set(apiVersion, known);
    return known;
  };
}

const addressFields = new Set(["Account", "Destination", "Owner", "RegularKey"]);

/** The accounts a transaction or its metadata speaks of. */
function* addressesIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string") {
      if (addressFields.has(name)) yield inner;
    } else yield* addressesIn(inner);
  }
}
