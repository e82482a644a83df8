import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { publicKeyOf } from "../src/core/ed25519.ts";
import { SettlementError } from "../src/core/error.ts";
import { parseEvent } from "../src/core/event.ts";
import { parseJsonlEvent } from "../src/core/event-jsonl.ts";
import { eventTypes } from "../src/core/event-types.ts";
import { parseEvidence } from "../src/core/evidence.ts";
import { identitiesOf } from "../src/core/identity.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../src/core/json.ts";
import { makeManifest, parseManifest } from "../src/core/manifest.ts";
import { parseNodeManifest } from "../src/core/node-manifest.ts";
import { parseSettlementInfo } from "../src/core/settlement-info.ts";
import publicNetworks from "../src/core/public-networks.trust.json" with { type: "json" };
import { parseTrust } from "../src/core/trust.ts";
import { compiledValidators } from "../scripts/build-validators.ts";
import { type SchemaFault, schemaFaults as faultsOf } from "../src/validate/schema-faults.ts";
import { type SchemaName, schemas } from "../src/validate/schemas.ts";
import { type Validator, validatorOf } from "../src/validate/validators.ts";
import {
  eventsIn,
  type Json,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nodeJson,
  pemOf,
  seedOf,
  settlementJson,
  signAgain,
  signLineAgain,
  textIn,
  without,
} from "./support/build-ledger.ts";
import { hasShared, sharedPath, sharedText } from "./support/shared.ts";

const folder = new URL("../schemas/", import.meta.url);

interface Vector {
  readonly name: string;
  readonly value: JsonValue;
  readonly good: boolean;
}

const text = Buffer.from(await compiledValidators()).toString("base64");
const built = (await import(`data:text/javascript;base64,${text}`)) as { readonly validatorOf: typeof validatorOf };

/** What the schema says, of which the published package says the same. */
function schemaFaults(name: SchemaName, value: JsonValue): readonly SchemaFault[] {
  const said = (validate: Validator): unknown => [validate(value), validate.errors];
  expect(said(built.validatorOf(name))).toEqual(said(validatorOf(name)));
  return faultsOf(name, value);
}

function judgedAlike(schema: SchemaName, parse: (value: JsonValue) => unknown, vectors: readonly Vector[]): void {
  test.for([...vectors])("$name", ({ value, good }) => {
    expect(schemaFaults(schema, value).length === 0).toBe(good);
    if (good) expect(() => parse(value)).not.toThrow();
    else expect(() => parse(value)).toThrowError(SettlementError);
  });
}

function bads(values: Readonly<Record<string, JsonValue>>): Vector[] {
  return Object.entries(values).map(([name, value]) => ({ name, value, good: false }));
}

function goods(values: Readonly<Record<string, JsonValue>>): Vector[] {
  return Object.entries(values).map(([name, value]) => ({ name, value, good: true }));
}

test("every published schema is one of its draft", () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false });
  addFormats.default(ajv);
  for (const schema of Object.values(schemas))
    expect([schema.$id, ajv.validateSchema(schema)]).toEqual([schema.$id, true]);
});

test("every published schema says where it lives and what it is for", () => {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  for (const name of names) {
    const schema = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    expect(schema.$id).toBe(`https://repomesh.dev/settlement/schemas/${name}`);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.description).toMatch(/\.$/);
  }
  expect(names).toEqual(expect.arrayContaining(eventTypes.map((type) => `events/${type}.json`)));
});

const monthly = Object.keys(monthlyFiles())
  .filter((path) => /^\d/.test(path))
  .flatMap((path) => eventsIn(monthlyFiles(), path));
const [event = {}] = monthly;
const changed = (change: Json): Json => signAgain({ ...event, ...change });
const stamped = (timestamp: string): Json => changed({ timestamp });

