import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { jsonlEvent, nodeJson, pemOf } from "../support/build-ledger.ts";
import { judged, jsonlAttestation, jsonlNetwork, jsonlNodes, jsonlRelease, widget } from "../support/releases.ts";

const name = `${widget}@1.0.0`;
const keeper = "rules/keeper";
const pass = jsonlAttestation("audit/one", { "license.audit": "pass" });
const compromised = {
  revokedAt: "2026-03-01T00:00:00Z",
  revocationReason: "compromise",
  invalidAfter: "2026-01-01T00:00:00Z",
};

test("of a key's sayings the strictest counts, and only from who was not compromised before", async () => {
  const rotation = (signer: string, effectiveAt: string): JsonObject =>
    jsonlEvent(
      {
        type: "KeyRotation",
        repo: widget,
        timestamp: "2026-01-02T00:00:00Z",
        key: { action: "rotate", retiringKeyId: "acme-widget-1", newKeyId: "n", newPublicKey: "p", effectiveAt },
      },
      signer,
    );
  const judgedWith = async (...before: readonly JsonObject[]): Promise<string> =>
    (await judged(jsonlNetwork({ events: [...before, jsonlRelease(), pass] }), name)).verdict;
  expect(await judgedWith(rotation(widget, "2026-02-01T00:00:00Z"))).toBe("PASS");
  expect(await judgedWith(rotation(widget, "2026-01-03T00:00:00Z"))).toBe("FAIL");
  expect(await judgedWith(rotation(keeper, "2026-01-03T00:00:00Z"))).toBe("FAIL");
  expect(await judgedWith(rotation("audit/one", "2026-01-03T00:00:00Z"))).toBe("PASS");
  const nodes = jsonlNodes.map((node) => (node["id"] === keeper ? nodeJson(keeper, "policy", {}, compromised) : node));
  const events = [rotation(keeper, "2026-01-03T00:00:00Z"), jsonlRelease(), pass];
  expect((await judged(jsonlNetwork({ events, nodes }), name)).verdict).toBe("PASS");
});

test("a key that has ended hands over itself, and decides over no other key of its node", async () => {
  const ended = { name: "old", keyId: "old-1", publicKey: pemOf("old"), validUntil: "2026-01-01T00:00:00Z" };
  const nodes = jsonlNodes.map((node) =>
    node["id"] === widget ? { ...node, maintainers: [...(node["maintainers"] as JsonObject[]), ended] } : node,
  );
  const judgedWith = async (retiringKeyId: string, signer: string, keyId: string): Promise<string> => {
    const key = {
      action: "rotate",
      retiringKeyId,
      newKeyId: "n",
      newPublicKey: "p",
      effectiveAt: "2026-01-03T00:00:00Z",
    };
    const content = { type: "KeyRotation", repo: widget, timestamp: "2026-01-02T00:00:00Z", key };
    const events = [jsonlEvent(content, signer, keyId), jsonlRelease(), pass];
    return (await judged(jsonlNetwork({ events, nodes }), name)).verdict;
  };
  expect(await judgedWith("acme-widget-1", widget, "acme-widget-1")).toBe("FAIL");
  expect(await judgedWith("acme-widget-1", "old", "old-1")).toBe("PASS");
  expect(await judgedWith("old-1", "old", "old-1")).toBe("PASS");
});
