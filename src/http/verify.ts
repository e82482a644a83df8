import { bundleMediaType } from "../core/bundle.ts";
import { judgeProof } from "../core/judge-proof.ts";
import { jsonAnswer, jsonMediaType } from "./answer.ts";
import type { HttpDeps } from "./context.ts";
import type { Route } from "./route.ts";

const maxBytes = 1024 * 1024;

export function verifyRoutes(deps: HttpDeps): readonly Route[] {
  return [
    {
      path: "/v1/verify",
      body: { types: [jsonMediaType, bundleMediaType], maxBytes },
      answer: ({ body }) => jsonAnswer(judgeProof(body, deps.trust, deps.verify), "never"),
    },
  ];
}
