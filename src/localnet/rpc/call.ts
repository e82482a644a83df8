import { type Engine } from "../engine.ts";
import { type ValidatorSet } from "../validators/validator-set.ts";
import { type JsonObject } from "./json.ts";

export type ApiVersion = 1 | 2;

/** What a port permits: everything, or only what a stranger may ask. */
export type Role = "admin" | "user";

/** The streams a connection can follow. */
export type StreamName =
  | "ledger"
  | "server"
  | "transactions"
  | "transactions_proposed"
  | "validations"
  | "manifests"
  | "peer_status"
  | "consensus"
  | "book_changes";

/** One WebSocket connection as the subscriptions see it. */
export interface Subscriber {
  readonly streams: Set<StreamName>;
  /** Addresses whose validated transactions are sent. */
  readonly accounts: Set<string>;
  /** Addresses whose transactions are sent as soon as they are applied to the open ledger. */
  readonly proposedAccounts: Set<string>;
  /** Version of the last `subscribe`: frames are shaped by it. */
  apiVersion: ApiVersion;
  send(frame: JsonObject): void;
}

export interface PortInfo {
  readonly port: number;
  readonly protocol: "http" | "ws";
  readonly role: Role;
}

/** What the methods know of the server they run on. */
export interface ServerState {
  readonly engine: Engine;
  /** Base58 node key: a name only, this server has no peers. */
  readonly nodePublicKey: string;
  readonly startedUnixMs: number;
  readonly nowUnixMs: () => number;
  readonly ports: readonly PortInfo[];
  /** Those who sign for its ledgers; without them its validations are nobody's. */
  readonly validators?: ValidatorSet;
}

export interface Call {
  readonly server: ServerState;
  readonly method: string;
  readonly params: JsonObject;
  readonly apiVersion: ApiVersion;
  readonly role: Role;
  /** Absent over HTTP. */
  readonly subscriber?: Subscriber | undefined;
}

/** Answers with the fields of `result`, or throws an `RpcFault`. */
export type Method = (call: Call) => JsonObject;
