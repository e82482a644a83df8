import { expect, test } from "vitest";
import { toBase64 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519, verifyEd25519 } from "../../src/core/ed25519.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { type NodeManifest, parseNodeManifest } from "../../src/core/node-manifest.ts";
import { nodeRequestMessage, parseNodeRequest, requireGovernance } from "../../src/core/node-request.ts";
import { type Json, nodeJson, seedOf } from "../support/build-ledger.ts";
import { verdict } from "../support/trees.ts";

const at = "2026-03-20T12:00:00Z";
const nowUnixMs = Date.parse(at);
const origin = "ledger.test/ledger";
/** Its one key under two names, revoked under the second. */
const own = nodeJson("net/twice", "governance");
const [key = {}] = own["maintainers"] as Json[];
const revoked = { ...key, keyId: "again-1", revokedAt: "2026-01-01T00:00:00Z", revocationReason: "retirement" };
const twice = { ...own, maintainers: [key, revoked] };
const nodes: readonly NodeManifest[] = [
  parseNodeManifest(nodeJson("net/gov", "governance")),
  parseNodeManifest(nodeJson("net/old", "governance", {}, { validUntil: "2026-01-01T00:00:00Z" })),
  parseNodeManifest(nodeJson("acme/widget", "compute")),
  parseNodeManifest(twice),
];

function request(changes: JsonObject = {}, signer = "net/gov"): JsonObject {
  const content = { v: 1, at, by: "net/gov", node: nodeJson("acme/new", "compute"), origin, ...changes };
  const message = nodeRequestMessage(content);
  return { ...content, signature: toBase64(signEd25519(seedOf(signer), message)) };
}

const judged = (value: JsonValue, now = nowUnixMs): string =>
  verdict(() => requireGovernance(parseNodeRequest(value), { nodes, origin }, now, verifyEd25519));

test("governance is granted its wish, within a quarter of an hour", () => {
  expect(publicKeyOf(seedOf("net/gov"))).toEqual(nodes[0]?.maintainers[0]?.publicKey);
  for (const now of [nowUnixMs - 900_000, nowUnixMs, nowUnixMs + 900_000]) expect(judged(request(), now)).toBe("ok");
});

test.each<[name: string, value: JsonValue, code: string, nowUnixMs?: number]>([
  ["heard later", request(), "NODE_REQUEST_REFUSED", nowUnixMs + 900_001],
  ["meant for another ledger", request({ origin: "other.test/ledger" }), "NODE_REQUEST_REFUSED"],
  ["in the name of no governance", request({ by: "acme/widget" }, "acme/widget"), "NODE_REQUEST_REFUSED"],
  ["in the name of nobody", request({ by: "net/none" }), "NODE_REQUEST_REFUSED"],
  ["signed by another", request({}, "acme/widget"), "NODE_REQUEST_REFUSED"],
  ["signed by a key that is over", request({ by: "net/old" }, "net/old"), "NODE_REQUEST_REFUSED"],
  [
    "signed by a key that is revoked under another name",
    request({ by: "net/twice" }, "net/twice"),
    "NODE_REQUEST_REFUSED",
  ],
  ["of another node than was signed", { ...request(), node: nodeJson("acme/evil", "compute") }, "NODE_REQUEST_REFUSED"],
  ["of another time than was signed", { ...request(), at: "2026-03-20T12:00:01Z" }, "NODE_REQUEST_REFUSED"],
  ["with something more", { ...request(), more: 1 }, "REQUEST_MALFORMED"],
  ["of another version", { ...request(), v: 2 }, "FORMAT_VERSION_UNKNOWN"],
  ["without a node", { ...request(), node: 5 }, "REQUEST_MALFORMED"],
  ["with half a signature", { ...request(), signature: "AAAA" }, "EVENT_SIGNATURE_MALFORMED"],
])("not granted: %s", (_, value, code, now = nowUnixMs) => {
  expect(judged(value, now)).toBe(code);
});
