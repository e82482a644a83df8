import { rippleEpochUnixS } from "../../../core/xrpl/ledger-header.ts";
import { type Call, type Method, type ServerState } from "../call.ts";
import { referenceLevel } from "../fees.ts";
import { type JsonObject } from "../json.ts";
import { closeTimeOf, humanTime } from "../ledger-json.ts";

/**
 * What this server calls itself. The number is the xrpld release whose answers it gives, so that clients that compare
 * versions go on working; what follows says that it is none.
 */
const buildVersion = "3.2.0+repomesh-settlement-localnet";

export const serverInfo: Method = (call) => {
  const { engine } = call.server;
  const { baseFeeDrops, reserveBaseDrops, reserveIncrementDrops } = engine.config;
  const last = engine.last();
  const info: JsonObject = {
    ...common(call),
    hostid: hostIdFor(call.role),
    last_close: { converge_time_s: hasClosed(call.server) ? 0.1 : 0, proposers: 0 },
    ...humanLoad(call),
    validated_ledger: {
      age: Math.max(0, Math.floor(call.server.nowUnixMs() / 1000) - rippleEpochUnixS - closeTimeOf(last)),
      base_fee_xrp: baseFeeDrops / 1e6,
      hash: last.hash,
      reserve_base_xrp: reserveBaseDrops / 1e6,
      reserve_inc_xrp: reserveIncrementDrops / 1e6,
      seq: last.index,
    },
  };
  if (call.role === "admin") info["validator_list"] = { count: 0, expiration: "unknown", status: "unknown" };
  return { info };
};

export const serverState: Method = (call) => {
  const { engine } = call.server;
  const last = engine.last();
  const state: JsonObject = {
    ...common(call),
    last_close: { converge_time: hasClosed(call.server) ? 100 : 0, proposers: 0 },
    ...loadFactors(call.server),
    validated_ledger: {
      base_fee: engine.config.baseFeeDrops,
      close_time: closeTimeOf(last),
      hash: last.hash,
      reserve_base: engine.config.reserveBaseDrops,
      reserve_inc: engine.config.reserveIncrementDrops,
      seq: last.index,
    },
  };
  if (call.role === "admin") state["validator_list_expires"] = 0;
  return { state };
};

/** The server itself has no load; what rises is the fee of a full open ledger. */
export function loadFactors({ engine }: ServerState): JsonObject {
  const { openLedgerLevel, minimumLevel } = engine.fees();
  return {
    load_base: Number(referenceLevel),
    load_factor: Number(openLedgerLevel),
    load_factor_fee_escalation: Number(openLedgerLevel),
    load_factor_fee_queue: Number(minimumLevel),
    load_factor_fee_reference: Number(referenceLevel),
    load_factor_server: Number(referenceLevel),
  };
}

/** The same as multiples of the base, each only where it says something new. */
function humanLoad({ server: { engine }, role }: Call): JsonObject {
  const { openLedgerLevel, minimumLevel } = engine.fees();
  const times = (level: bigint): number => Number(level) / Number(referenceLevel);
  const load: JsonObject = { load_factor: times(openLedgerLevel) };
  if (openLedgerLevel !== referenceLevel) {
    load["load_factor_server"] = 1;
    if (role === "admin") load["load_factor_fee_escalation"] = times(openLedgerLevel);
  }
  if (minimumLevel !== referenceLevel) load["load_factor_fee_queue"] = times(minimumLevel);
  return load;
}

/** `2-26`, or `2` where there is but one. */
export function completeLedgers({ engine }: ServerState): string {
  const first = engine.firstIndex();
  const last = engine.last().index;
  return first === last ? String(first) : `${first}-${last}`;
}

/** The machine's own name stays out of it. */
export function hostIdFor(role: Call["role"]): string {
  return role === "admin" ? "localnet" : "LOCAL";
}

function hasClosed({ engine }: ServerState): boolean {
  return engine.last().index > engine.firstIndex();
}

function common({ server, role }: Call): JsonObject {
  const upMs = Math.max(0, server.nowUnixMs() - server.startedUnixMs);
  const upUs = String(upMs * 1000);
  const none = { duration_us: "0", transitions: "0" };
  const shared: JsonObject = {
    build_version: buildVersion,
    local_network: true,
    complete_ledgers: completeLedgers(server),
    initial_sync_duration_us: "0",
    io_latency_ms: 1,
    jq_trans_overflow: "0",
    peer_disconnects: "0",
    peer_disconnects_resources: "0",
    peers: 0,
    ports: server.ports
      .filter((port) => role === "admin" || port.role === "user")
      .map(({ port, protocol }) => ({ port: String(port), protocol: [protocol] })),
    pubkey_node: server.nodePublicKey,
    server_state: "full",
    server_state_duration_us: upUs,
    state_accounting: {
      connected: none,
      disconnected: { duration_us: "0", transitions: "1" },
      full: { duration_us: upUs, transitions: "1" },
      syncing: none,
      tracking: none,
    },
    time: humanTime(server.nowUnixMs(), 6),
    uptime: Math.floor(upMs / 1000),
    validation_quorum: 0,
  };
  if (server.engine.config.networkId !== 0) shared["network_id"] = server.engine.config.networkId;
  if (role !== "admin") return shared;
  return {
    ...shared,
    load: { job_types: [{ in_progress: 1, job_type: "clientRPC" }], threads: 1 },
    node_size: "tiny",
    pubkey_validator: "none",
  };
}
