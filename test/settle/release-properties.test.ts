import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { anchorEvent, type Files, jsonlEvent, networkManifest, nodeJson } from "../support/build-ledger.ts";
import {
  judged,
  jsonlAttestation,
  jsonlDispute,
  jsonlNetwork,
  jsonlNodes,
  jsonlRelease,
  jsonlViolation,
  widget,
} from "../support/releases.ts";

const name = `${widget}@1.0.0`;

/** What speaks against a release, each enough to fail it. */
const faults = {
  "a fail": () => ({ events: [jsonlAttestation("audit/two", { "repro.build": "fail" })] }),
  "a required warning": () => ({ events: [jsonlAttestation("audit/two", { "signature.chain": "warn" })] }),
  "a violation": () => ({ events: [jsonlViolation()] }),
  "a dispute": () => ({ events: [jsonlDispute("audit/two")] }),
  "a second release": () => ({ events: [jsonlRelease("1.0.0", { notes: "again" })] }),
  "a compromised key": () => ({
    events: [],
    nodes: jsonlNodes.map((node) =>
      node["id"] === widget
        ? nodeJson(widget, "compute", {}, { revokedAt: "2026-01-20T00:00:00Z", revocationReason: "compromise" })
        : node,
    ),
  }),
} satisfies Record<string, () => { readonly events: readonly JsonObject[]; readonly nodes?: readonly JsonObject[] }>;

const faultName = fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[]));
const demands = fc.constantFrom(undefined, "anchored", "anchored-or-local" as const);
/** Who anchors, and what he says of the time: anything. */
const anchors = fc.array(
  fc.record({
    signer: fc.constantFrom("net/registry", "audit/one", widget, "rules/keeper", "audit/three"),
    timestamp: fc.constantFrom("2026-01-05T10:00:01Z", "2026-02-01T10:00:00Z", "2020-01-01T00:00:00Z"),
    first: fc.nat(3),
  }),
  { minLength: 1, maxLength: 4 },
);

interface Anchoring {
  readonly signer: string;
  readonly timestamp: string;
  readonly first: number;
}

/** An anchor over all events before it from one on. */
function anchorOver(events: readonly JsonObject[], { signer, timestamp, first }: Anchoring): JsonObject {
  const window = events.slice(Math.min(first, events.length - 1));
  const { signature: _old, ...content } = anchorEvent(networkManifest(window, `p${first}`), timestamp);
  return jsonlEvent(content, signer);
}

function anchoredBy(events: readonly JsonObject[], anchorings: readonly Anchoring[]): readonly JsonObject[] {
  return anchorings.reduce((all, anchoring) => [...all, anchorOver(all, anchoring)], events);
}

describe("an anchor", () => {
  test("never turns a FAIL into anything else", async () => {
    await fc.assert(
      fc.asyncProperty(faultName, fc.boolean(), anchors, demands, async (fault, isAttested, anchorings, demand) => {
        const { events, ...nodes } = faults[fault]() as { events: readonly JsonObject[] };
        const attested = isAttested ? [jsonlAttestation("audit/one", { "license.audit": "pass" })] : [];
        const bare = [jsonlRelease(), ...attested, ...events];
        const files = (all: readonly JsonObject[]): Files => jsonlNetwork({ events: all, ...nodes });
        expect((await judged(files(bare), name)).verdict).toBe("FAIL");
        expect((await judged(files(bare), name, { demand })).verdict).toBe("FAIL");
        expect((await judged(files(anchoredBy(bare, anchorings)), name, { demand })).verdict).toBe("FAIL");
      }),
      { numRuns: 60 },
    );
  });

  test("that is asked for never makes a verdict better", async () => {
    const order = ["FAIL", "UNVERIFIED", "PASS"];
    await fc.assert(
      fc.asyncProperty(fc.boolean(), anchors, demands, async (isAttested, anchorings, demand) => {
        const attested = isAttested ? [jsonlAttestation("audit/one", { "license.audit": "pass" })] : [];
        const files = jsonlNetwork({ events: anchoredBy([jsonlRelease(), ...attested], anchorings) });
        const [asked, unasked] = [await judged(files, name, { demand }), await judged(files, name)];
        // An independent node's word about an anchor is a witness where the verifier said that he takes it.
        const isTaken = demand === "anchored-or-local" && unasked.verdict === "UNVERIFIED";
        if (!isTaken) expect(order.indexOf(asked.verdict)).toBeLessThanOrEqual(order.indexOf(unasked.verdict));
        expect(asked.failures.filter(({ verdict }) => verdict === "FAIL")).toEqual(
          unasked.failures.filter(({ verdict }) => verdict === "FAIL"),
        );
      }),
      { numRuns: 40 },
    );
  });
});
