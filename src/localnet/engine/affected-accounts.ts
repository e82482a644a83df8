import { addressOf } from "../../core/xrpl/address.ts";
import { fieldOf, fieldType, readFields } from "../../core/xrpl/fields.ts";

const affectedNodesCode = 8;
const newFieldsCode = 8;
const finalFieldsCode = 7;

/** Addresses a transaction's metadata names: whose history it belongs to (rippled `TxMeta::getAffectedAccounts`). */
export function affectedAccounts(meta: Uint8Array): readonly string[] {
  const nodes = fieldOf(readFields(meta), fieldType.array, affectedNodesCode)?.inner ?? [];
  const addresses = nodes.flatMap(({ inner }) => {
    const shown = fieldOf(inner, fieldType.object, newFieldsCode) ?? fieldOf(inner, fieldType.object, finalFieldsCode);
    const accounts = (shown?.inner ?? []).filter(
      ({ typeCode, bytes }) => typeCode === fieldType.accountId && bytes.length === 20,
    );
    return accounts.map(({ bytes }) => addressOf(bytes));
  });
  return [...new Set(addresses)];
}
