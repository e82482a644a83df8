import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import { type Actor, type Boundary, silence } from "./boundary.ts";
import type { SimulatedServer } from "./server.ts";
import { shown } from "./shown.ts";
import type { Trace } from "./trace.ts";

/** A worker's way to a server. */
export interface ServerWay {
  readonly actor: Actor;
  readonly boundary: Boundary;
  readonly trace: Trace;
  readonly server: SimulatedServer;
  /** Nothing is lost on the way. */
  readonly isSure: boolean;
  /** Hears of what is handed to the server, before the server has it. */
  readonly onSubmit: (blob: Uint8Array) => Promise<void>;
}

/** A worker waits so long for an answer, milliseconds. */
const timeoutMs = 10_000;
const latencyMs = 150;

/** The server as the product sees it. */
export function serverPort({ actor, boundary, trace, server, isSure, onSubmit }: ServerWay): XrplServer {
  const { name } = server;
  const failure = (): SettlementError => new SettlementError("CHAIN_UNREACHABLE", `${name} does not answer`);
  return {
    endpoint: `wss://${name}`,
    close: async () => undefined,
    request: (command, parameters: JsonObject = {}) =>
      boundary.perform(actor, {
        on: "xrpl",
        what: `${name} ${command}${shortParameters(parameters)}`,
        latencyMs,
        timeoutMs,
        isSure,
        failure,
        async effect() {
          const blob = parameters["tx_blob"];
          if (command === "submit" && typeof blob === "string") await onSubmit(fromHex(blob));
          if (server.failing.isSilent) {
            trace.fault("silent server", name, command);
            throw silence;
          }
          const answer = server.answer(command, parameters);
          if (answer === undefined) throw failure();
          return answer;
        },
        told: shortAnswer,
      }),
  };
}

function shortParameters({ transaction, ledger_index: index }: JsonObject): string {
  if (typeof transaction === "string") return ` ${transaction.slice(0, 8)}`;
  return index === undefined ? "" : ` ${shown(index)}`;
}

function shortAnswer(answer: JsonObject): string {
  const { error, engine_result: word, ledger_index: index, validated, transactions, account_data: data } = answer;
  const parts = [
    error,
    word,
    index === undefined ? undefined : `ledger ${shown(index)}`,
    validated === undefined ? undefined : validated === true ? "validated" : "not validated",
    Array.isArray(transactions) ? `${transactions.length} transactions` : undefined,
    isJsonObject(data) ? `Sequence ${shown(data["Sequence"])}` : undefined,
  ];
  return parts
    .filter((part) => part !== undefined)
    .map(shown)
    .join(", ");
}
