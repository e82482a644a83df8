import { type TransactionType } from "./transaction-type.ts";
import { accountSet } from "./transactions/account-set.ts";
import { payment } from "./transactions/payment.ts";
import { setRegularKey } from "./transactions/set-regular-key.ts";
import { signerListSet } from "./transactions/signer-list-set.ts";
import { ticketCreate } from "./transactions/ticket-create.ts";

/** What this network knows how to do. */
const types: Readonly<Record<string, TransactionType>> = {
  Payment: payment,
  AccountSet: accountSet,
  SetRegularKey: setRegularKey,
  TicketCreate: ticketCreate,
  SignerListSet: signerListSet,
};

export function isKnownType(name: string): boolean {
  return Object.hasOwn(types, name);
}

/** The rules of a type whose name was checked when the transaction was parsed. */
export function typeNamed(name: string): TransactionType {
  const type = types[name];
  if (!type) throw new Error(`no transaction type ${name}`);
  return type;
}
