import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { openMetrics } from "../../src/adapters/metrics.ts";
import { parseWebhooks } from "../../src/compose-webhooks.ts";
import { retryWaitsMs } from "../../src/settle/deliver-notices.ts";

const page = readFileSync(new URL("../../docs/observability.md", import.meta.url), "utf8");

function blocks(language: string): readonly string[] {
  return Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    .filter(([, name]) => name === language)
    .map(([, , code = ""]) => code);
}

const types = Array.from(
  (await openMetrics().metricsText()).matchAll(/^# TYPE (settlement_\S+) (\w+)$/gm),
  ([, name = "", type = ""]) => `${name} ${type}`,
);

test("the page lists every metric and no other, with its type", () => {
  const rows = Array.from(page.matchAll(/^\| `(settlement_\w+)` +\| (\w+)/gm), ([, name, type]) => `${name} ${type}`);
  expect(rows.toSorted()).toEqual(types.toSorted());
});

test("the alarms of the page are about metrics there are", () => {
  const { groups } = parse(blocks("yaml")[0] ?? "") as { groups: { rules: { expr: string }[] }[] };
  const asked = groups.flatMap(({ rules }) => rules.map(({ expr }) => /settlement_\w+/.exec(expr)?.[0]));
  expect(asked).toHaveLength(5);
  expect(asked.filter((name) => !types.some((known) => known.startsWith(`${name} `)))).toEqual([]);
});

test("the list of webhooks on the page is one", () => {
  const [list = ""] = blocks("json").filter((code) => code.includes("whsec_"));
  expect(parseWebhooks(list)).toMatchObject([{ types: ["partition.anchored", "partition.failed"] }]);
});

test("the page says the schedule of tries", () => {
  const [seconds, short, long] = [retryWaitsMs.slice(0, 1), retryWaitsMs.slice(1, 3), retryWaitsMs.slice(3)];
  const hours = long.map((waitMs) => waitMs / 3_600_000);
  expect(page).toContain(
    `after ${(seconds[0] ?? 0) / 1000} seconds, ${short.map((waitMs) => waitMs / 60_000).join(" and ")} minutes, then ${hours.slice(0, -1).join(", ")} and ${hours.at(-1)} hours`,
  );
});
