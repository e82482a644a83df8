import type { JsonObject } from "../../src/core/json.ts";
import {
  anchorEvent,
  eventsIn,
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  linesPath,
  networkManifest,
  nodeJson,
  pemOf,
  signLineAgain,
  withEvents,
  without,
  withJson,
} from "../support/build-ledger.ts";

export interface JsonlCase {
  readonly name: string;
  readonly alter: (files: Files) => Files;
  readonly code: string;
  /** The event file where it is left out. */
  readonly file?: string;
  readonly line?: number;
  readonly with?: readonly string[];
}

/** Without the manifest over all events, which every added event makes stale. */
export function smallFiles(): Files {
  const { "anchor/xrpl/manifests/all.json": _, ...files } = jsonlFiles();
  return files;
}

const line =
  (index: number, change: (event: Json) => JsonObject) =>
  (files: Files): Files =>
    withEvents(files, linesPath, (events) => events.map((each, at) => (at === index ? change(each) : each)));

export const appended =
  (...more: readonly JsonObject[]) =>
  (files: Files): Files =>
    withEvents(files, linesPath, (events) => [...events, ...more]);

const text =
  (change: (text: string) => string) =>
  (files: Files): Files => ({ ...files, [linesPath]: change(files[linesPath] ?? "") });

const release = (version: string, timestamp: string, more: JsonObject = {}): Json =>
  jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, timestamp, more), "acme/widget");

export const attestation = (signer: string, keyId?: string, more: JsonObject = {}): Json => {
  const attestations = [{ type: "security.scan", uri: "repomesh:attestor:security.scan:pass" }];
  const content = jsonlContent("AttestationPublished", "acme/widget", "1.1.0", "2026-03-03T10:00:00Z", {
    attestations,
    ...more,
  });
  return jsonlEvent(content, signer, keyId);
};

const last = { timestamp: "2026-03-10T10:00:00Z" };

export const forms: readonly JsonlCase[] = [
  {
    name: "a blank line between events",
    alter: text((all) => all.replace("\n", "\n\n")),
    code: "PARTITION_MALFORMED",
    line: 2,
  },
  { name: "a line of spaces", alter: text((all) => all.replace("\n", "\n  \n")), code: "PARTITION_MALFORMED", line: 2 },
  {
    name: "a line that is no JSON",
    alter: text((all) => all.replace("\n{", "\n{{")),
    code: "JSON_MALFORMED",
    line: 2,
    with: ["ANCHOR_NOTE_MISMATCH", "MANIFEST_RANGE_MISMATCH"],
  },
  { name: "torn in the last line", alter: text((all) => all.slice(0, -50)), code: "PARTITION_TORN", line: 6 },
  {
    name: "no attestations",
    alter: line(4, (event) => signLineAgain(without(event, "attestations"), "acme/widget")),
    code: "EVENT_MALFORMED",
    line: 5,
  },
  {
    name: "no artifacts",
    alter: line(4, (event) => signLineAgain({ ...event, artifacts: [] }, "acme/widget")),
    code: "EVENT_MALFORMED",
    line: 5,
  },
  {
    name: "a version with prerelease and build",
    alter: appended(release("1.0.0-rc.1+5", last.timestamp)),
    code: "EVENT_MALFORMED",
    line: 7,
  },
  {
    name: "a version of more than 100,000 characters",
    alter: appended(release(`1.2.0-${"a".repeat(99_995)}`, last.timestamp)),
    code: "EVENT_MALFORMED",
    line: 7,
  },
  {
    name: "a key id of 61 characters, each of two UTF-16 units",
    alter: (files) => {
      const unnamed = withJson(files, "ledger/nodes/acme/widget/node.json", (node) => {
        delete (node["maintainers"] as Json[])[0]?.["keyId"];
      });
      const long = line(0, (event) => ({
        ...event,
        signature: { ...(event["signature"] as Json), keyId: "😀".repeat(61) },
      }));
      return long(unnamed);
    },
    code: "EVENT_MALFORMED",
    line: 1,
  },
  {
    name: "an attestation type nobody knows",
    alter: appended(attestation("audit/one", undefined, { attestations: [{ type: "mood", uri: "x" }] })),
    code: "EVENT_MALFORMED",
    line: 7,
  },
  {
    name: "notes of 2001 characters",
    alter: appended(release("1.2.0", last.timestamp, { notes: "x".repeat(2001) })),
    code: "EVENT_MALFORMED",
    line: 7,
  },
  {
    name: "an unknown member",
    alter: appended(release("1.2.0", last.timestamp, { mood: "good" })),
    code: "EVENT_MALFORMED",
    line: 7,
  },
  {
    name: "an unknown member in the signature",
    alter: line(5, (event) => ({ ...event, signature: { ...(event["signature"] as Json), time: 1 } })),
    code: "EVENT_MALFORMED",
    line: 6,
  },
  {
    name: "a leap second",
    alter: appended(release("1.2.0", "2026-03-10T23:59:60Z")),
    code: "TIMESTAMP_MALFORMED",
    line: 7,
  },
  {
    name: "a time without a T",
    alter: appended(release("1.2.0", "2026-03-10 10:00:00Z")),
    code: "TIMESTAMP_MALFORMED",
    line: 7,
  },
  {
    name: "an altered event",
    alter: text((all) => all.replace('"version":"1.1.0"', '"version":"1.1.1"')),
    code: "EVENT_ID_MISMATCH",
    line: 5,
  },
  {
    name: "an event of the monthly dialect",
    alter: appended({ id: "00".repeat(32), nodeId: "a/b", signature: "" }),
    code: "LEDGER_MIXED_DIALECTS",
    line: 7,
  },
];

