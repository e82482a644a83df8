import { type ClosedLedger, type Engine, type OpenLedger } from "../engine.ts";
import { fault, invalidField } from "./fault.ts";
import { type JsonObject } from "./json.ts";
import { hash256, isUint32 } from "./parameters.ts";

/** The ledger a request names, and the fields by which an answer names it back. */
export type ChosenLedger =
  | { readonly closed: ClosedLedger; readonly open?: never; readonly named: JsonObject }
  | { readonly open: OpenLedger; readonly closed?: never; readonly named: JsonObject };

/** Resolves `ledger_hash`, `ledger_index` or the older `ledger`; the open ledger where none is given. */
export function chooseLedger(engine: Engine, params: JsonObject): ChosenLedger {
  const old = params["ledger"];
  if (old !== undefined)
    return hash256(old) === undefined ? byIndex(engine, old, "ledger") : byHash(engine, old, "ledger");
  if (params["ledger_hash"] !== undefined) return byHash(engine, params["ledger_hash"], "ledger_hash");
  return byIndex(engine, params["ledger_index"], "ledger_index");
}

export function namesLedger(params: JsonObject): boolean {
  return ["ledger", "ledger_hash", "ledger_index"].some((name) => params[name] !== undefined);
}

function byHash(engine: Engine, value: unknown, field: string): ChosenLedger {
  const hash = hash256(value);
  if (hash === undefined) throw invalidField(field, "not hex string");
  return found(engine.closedByHash(hash));
}

function byIndex(engine: Engine, value: unknown, field: string): ChosenLedger {
  if (value === undefined || value === "" || value === "current") return openOf(engine);
  if (value === "validated" || value === "closed") return found(engine.last());
  const index = typeof value === "string" && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
  if (!isUint32(index)) throw invalidField(field, "not string or number");
  if (index === engine.open().index) return openOf(engine);
  return found(engine.closedByIndex(index));
}

function openOf(engine: Engine): ChosenLedger {
  const open = engine.open();
  return { open, named: { ledger_current_index: open.index, validated: false } };
}

function found(closed: ClosedLedger | undefined): ChosenLedger {
  if (closed === undefined) throw fault("lgrNotFound", "ledgerNotFound");
  return { closed, named: { ledger_hash: closed.hash, ledger_index: closed.index, validated: true } };
}
