import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519, verifyEd25519 } from "../../src/core/ed25519.ts";
import { parseSignature } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseLedgerEvent } from "../../src/core/ledger-event.ts";
import { draftEvent, signEvent } from "../../src/core/sign-event.ts";
import { jsonlContent, jsonlEvent, nativeEvent, releasePayload, seedOf } from "../support/build-ledger.ts";

const nowUnixMs = Date.parse("2026-03-20T12:00:00.750Z");
const signer = { sign: (message: Uint8Array) => signEd25519(seedOf("a/b"), message), keyId: "a-b-1" };

describe("a signed event", () => {
  test("is the one that was made otherwise, in both dialects", () => {
    const native = nativeEvent("ReleasePublished", "a/b", "2026-03-20T12:00:00Z", releasePayload("a/b", "1.0.0"));
    const { id, signature: _signature, ...content } = native;
    expect(signEvent({ dialect: "monthly", content }, signer)).toEqual({ id, event: native });
    const said = jsonlContent("ReleasePublished", "a/b", "1.0.0", "2026-03-20T12:00:00Z");
    expect(signEvent({ dialect: "jsonl", content: said }, signer).event).toEqual(jsonlEvent(said, "a/b"));
  });

  test("is read again and verifies, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("monthly", "jsonl"),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (dialect, payload) => {
          const said = { type: "ReleasePublished", payload: JSON.parse(JSON.stringify(payload)) as JsonObject };
          fc.pre(!JSON.stringify(said).includes("\\ud") && !("signature" in payload) && !("id" in payload));
          fc.pre(!["type", "repo", "version", "timestamp", "__proto__"].some((name) => Object.hasOwn(payload, name)));
          const draft = draftEvent(said, { dialect, nodeId: "a/b", nowUnixMs });
          const { id, event } = signEvent(draft, signer);
          const read = parseLedgerEvent(dialect, event);
          expect([read.id, read.timestamp]).toEqual([id, "2026-03-20T12:00:00Z"]);
          expect(verifyEd25519(publicKeyOf(seedOf("a/b")), fromHex(id), parseSignature(read.signature))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("a draft keeps what is said: node, time, repository", () => {
  const native = { type: "InterfaceUpdated", nodeId: "c/d", timestamp: "2026-01-01T00:00:00Z", payload: {} };
  expect(draftEvent(native, { nodeId: "a/b", nowUnixMs })).toEqual({ dialect: "monthly", content: native });
  const said = { type: "AttestationPublished", repo: "c/d", timestamp: "2026-01-01T00:00:00+01:00" };
  expect(draftEvent(said, { nodeId: "a/b", nowUnixMs })).toEqual({ dialect: "jsonl", content: said });
  const parts = { type: "AttestationPublished", payload: { repo: "c/d", version: "1.0.0" } };
  expect(draftEvent(parts, { dialect: "jsonl", nodeId: "a/b", nowUnixMs }).content).toEqual({
    type: "AttestationPublished",
    repo: "c/d",
    version: "1.0.0",
    timestamp: "2026-03-20T12:00:00Z",
  });
});