export const signers: readonly JsonlCase[] = [
  {
    name: "a signature of nobody",
    alter: line(5, (event) => signLineAgain(event, "stranger", "rules-keeper-1")),
    code: "SIGNATURE_INVALID",
    line: 6,
  },
  {
    name: "a key id that names nothing",
    alter: line(5, (event) => ({ ...event, signature: { ...(event["signature"] as Json), keyId: "rules-keeper-2" } })),
    code: "SIGNATURE_KEY_ID_WRONG",
    line: 6,
  },
  {
    name: "the key id of another attestor",
    alter: appended(attestation("audit/one", "audit-two-1")),
    code: "SIGNATURE_KEY_ID_WRONG",
    line: 7,
  },
  {
    name: "a release of a repository nobody registered",
    alter: appended(jsonlEvent(jsonlContent("ReleasePublished", "acme/ghost", "1.0.0", last.timestamp), "acme/widget")),
    code: "SIGNER_NOT_REGISTERED",
    line: 7,
  },
  {
    name: "a release signed by the registry",
    alter: appended(signLineAgain(release("1.2.0", last.timestamp), "net/registry")),
    code: "SIGNER_NOT_PERMITTED",
    line: 7,
  },
  {
    name: "an attestation by a compute node",
    alter: appended(attestation("acme/widget")),
    code: "SIGNER_NOT_PERMITTED",
    line: 7,
  },
  {
    name: "a violation by an attestor",
    alter: line(5, (event) => signLineAgain(event, "audit/one")),
    code: "SIGNER_NOT_PERMITTED",
    line: 6,
  },
  {
    name: "an attestor that the policy does not list",
    alter: (files) =>
      appended(attestation("audit/three"))({
        ...files,
        "ledger/nodes/audit/three/node.json": JSON.stringify(nodeJson("audit/three", "attestor")),
      }),
    code: "SIGNER_NOT_PERMITTED",
    line: 7,
  },
  {
    name: "a policy that is none",
    alter: (files) => ({ ...files, "verifier.policy.json": "{}" }),
    code: "POLICY_MALFORMED",
    file: "verifier.policy.json",
  },
  {
    name: "a maintainer without contact",
    alter: (files) =>
      withJson(
        files,
        "ledger/nodes/acme/widget/node.json",
        (node) => void Object.assign((node["maintainers"] as Json[])[0] ?? {}, { contact: " " }),
      ),
    code: "NODE_CONTACT_MISSING",
    file: "ledger/nodes/acme/widget/node.json",
  },
  {
    name: "a version released twice",
    alter: appended(release("1.1.0", last.timestamp)),
    code: "RELEASE_DUPLICATE",
    line: 7,
  },
  {
    name: "a version released twice, with a carriage return behind every event",
    alter: (files) => {
      const twice = appended(release("1.1.0", last.timestamp))(files);
      return { ...twice, [linesPath]: twice[linesPath]?.replaceAll("}\n", "}\r\n") ?? "" };
    },
    code: "RELEASE_DUPLICATE",
    line: 7,
  },
  {
    name: "an attestor that repeats itself",
    alter: appended(attestation("audit/one"), attestation("audit/one", undefined, last)),
    code: "EVENT_DUPLICATE",
    line: 8,
  },
  {
    name: "an attestor that repeats itself under another node's name",
    alter: (files) =>
      appended(
        attestation("audit/one"),
        attestation("audit/one", "twin-1", last),
      )({
        ...withJson(
          files,
          "verifier.policy.json",
          (policy) => void (policy["trustedAttestors"] as string[]).push("audit/twin"),
        ),
        "ledger/nodes/audit/twin/node.json": JSON.stringify(
          nodeJson("audit/twin", "attestor", {}, { keyId: "twin-1", publicKey: pemOf("audit/one") }),
        ),
      }),
    code: "EVENT_DUPLICATE",
    line: 8,
    with: ["NODE_KEY_SHARED"],
  },
  {
    name: "one event twice",
    alter: (files) => appended(eventsIn(files, linesPath)[4] ?? {})(files),
    code: "EVENT_DUPLICATE_ID",
    line: 7,
  },
  {
    name: "an event of tomorrow",
    alter: appended(release("1.2.0", "2026-03-21T14:00:00+01:00")),
    code: "EVENT_FROM_FUTURE",
    line: 7,
  },
];

