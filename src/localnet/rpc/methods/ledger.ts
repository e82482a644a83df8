import { type Call, type Method } from "../call.ts";
import { fault, invalidParams } from "../fault.ts";
import { chooseLedger, namesLedger } from "../ledger-choice.ts";
import { closedLedgerJson, type LedgerView, openLedgerJson } from "../ledger-json.ts";
import { booleanField } from "../parameters.ts";
import { queuedJson } from "../queue-json.ts";

export const ledger: Method = (call) => {
  const { engine } = call.server;
  if (!namesLedger(call.params)) {
    const view = { apiVersion: call.apiVersion, transactions: false, expand: false, binary: false };
    return {
      closed: { ledger: closedLedgerJson(engine.last(), view) },
      open: { ledger: openLedgerJson(engine.open(), view) },
    };
  }
  const chosen = chooseLedger(engine, call.params);
  const view = viewOf(call);
  const wantsQueue = booleanField(call.params, "queue");
  if (wantsQueue && chosen.open === undefined) throw invalidParams();
  const shown = chosen.open === undefined ? closedLedgerJson(chosen.closed, view) : openLedgerJson(chosen.open, view);
  const waiting = wantsQueue ? engine.queued() : [];
  const queue = waiting.length === 0 ? {} : { queue_data: waiting.map((queued) => queuedJson(queued, view)) };
  return { ledger: shown, ...chosen.named, ...queue };
};

function viewOf({ params, apiVersion, role }: Call): LedgerView {
  const full = booleanField(params, "full");
  const accounts = booleanField(params, "accounts");
  booleanField(params, "owner_funds");
  if ((full || accounts) && role !== "admin") throw fault("noPermission");
  return {
    apiVersion,
    transactions: full || booleanField(params, "transactions"),
    expand: full || booleanField(params, "expand"),
    binary: booleanField(params, "binary"),
  };
}

export const ledgerCurrent: Method = ({ server }) => ({ ledger_current_index: server.engine.open().index });

export const ledgerClosed: Method = ({ server }) => {
  const { hash, index } = server.engine.last();
  return { ledger_hash: hash, ledger_index: index };
};

export const ledgerAccept: Method = ({ server }) => {
  server.engine.accept();
  return { ledger_current_index: server.engine.open().index };
};
