import { SettlementError } from "../core/error.ts";
import { parseMonth } from "../core/month.ts";
import { receiptJson } from "../core/receipt.ts";
import { parseId } from "../core/parameters.ts";
import { eventEntries } from "../settle/event-pages.ts";
import type { LedgerView, PartitionView } from "../settle/ledger-view.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import type { MonthsNow } from "./month-states.ts";
import { pageAnswer, pageQuery, readLimit, takePage } from "./page.ts";
import type { Input, Route } from "./route.ts";

/** @throws SettlementError `MONTH_MALFORMED`, `PARTITION_NOT_FOUND` */
export function partitionOf(view: LedgerView, input: Input): PartitionView {
  const month = parseMonth(input.path("month"));
  const partition = view.byMonth.get(month);
  if (partition) return partition;
  const [first, last] = [view.partitions[0]?.month, view.partitions.at(-1)?.month];
  const known = first === undefined ? "it holds no event yet" : `it runs from ${first} to ${last}`;
  throw new SettlementError("PARTITION_NOT_FOUND", `the ledger has no month ${month}; ${known}`);
}

const receiptFacts = ["network", "networkId", "account", "transactionHash", "ledgerIndex", "ledgerHash", "closeTime"];

function receiptSummary({ receipt }: PartitionView): unknown {
  if (!receipt) return null;
  const json = receiptJson(receipt);
  return Object.fromEntries(receiptFacts.map((name) => [name, json[name]]));
}

function linksOf({ month, state, xpop }: PartitionView): Record<string, string> {
  const self = `/v1/partitions/${month}`;
  const closed = ["checkpoint", "ledger-checkpoint", "manifest", "evidence", "nodes"];
  const anchored = [...(state === "anchored" ? ["receipt"] : []), ...(xpop ? ["xpop"] : [])];
  const names = ["events", ...(state === "open" ? [] : closed), ...anchored];
  return Object.fromEntries([["self", self], ...names.map((name) => [name, `${self}/${name}`])]);
}

function summaryOf(partition: PartitionView, { months }: MonthsNow): Record<string, unknown> {
  const { month, state, events, manifest } = partition;
  const now = months.find((each) => each.month === month);
  return {
    month,
    state,
    status: now?.status ?? state,
    count: events.count,
    closedAt: now?.closedAt ?? null,
    root: manifest?.root ?? null,
    manifestHash: manifest?.manifestHash ?? null,
    receipt: receiptSummary(partition),
    links: linksOf(partition),
  };
}

export function partitionRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/partitions",
      answer: async () => {
        const [view, now] = await Promise.all([context.view(), context.months()]);
        const partitions = view.partitions.map((partition) => summaryOf(partition, now));
        return jsonAnswer({ partitions, next: now.next });
      },
    },
    {
      path: "/v1/partitions/:month",
      answer: async (input) => {
        const partition = partitionOf(await context.view(), input);
        const { manifest = null, evidence = null } = partition;
        return jsonAnswer({ ...summaryOf(partition, await context.months()), manifest, evidence });
      },
    },
    {
      path: "/v1/partitions/:month/events",
      query: pageQuery,
      answer: async (input) => {
        const partition = partitionOf(await context.view(), input);
        const after = input.query("after");
        const from =
          after === undefined ? 0 : (await context.own(() => indexOf(partition, parseId("after", after)))) + 1;
        const limit = readLimit(input);
        const page = await context.own(() => takePage(eventEntries(partition, from), limit, ({ id }) => id));
        return pageAnswer("events", page, `/v1/partitions/${partition.month}/events`, input);
      },
    },
  ];
}

async function indexOf({ month, events }: PartitionView, id: string): Promise<number> {
  const index = await events.find(id);
  if (index !== undefined) return index;
  throw new SettlementError("EVENT_NOT_FOUND", `${month} holds no event ${id} to go on after`);
}