export const times: readonly JsonlCase[] = [
  "9999-12-31T23:59:59Z",
  "9999-12-31T23:59:59-23:59",
  "0000-01-01T00:00:00+23:59",
].map((timestamp) => ({
  name: `a time of no month, ${timestamp}`,
  alter: appended(release("1.2.0", timestamp)),
  code: "TIMESTAMP_MALFORMED",
  line: 7,
}));

const genesis = "anchor/xrpl/manifests/genesis.json";
const zeros = "00".repeat(32);
const first = (): Json[] => eventsIn(jsonlFiles(), linesPath).slice(0, 3);
const noted = (change: (note: Json) => Json): Json =>
  anchorEvent(networkManifest(first(), "genesis"), "2026-03-11T10:00:00Z", change);

export const anchors: readonly JsonlCase[] = [
  {
    name: "a manifest whose hash is wrong",
    alter: (files) => withJson(files, genesis, (value) => void (value["partitionId"] = "other")),
    code: "MANIFEST_HASH_MISMATCH",
    file: genesis,
  },
  {
    name: "a manifest with another root",
    alter: (files) => withJson(files, genesis, (value) => void (value["root"] = zeros)),
    code: "MANIFEST_ROOT_MISMATCH",
    file: genesis,
    with: ["MANIFEST_HASH_MISMATCH", "MANIFEST_PREV_UNKNOWN"],
  },
  {
    name: "a manifest that says nothing of its tree",
    alter: (files) => withJson(files, genesis, (value) => void delete value["algo"]),
    code: "MANIFEST_ROOT_MISMATCH",
    file: genesis,
    with: ["MANIFEST_HASH_MISMATCH"],
  },
  {
    name: "a manifest that begins nowhere",
    alter: (files) => withJson(files, genesis, (value) => void ((value["range"] as string[])[0] = zeros)),
    code: "MANIFEST_RANGE_MISMATCH",
    file: genesis,
    with: ["MANIFEST_HASH_MISMATCH"],
  },
  {
    name: "a manifest that ends elsewhere",
    alter: (files) => withJson(files, genesis, (value) => void ((value["range"] as string[])[1] = zeros)),
    code: "MANIFEST_RANGE_MISMATCH",
    file: genesis,
    with: ["MANIFEST_HASH_MISMATCH"],
  },
  {
    name: "a manifest of more events than there are",
    alter: (files) => withJson(files, genesis, (value) => void (value["count"] = 99)),
    code: "MANIFEST_RANGE_MISMATCH",
    file: genesis,
    with: ["MANIFEST_HASH_MISMATCH"],
  },
  {
    name: "a manifest of no events",
    alter: (files) => withJson(files, genesis, (value) => void (value["count"] = 0)),
    code: "MANIFEST_MALFORMED",
    file: genesis,
  },
  {
    name: "a manifest after nothing",
    alter: (files) => ({ ...files, [genesis]: JSON.stringify(networkManifest(first(), "genesis", zeros)) }),
    code: "MANIFEST_PREV_UNKNOWN",
    file: genesis,
  },
  {
    name: "a note with another root",
    alter: appended(noted((note) => ({ ...note, merkleRoot: zeros }))),
    code: "ANCHOR_NOTE_MISMATCH",
    line: 7,
  },
  {
    name: "a note with another hash",
    alter: appended(noted((note) => ({ ...note, manifestHash: zeros }))),
    code: "ANCHOR_NOTE_MISMATCH",
    line: 7,
  },
  {
    name: "a note that covers its own event",
    alter: appended(noted((note) => ({ ...note, eventCount: 7 }))),
    code: "ANCHOR_NOTE_MISMATCH",
    line: 7,
  },
  {
    name: "a note that is prose alone",
    alter: appended(
      attestation("net/registry", undefined, {
        attestations: [{ type: "ledger.anchor", uri: "xrpl:tx:1" }],
        notes: "done",
      }),
    ),
    code: "ANCHOR_NOTE_MALFORMED",
    line: 7,
  },
];
