import type { Month } from "../../src/core/month.ts";
import { faultsOfMonths } from "../kills/check-year.ts";
import type { Machine } from "./machine.ts";
import { anchorsOf, type Network } from "./xrpl.ts";

/** What is wrong with months of a machine: nothing, when each has exactly one anchor and a receipt that verifies. */
export function faultsOf(
  { account, real }: Machine,
  { engine }: Network,
  months: readonly Month[],
): Promise<readonly string[]> {
  return faultsOfMonths(real("/srv/ledger"), months, anchorsOf(engine, account), account);
}
