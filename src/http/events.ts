import { parseId } from "../core/parameters.ts";
import { filterNames, readFilters } from "../settle/event-filters.ts";
import { eventEntry, namesOfNode, searchPage } from "../settle/event-pages.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import { pageAnswer, pageQuery, readLimit } from "./page.ts";
import type { Route } from "./route.ts";

export function eventRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/events",
      query: [...filterNames, ...pageQuery],
      answer: async (input) => {
        const view = await context.view();
        const text = input.query("after");
        const wanted = await readFilters(input.query, (id) => namesOfNode(id, view.nodes));
        const limit = readLimit(input);
        const after = text === undefined ? text : await context.find(view, parseId("after", text));
        const page = await context.own(() => searchPage(view.partitions, wanted, { after, limit }));
        return pageAnswer("events", page, "/v1/events", input, filterNames);
      },
    },
    {
      path: "/v1/events/:id",
      answer: async (input) => {
        const id = parseId("id", input.path("id"));
        const { partition, index } = await context.find(await context.view(), id);
        const links = { proof: `/v1/events/${id}/proof`, partition: `/v1/partitions/${partition.month}` };
        return jsonAnswer({
          ...(await context.own(() => eventEntry(partition, index))),
          state: partition.state,
          links,
        });
      },
    },
  ];
}