describe("event", () => {
  judgedAlike("event", parseEvent, [
    ...goods(Object.fromEntries(monthly.map((each) => [textIn(each["type"]), each]))),
    ...goods({ "a leap day": stamped("2028-02-29T23:59:59.999Z") }),
    ...bads({
      "no object": [],
      "no id": without(event, "id"),
      "an id in capitals": { ...event, id: "AB".repeat(32) },
      "a type nobody knows": changed({ type: "Rumour" }),
      "a type of the other dialect": changed({ type: "KeyRotation" }),
      "a node without org": changed({ nodeId: "widget" }),
      "a node with a path trick": changed({ nodeId: "../widget" }),
      "a node that is a dot": changed({ nodeId: "acme/." }),
      "a node of three parts": changed({ nodeId: "a/b/c" }),
      "a node in other letters": changed({ nodeId: "acmé/widget" }),
      "a node with a line break": changed({ nodeId: "acme/widget\n" }),
      "29 February of a common year": stamped("2026-02-29T00:00:00Z"),
      "a leap second": stamped("2026-12-31T23:59:60Z"),
      "hour 24": stamped("2026-12-31T24:00:00Z"),
      "an offset": stamped("2026-01-01T00:00:00+00:00"),
      "a small z": stamped("2026-01-01T00:00:00z"),
      "two digits of a second's fraction": stamped("2026-01-01T00:00:00.25Z"),
      "a space for the T": stamped("2026-01-01 00:00:00Z"),
      "a payload that is a list": { ...event, payload: [] },
      "a payload that is null": { ...event, payload: null },
      "an extra member": { ...event, extra: 1 },
      "no signature": without(event, "signature"),
      "a signature of 63 bytes": { ...event, signature: "A".repeat(84) },
      "a signature without padding": { ...event, signature: "A".repeat(86) },
      "a signature with spare bits": { ...event, signature: `${"A".repeat(85)}B==` },
      "a signature in the URL alphabet": { ...event, signature: `${"-".repeat(85)}A==` },
    }),
  ]);
});

describe("payloads have the members of their type and no others", () => {
  test.for(monthly)("$type", (each) => {
    const name = each["type"] as SchemaName;
    const payload = each["payload"] as JsonObject;
    expect(schemaFaults(name, payload)).toEqual([]);
    expect(schemaFaults(name, { ...payload, extra: 1 })).not.toEqual([]);
    expect(schemaFaults(name, { ...payload, extensions: { "org.example.build": { machine: 7 } } })).toEqual([]);
    expect(schemaFaults(name, { ...payload, extensions: { build: 1 } })).not.toEqual([]);
    const required = (schemas[name] as { readonly required?: readonly string[] }).required ?? [];
    for (const member of required) expect(schemaFaults(name, without(payload, member))).not.toEqual([]);
    expect(required.length).toBeGreaterThan(2);
  });
});

const lines = eventsIn(jsonlFiles(), linesPath);
const [line = {}] = lines;
const resigned = (change: Json): Json => signLineAgain({ ...line, ...change }, "acme/widget");
const signature = line["signature"] as JsonObject;

describe("jsonl event", () => {
  judgedAlike("eventJsonl", parseJsonlEvent, [
    ...goods(Object.fromEntries(lines.map((each, at) => [`line ${at + 1}`, each]))),
    ...goods({ "any offset": resigned({ timestamp: "2026-02-01T10:00:00.123456-05:30" }) }),
    ...bads({
      "no repo": without(line, "repo"),
      "a repo with a path trick": resigned({ repo: "../x" }),
      "a type nobody knows": resigned({ type: "Rumour" }),
      "a leap second": resigned({ timestamp: "2026-02-01T23:59:60Z" }),
      "no zone": resigned({ timestamp: "2026-02-01T23:59:59" }),
      "another algorithm": { ...line, signature: { ...signature, alg: "rsa" } },
      "an extra member of the signature": { ...line, signature: { ...signature, extra: 1 } },
      "a hash in capitals": { ...line, signature: { ...signature, canonicalHash: "AB".repeat(32) } },
      "a signature that is a text": { ...line, signature: "x" },
      "no key id": { ...line, signature: without(signature, "keyId") },
    }),
  ]);

  test.for([
    { name: "a version with prerelease and build", change: { version: "1.0.0-rc.1+5" } },
    { name: "no artifact", change: { artifacts: [] } },
    { name: "notes of 2001 characters", change: { notes: "x".repeat(2001) } },
    { name: "a key event without key", change: { type: "KeyRotation" } },
  ])("by schema alone: $name", ({ change }) => {
    expect(schemaFaults("eventJsonl", resigned(change))).not.toEqual([]);
  });

  test("notes count code points", () => {
    expect(schemaFaults("eventJsonl", resigned({ notes: "😀".repeat(2000) }))).toEqual([]);
  });
});

