import { toHex } from "../core/bytes.ts";
import { rfc6962Consistency } from "../core/proof-spellings.ts";
import { parseMonth } from "../core/month.ts";
import { SettlementError } from "../core/error.ts";
import { parseCount } from "../core/parameters.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { PublishedLog } from "../settle/log-tree.ts";
import type { Input, Route } from "./route.ts";

async function logOf(context: Context, view: LedgerView, text: string | undefined): Promise<PublishedLog> {
  if (text === undefined) return context.ledgerLog(view);
  const month = parseMonth(text);
  const partition = view.byMonth.get(month);
  if (!partition) throw new SettlementError("PARTITION_NOT_FOUND", `the ledger has no month ${month}`);
  return context.monthLog(view, partition);
}

function required(input: Input, name: string): string {
  const text = input.query(name);
  if (text !== undefined) return text;
  throw new SettlementError("PARAMETER_MALFORMED", `parameter ${name} is missing: the size of a tree`);
}

/** RFC 9162 consistency between two sizes of the ledger log of closed months, or of one closed month's log. */
export function consistencyRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/consistency",
      query: ["old", "new", "month"],
      answer: async (input) => {
        const texts = [required(input, "old"), required(input, "new")] as const;
        const log = await logOf(context, await context.view(), input.query("month"));
        const newSize = parseCount("new", texts[1], 0, log.size);
        const oldSize = parseCount("old", texts[0], 0, newSize);
        const { oldRoot, newRoot, proof } = await context.consistency(log, oldSize, newSize);
        const answer = {
          origin: log.origin,
          old: { size: oldSize, root: toHex(oldRoot) },
          new: { size: newSize, root: toHex(newRoot) },
          path: proof.map(toHex),
          ...rfc6962Consistency(proof),
        };
        return jsonAnswer(answer, "immutable");
      },
    },
  ];
}
