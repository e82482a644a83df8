import type { LedgerBytes } from "../core/xrpl/whole-ledger.ts";
import { fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf, type FieldReader } from "../core/fields.ts";

import { isRefusal, type XrplRpc } from "./xrpl-rpc.ts";
import type { JsonObject } from "../core/json.ts";

/**
 * A server's answer as fields; a refusal it may give is undefined.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE` for any other refusal: another server, or later, may answer
 */
export async function ask(
  rpc: XrplRpc,
  command: string,
  parameters: JsonObject,
  allowed: readonly string[] = [],
): Promise<FieldReader | undefined> {
  const answer = await rpc.request(command, parameters);
  if (!isRefusal(answer)) return fieldsOf("CHAIN_ANSWER_MALFORMED", command, answer);
  if (allowed.includes(answer.error)) return undefined;
  throw new SettlementError(
    "CHAIN_UNREACHABLE",
    `${rpc.endpoint()} refused ${command}: ${answer.error}, ${answer.message}`,
  );
}

/** An answer that has to be there. */
export async function demand(rpc: XrplRpc, command: string, parameters: JsonObject = {}): Promise<FieldReader> {
  const fields = await ask(rpc, command, parameters);
  if (!fields) throw new SettlementError("CHAIN_ANSWER_MALFORMED", `${command}: no answer`);
  return fields;
}

/** A validated ledger in binary: the only form whose hashes can be recomputed reliably. */
export async function readLedger(rpc: XrplRpc, ledgerIndex: number): Promise<LedgerBytes> {
  const answer = await demand(rpc, "ledger", {
    ledger_index: ledgerIndex,
    transactions: true,
    expand: true,
    binary: true,
  });
  if (answer.object["validated"] !== true) {
    throw new SettlementError("CHAIN_UNREACHABLE", `${rpc.endpoint()} does not call ledger ${ledgerIndex} validated`);
  }
  const ledger = answer.reader("ledger");
  const transactions = ledger.list("transactions").map((value) => {
    const fields = fieldsOf("CHAIN_ANSWER_MALFORMED", "ledger.transactions", value);
    return {
      blob: fromHex(fields.hex("tx_blob")),
      meta: fromHex(fields.hex(fields.has("meta_blob") ? "meta_blob" : "meta")),
    };
  });
  return { header: fromHex(ledger.hex("ledger_data", 118)), transactions };
}

/** Highest ledger the server calls validated. */
export async function validatedIndex(rpc: XrplRpc): Promise<number> {
  return (await demand(rpc, "ledger", { ledger_index: "validated" })).count("ledger_index", 0xffff_ffff);
}
