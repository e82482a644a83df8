import { describe, expect, test } from "vitest";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { VerifySignature } from "../../src/core/ed25519.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { parseLedgerEvent } from "../../src/core/ledger-event.ts";
import { type NodeManifest, parseNodeManifest } from "../../src/core/node-manifest.ts";
import { defaultPolicy, parsePolicy } from "../../src/core/policy.ts";
import { indexNodes, type NodeIndex, signersOf } from "../../src/core/signer.ts";
import { jsonlContent, jsonlEvent, nativeEvent, nodeJson, pemOf, releasePayload } from "../support/build-ledger.ts";

function node(id: string, kind: string, key: JsonObject = {}): NodeManifest {
  return parseNodeManifest(nodeJson(id, kind, {}, key));
}

const widget = node("acme/widget", "compute");
const [one, two] = [node("audit/one", "attestor"), node("audit/two", "attestor")];
const registry = node("net/registry", "registry");
const twin = node("audit/twin", "attestor", { keyId: "twin-1", publicKey: pemOf("audit/one") });
const all = indexNodes([widget, two, one, registry, twin], defaultPolicy);

function release(signer: string, keyId?: string): JsonObject {
  return jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", "1.0.0", "2026-01-05T10:00:00Z"), signer, keyId);
}

function attestation(signer: string, keyId?: string): JsonObject {
  return jsonlEvent(
    jsonlContent("AttestationPublished", "acme/widget", "1.0.0", "2026-01-05T10:00:00Z"),
    signer,
    keyId,
  );
}

function signers(event: JsonObject, index: NodeIndex = all, verify: VerifySignature = nodeVerify): string[] {
  const dialect = "payload" in event ? "monthly" : "jsonl";
  return signersOf(parseLedgerEvent(dialect, event), index, verify).map(
    ({ node, named }) => `${node.id}${named ? "" : "?"}`,
  );
}

describe("monthly dialect", () => {
  const event = (signer?: string): JsonObject =>
    nativeEvent(
      "ReleasePublished",
      "acme/widget",
      "2026-01-05T10:00:00Z",
      releasePayload("acme/widget", "1.0.0"),
      signer,
    );

  test("a node's own key signs for it", () => {
    expect(signers(event())).toEqual(["acme/widget"]);
  });

  test("no other key does, and nobody speaks for a node that is not there", () => {
    expect(signers(event("audit/one"))).toEqual([]);
    expect(signers(event(), indexNodes([one], defaultPolicy))).toEqual([]);
  });
});

describe("jsonl dialect", () => {
  test("a release is signed by its own node alone", () => {
    expect(signers(release("acme/widget"))).toEqual(["acme/widget"]);
    expect(signers(release("net/registry"))).toEqual([]);
  });

  test("an attestation by any node that may attest", () => {
    expect(signers(attestation("audit/two"))).toEqual(["audit/two"]);
    expect(signers(attestation("net/registry"))).toEqual(["net/registry"]);
    expect(signers(attestation("acme/widget"))).toEqual([]);
  });

  test("of nodes that share a key, the one that is named comes first", () => {
    expect(signers(attestation("audit/one"))).toEqual(["audit/one", "audit/twin?"]);
    expect(signers(attestation("audit/one", "twin-1"))).toEqual(["audit/twin", "audit/one?"]);
  });

  test("a key id that names another key tells who signed all the same", () => {
    expect(signers(attestation("audit/two", "audit-one-1"))).toEqual(["audit/two?"]);
    const event = parseLedgerEvent("jsonl", attestation("audit/two", "audit-one-1"));
    expect(signersOf(event, all, nodeVerify, { namedOnly: true })).toEqual([]);
  });

  test("a key without id answers to every name", () => {
    const { keyId: _, ...key } = (nodeJson("audit/two", "attestor")["maintainers"] as JsonObject[])[0] ?? {};
    const keyless = parseNodeManifest({ ...nodeJson("audit/two", "attestor"), maintainers: [key] });
    expect(signers(attestation("audit/two", "anything"), indexNodes([keyless], defaultPolicy))).toEqual(["audit/two"]);
  });

  test("only listed nodes may sign where the policy lists them", () => {
    const listed = indexNodes([one, twin], parsePolicy({ trustedAttestors: ["audit/twin"] }));
    expect(signers(attestation("audit/one"), listed)).toEqual(["audit/twin?"]);
  });

  test("a key that several nodes hold is tried once", () => {
    const tried: string[] = [];
    const verify: VerifySignature = (key, message, signature) => {
      tried.push(Buffer.from(key).toString("hex"));
      return nodeVerify(key, message, signature);
    };
    signers(attestation("stranger", "x-1"), all, verify);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried).toHaveLength(3);
  });
});

describe("witnesses", () => {
  test("nodes with keys of their own are witnesses of their own", () => {
    expect(all.witness("audit/two")).toBe("audit/two");
    expect(all.witness("nobody/knows")).toBe("nobody/knows");
  });

  test("nodes that share keys, be it through others, are one", () => {
    const chain = [
      ["a/d", "k1", "k2"],
      ["a/c", "k2", "k3"],
      ["a/b", "k3", "k4"],
      ["a/e", "k9", "k8"],
    ].map(([id = "", ...keys]) =>
      parseNodeManifest({
        ...nodeJson(id, "attestor"),
        maintainers: keys.map((name) => ({ name, publicKey: pemOf(name) })),
      }),
    );
    for (const nodes of [chain, chain.toReversed(), [chain[1], chain[3], chain[0], chain[2]]]) {
      const index = indexNodes(
        nodes.filter((each) => each !== undefined),
        defaultPolicy,
      );
      expect(["a/b", "a/c", "a/d", "a/e"].map((id) => index.witness(id))).toEqual(["a/b", "a/b", "a/b", "a/e"]);
    }
  });
});
