import { utf8 } from "../core/bytes.ts";
import type { Route } from "./route.ts";

const metricsMediaType = "text/plain; version=0.0.4; charset=utf-8";

/** @param metricsText - text format of Prometheus */
export function metricsRoutes(metricsText: () => Promise<string>): readonly Route[] {
  return [
    {
      path: "/metrics",
      isForOperators: true,
      answer: async () => ({ type: metricsMediaType, body: utf8(await metricsText()), cache: "never" }),
    },
  ];
}
