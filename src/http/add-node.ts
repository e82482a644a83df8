import { parseJson } from "../core/json.ts";
import { type AddNodeDeps, addNode } from "../settle/add-node.ts";
import type { Finding } from "../validate/finding.ts";
import { jsonAnswer, jsonMediaType } from "./answer.ts";
import type { Route } from "./route.ts";

const maxBytes = 256 * 1024;

function told({ code, message, file, line }: Finding): Readonly<Record<string, unknown>> {
  return { code, reason: message, file, line };
}

/** Where governance asks for a node to be taken in. */
export function addNodeRoutes(deps: AddNodeDeps): readonly Route[] {
  return [
    {
      path: "/v1/nodes",
      body: { types: [jsonMediaType], maxBytes },
      answer: async ({ body }) => {
        const { id, state, errors, warnings } = await addNode(parseJson(body), deps);
        const links = { self: `/v1/nodes/${id}` };
        return jsonAnswer({ id, state, errors: errors.map(told), warnings: warnings.map(told), links }, "never");
      },
    },
  ];
}