const node = nodeJson("acme/widget", "compute");
const [maintainer = {}] = node["maintainers"] as Json[];
const names = identitiesOf(publicKeyOf(seedOf("a")));
const keyed = (change: JsonObject): Json => ({ ...node, maintainers: [{ ...maintainer, ...change }] });

describe("node manifest", () => {
  judgedAlike("node", parseNodeManifest, [
    ...goods({
      "the usual one": node,
      "a key without id and contact": { ...node, maintainers: [{ name: "a", publicKey: pemOf("a") }] },
      "key windows": keyed({ validFrom: "2026-01-01T00:00:00Z", validUntil: "2026-01-01T00:00:00+01:00" }),
      "a revocation": keyed({
        revokedAt: "2026-01-01T00:00:00Z",
        revocationReason: "compromise",
        invalidAfter: "2025-01-01T00:00:00Z",
      }),
      "PEM with CRLF": keyed({ publicKey: pemOf("a").replaceAll("\n", "\r\n") }),
      "an OpenSSH line": keyed({ publicKey: names.ssh }),
      "an OpenSSH line with a comment": keyed({ publicKey: `${names.ssh} ada@example.org, laptop` }),
      "a did:key": keyed({ publicKey: names.didKey }),
      "a Radicle node id": keyed({ publicKey: names.radicleNodeId }),
    }),
    ...bads({
      "no kind": without(node, "kind"),
      "a kind nobody knows": { ...node, kind: "king" },
      "an id with a path trick": { ...node, id: "../.." },
      "no maintainers": { ...node, maintainers: [] },
      "a key that is no PEM": keyed({ publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" }),
      "an OpenSSH line and a line feed": keyed({ publicKey: `${names.ssh}\n` }),
      "a key of another algorithm": keyed({ publicKey: names.ssh.replace("ssh-ed25519", "ssh-rsa") }),
      "a did:key with a fragment": keyed({ publicKey: `${names.didKey}#${names.radicleNodeId}` }),
      "an XRPL address": keyed({ publicKey: names.xrplAddress }),
      "a reason without a date": keyed({ revocationReason: "compromise" }),
      "a window that is no time": keyed({ validFrom: "2026-01-01" }),
      "a maintainer without a name": { ...node, maintainers: [without(maintainer, "name")] },
      "capabilities that are no texts": { ...node, provides: [1] },
    }),
  ]);

  test.for([
    { name: "a capability without version", change: { provides: ["build"] } },
    { name: "one capability twice", change: { consumes: ["a.v1", "a.v1"] } },
    { name: "no interface", change: { interfaces: [] } },
    { name: "an invariant too few", change: { invariants: { semver: true } } },
    { name: "an extra member", change: { motto: "x" } },
  ])("by schema alone: $name", ({ change }) => {
    expect(schemaFaults("node", { ...node, ...change })).not.toEqual([]);
  });
});

const hash = "ab".repeat(32);
const content = {
  partitionId: "2026-01",
  network: "local",
  prev: null,
  range: [hash, hash],
  count: 1,
  root: hash,
} as const;
const manifest = makeManifest(content) as unknown as Json;
const evidence: Json = { v: 1, p: "2026-01", d: hash, k: hash, o: "ledger.test/ledger", s: 1, l: hash };
const settlement = settlementJson();
const account = { network: "testnet", account: "rJmh6kBzcaAPdiQNMCxS3i548fn95ByN8W" };
const publisher = { publicKey: `ED${"AB".repeat(32)}` };

describe("manifest", () => {
  judgedAlike("manifest", parseManifest, [
    ...goods({
      "the usual one": manifest,
      "an empty month": makeManifest({ ...content, range: null, count: 0 }) as unknown as Json,
    }),
    ...bads({
      "no root": without(manifest, "root"),
      "another version": { ...manifest, v: 2 },
      "events and no range": makeManifest({ ...content, range: null }) as unknown as Json,
      "a range and no events": makeManifest({ ...content, count: 0 }) as unknown as Json,
      "a count below zero": makeManifest({ ...content, count: -1 }) as unknown as Json,
      "a range of one": { ...manifest, range: [hash] },
      "a tree nobody knows": { ...manifest, algo: "sha256-merkle-v3" },
    }),
  ]);
});

describe("evidence", () => {
  judgedAlike("evidence", parseEvidence, [
    ...goods({ "the usual one": evidence }),
    ...bads({
      "no origin": without(evidence, "o"),
      "another version": { ...evidence, v: 2 },
      "a size in quotes": { ...evidence, s: "1" },
      "an extra member": { ...evidence, x: 1 },
    }),
  ]);
});

describe("settlement information", () => {
  judgedAlike("settlement", parseSettlementInfo, [
    ...goods({
      "the usual one": settlement,
      "an account": { ...settlement, accounts: [account] },
      "a port": { ...settlement, host: "localhost:8080" },
    }),
    ...bads({
      "a URL for a host": { ...settlement, host: "https://ledger.test" },
      "a URL for a network": { ...settlement, network: "wss://s1.ripple.com" },
      "an account that is none": { ...settlement, accounts: [{ ...account, account: "0xab" }] },
      "no key": without(settlement, "key"),
    }),
  ]);
});

describe("trust", () => {
  judgedAlike("trust", parseTrust, [
    ...goods({
      nothing: {},
      "the public networks": publicNetworks,
      all: {
        publishers: [{ ...publisher, name: "vl.example.org", validUntil: "2030-01-01T00:00:00Z", network: "testnet" }],
        accounts: [account],
        logs: [settlement["key"] ?? ""],
      },
    }),
    ...bads({
      "a key of 32 bytes": { publishers: [{ publicKey: "AB".repeat(32) }] },
      "a name that is none": { publishers: [{ ...publisher, name: 7 }] },
      "a network nobody knows": { accounts: [{ ...account, network: "moon" }] },
      "a log that is no verifier key": { logs: ["ledger.test"] },
      "an extra member": { servers: [] },
    }),
  ]);
});

describe.skipIf(!hasShared)("what a live network holds", () => {
  const nodes = hasShared ? readdirSync(sharedPath("repomesh-ledger/ledger/nodes/mcp-tool-shop-org")) : [];
  test.for(nodes)("node %s", (name) => {
    const value = JSON.parse(
      sharedText(`repomesh-ledger/ledger/nodes/mcp-tool-shop-org/${name}/node.json`),
    ) as JsonValue;
    expect(schemaFaults("node", value)).toEqual([]);
  });

  test("its events and manifests", () => {
    const text = sharedText("repomesh-ledger/ledger/events/events.jsonl");
    const values = text
      .trimEnd()
      .split("\n")
      .map((each) => JSON.parse(each) as JsonValue);
    expect(values.filter((value) => schemaFaults("eventJsonl", value).length > 0)).toEqual([]);
    expect(values.filter(isJsonObject)).toHaveLength(76);
    for (const name of readdirSync(sharedPath("repomesh-ledger/anchor/xrpl/manifests"))) {
      const value = JSON.parse(sharedText(`repomesh-ledger/anchor/xrpl/manifests/${name}`)) as JsonValue;
      expect(schemaFaults("manifest", value)).toEqual([]);
    }
  });
});
