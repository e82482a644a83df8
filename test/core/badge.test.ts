import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { badgeSubjects, badgeSvg, nodeBadge, releaseBadge } from "../../src/core/badge.ts";
import { judged, jsonlAttestation, jsonlNetwork, jsonlRelease } from "../support/releases.ts";

const view = await judged(
  jsonlNetwork({ events: [jsonlRelease(), jsonlAttestation("audit/one", { "license.audit": "pass" })] }),
  "acme/widget@1.0.0",
);

describe("a badge", () => {
  test.for([
    ["verdict", "1.0.0", "PASS", "acme/widget 1.0.0: PASS"],
    ["integrity", "integrity", "45/100", "acme/widget 1.0.0: integrity 45/100"],
    ["assurance", "assurance", "30/100", "acme/widget 1.0.0: assurance 30/100"],
    ["anchored", "anchored", "no", "acme/widget 1.0.0: anchored no"],
  ] as const)("of %s", ([subject, label, message, title]) => {
    expect(releaseBadge(view, subject)).toMatchObject({ label, message, title });
  });

  test("says the same bytes for the same release, and loads nothing", () => {
    for (const subject of badgeSubjects) {
      const svg = badgeSvg(releaseBadge(view, subject));
      expect(badgeSvg(releaseBadge(structuredClone(view), subject))).toBe(svg);
      const without = svg.replace('xmlns="http://www.w3.org/2000/svg"', "");
      expect(without).not.toMatch(/https?:|href|<script|<image|<style|@import|<foreignObject/i);
      expect(svg).toContain("<title");
    }
  });

  test("of a node that releases nothing says its kind", () => {
    const badge = nodeBadge({ id: "audit/one", kind: "attestor" });
    expect(badge).toMatchObject({ label: "attestor", title: "audit/one: attestor, registered" });
  });
});

test("whatever a ledger says stays text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ unit: "binary-ascii" }), (label, message) => {
      const svg = badgeSvg({ label, message, title: `${label}${message}`, tone: "bad" });
      const plain = badgeSvg({ label: "a", message: "b", title: "ab", tone: "bad" });
      const tags = (text: string): readonly string[] => Array.from(text.matchAll(/<\/?(\w+)/g), ([tag]) => tag);
      expect(tags(svg)).toEqual(tags(plain));
      expect(svg.replace(/&(?:amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
      expect(svg.isWellFormed()).toBe(true);
      // Characters that XML 1.0 does not know.
      expect(svg).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
    }),
  );
});

test("markup in a ledger is shown as it is written", () => {
  const words = `<script>alert("1")</script>&amp;'`;
  const svg = badgeSvg({ label: words, message: "m", title: words, tone: "bad" });
  expect(svg).not.toContain("<script");
  expect(svg.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;amp;&#39;/g)).toHaveLength(2);
});

test("a long text is cut", () => {
  const svg = badgeSvg({ label: "x".repeat(1000), message: "m", title: "t", tone: "neutral" });
  expect(svg).toContain(`${"x".repeat(59)}…<`);
  expect(svg.length).toBeLessThan(1500);
});
