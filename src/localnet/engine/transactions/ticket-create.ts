import { addToOwnerDirectory } from "../directory.ts";
import { reserveDrops } from "../draft.ts";
import { type Ticket, u64Hex, unthreaded } from "../entry.ts";
import { ticketKey } from "../keys.ts";
import { type TransactionType } from "../transaction-type.ts";

/** Tickets one transaction may make, and one account may hold. */
const maxTickets = 250;

/** Sets sequence numbers aside, to be used in any order. */
export const ticketCreate: TransactionType = {
  required: ["TicketCount"],
  optional: [],
  flags: 0,
  preflight: ({ TicketCount = 0 }) => (TicketCount < 1 || TicketCount > maxTickets ? "temINVALID_COUNT" : "tesSUCCESS"),
  preclaim({ TicketCount = 0, TicketSequence }, { account }) {
    const used = TicketSequence === undefined ? 0 : 1;
    return (account.TicketCount ?? 0) + TicketCount - used > maxTickets ? "tecDIR_FULL" : "tesSUCCESS";
  },
  apply({ config, transaction, workspace, account, priorDrops }) {
    const count = transaction.json.TicketCount ?? 0;
    if (priorDrops < reserveDrops(config, account.OwnerCount + count)) return "tecINSUFFICIENT_RESERVE";
    for (let sequence = account.Sequence; sequence < account.Sequence + count; sequence++) {
      const key = ticketKey(account.Account, sequence);
      const ticket: Ticket = {
        LedgerEntryType: "Ticket",
        Flags: 0,
        Account: account.Account,
        TicketSequence: sequence,
        OwnerNode: u64Hex(addToOwnerDirectory(workspace, account.Account, key)),
        ...unthreaded,
      };
      workspace.insert(key, ticket);
    }
    account.TicketCount = (account.TicketCount ?? 0) + count;
    account.OwnerCount += count;
    account.Sequence += count;
    return "tesSUCCESS";
  },
};
