import { parseMonth } from "../src/core/month.ts";
import { receiptFacts } from "../src/core/receipt.ts";
import { settleAnchor } from "../src/settle/settle-months.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/** One look at the anchor of a month; it comes again until the month is anchored. Safe to repeat. */
export async function anchorJob({ month = "" }: { readonly month?: string }, deps: WorkDeps): Promise<JobResult> {
  const passed = await settleAnchor(parseMonth(month), deps);
  switch (passed.state) {
    case "anchored": {
      const { transactionHash, ledgerIndex, closeTime } = receiptFacts(passed.receipt);
      // Whoever was cut off after the receipt was written has told nobody.
      const message = passed.fresh ? "anchored" : "anchored before";
      deps.log({ level: "info", message, month, transactionHash, ledgerIndex, closeTime });
      // First of all: what validators say now, nobody says later.
      if (deps.prove()) await deps.enqueue({ job: "prove", data: { month } });
      await deps.enqueue({ job: "publish", data: { month } });
      return { done: transactionHash };
    }
    case "pending": {
      const { number, state, anchor, result } = passed.attempt;
      const { hash, sequence, feeDrops, lastLedgerSequence } = anchor;
      const facts = {
        month,
        attempt: number,
        state,
        result,
        transactionHash: hash,
        sequence,
        feeDrops,
        lastLedgerSequence,
      };
      deps.log({ level: "debug", message: "anchor under way", ...facts });
      return { againInMs: deps.lookMs };
    }
    case "waiting":
    case "behind": {
      const other = passed.state === "behind" ? passed.month : passed.attempt.month;
      deps.log({ level: "debug", message: "anchor waits for another month", month, other });
      return { againInMs: deps.lookMs };
    }
  }
}
