import { describe, expect, test } from "vitest";
import {
  type Files,
  type Json,
  monthlyFiles,
  nodeJson,
  partition,
  pemOf,
  without,
  withoutFile,
} from "../support/build-ledger.ts";
import {
  appended,
  type Case,
  event,
  json,
  key,
  march,
  payload,
  release,
  testCases,
  text,
  validate,
  widget,
} from "./hostile-case.ts";

const nodes: readonly Case[] = [
  {
    name: "a manifest that is no JSON",
    alter: text("nodes/acme/notary/node.json", () => "{"),
    code: "JSON_MALFORMED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a manifest without kind",
    alter: json("nodes/acme/notary/node.json", (node) => without(node, "kind")),
    code: "NODE_MALFORMED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a manifest with an unknown member",
    alter: json(widget, (node) => void (node["motto"] = "x")),
    code: "NODE_MALFORMED",
    file: widget,
  },
  {
    name: "a manifest in the folder of another node",
    alter: (files) => ({
      ...files,
      "nodes/acme/other/node.json": JSON.stringify(nodeJson("acme/elsewhere", "compute")),
    }),
    code: "NODE_FOLDER_MISMATCH",
    file: "nodes/acme/other/node.json",
  },
  {
    name: "a key that is no Ed25519 key",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) =>
        void Object.assign((node["maintainers"] as Json[])[0] ?? {}, {
          publicKey:
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXM33obHR/tiCwyNR8yTV8XTzl0fApMQP8XZkHTt2wuSDn9PR+LuUFg8hgIZ8HjOqfkcm2w+4JMgBZROKGPvAfg==\n-----END PUBLIC KEY-----",
        }),
    ),
    code: "PUBLIC_KEY_NOT_ED25519",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "two keys of one name",
    alter: json(
      widget,
      (node) => void (node["maintainers"] as Json[]).push({ name: "b", keyId: "acme-widget-1", publicKey: pemOf("b") }),
    ),
    code: "NODE_KEY_ID_DUPLICATE",
    file: widget,
  },
  {
    name: "a key window without end",
    alter: key((key) => void (key["validUntil"] = "soon")),
    code: "NODE_MALFORMED",
    file: widget,
    with: ["KEY_WINDOW_MALFORMED", "SIGNER_NOT_REGISTERED", "REPO_NOT_REGISTERED"],
  },
  {
    name: "a key that is never valid",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) =>
        void Object.assign((node["maintainers"] as Json[])[0] ?? {}, {
          validFrom: "2026-02-01T00:00:00Z",
          validUntil: "2026-02-01T00:00:00Z",
        }),
    ),
    code: "NODE_KEY_WINDOW_EMPTY",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "two nodes with one key",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) => void Object.assign((node["maintainers"] as Json[])[0] ?? {}, { publicKey: pemOf("acme/gadget") }),
    ),
    code: "NODE_KEY_SHARED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a settlement.json of another version",
    alter: json("settlement.json", (info) => void (info["v"] = 2)),
    code: "FORMAT_VERSION_UNKNOWN",
    file: "settlement.json",
  },
];

const files: readonly Case[] = [
  {
    name: "a link for a month",
    alter: (files) => ({ ...withoutFile(files, march), [march]: { kind: "link" } }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: march,
  },
  {
    name: "a folder for a month",
    alter: (files) => ({ ...withoutFile(files, march), [`${march}/x`]: "1" }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: march,
    with: ["FILE_UNKNOWN"],
  },
  {
    name: "a link for a node",
    alter: (files) => ({ ...files, "nodes/acme/notary/node.json": { kind: "link" } }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a thirteenth month",
    alter: (files) => ({ ...files, "2026-13.json": "[]" }),
    code: "MONTH_MALFORMED",
    file: "2026-13.json",
  },
  {
    name: "a month in capitals",
    alter: (files) => ({ ...files, "2026-03.JSON": "[]" }),
    code: "MONTH_MALFORMED",
    file: "2026-03.JSON",
    with: ["FILE_NAME_CLASH"],
  },
  ...["2026-3.json", "2026-03.json ", "2026-03.json.", " 2026-03.json", "2026\u201003.json", "2026-03.j\u017fon"].map(
    (file): Case => ({
      name: `a month that is spelt ${JSON.stringify(file)}`,
      alter: (files) => ({ ...files, [file]: files[march] ?? "" }),
      code: "MONTH_MALFORMED",
      file,
    }),
  ),
  {
    name: "a folder that is a month in capitals",
    alter: (files) => ({ ...files, "2026-03.JSON/x": "[]" }),
    code: "MONTH_MALFORMED",
    file: "2026-03.JSON",
    with: ["FILE_NAME_CLASH"],
  },
  ...["Settlement.json", "NODES", "events ", "nodes/acme/widget/Node.json", "nodes/acme/widget/node.json::$DATA"].map(
    (file): Case => ({
      name: `a name that is spelt ${file}`,
      alter: (files) => ({ ...files, [file]: "{}" }),
      code: "FILE_NAME_ALIAS",
      file,
      with: ["FILE_NAME_CLASH"],
    }),
  ),
  {
    name: "a folder of no month among the anchors",
    alter: (files) => ({ ...files, "anchors/march/manifest.json": "{}" }),
    code: "MONTH_MALFORMED",
    file: "anchors/march",
  },
  {
    name: "a file nobody knows",
    alter: (files) => ({ ...files, "nodes/acme/widget/run.sh": "x" }),
    code: "FILE_UNKNOWN",
    file: "nodes/acme/widget/run.sh",
  },
  {
    name: "a name that differs in case",
    alter: (files) => ({
      ...files,
      "nodes/acme/Widget/node.json": JSON.stringify(
        nodeJson("acme/Widget", "compute", {}, { keyId: "w-1", publicKey: pemOf("W") }),
      ),
    }),
    code: "FILE_NAME_CLASH",
    file: "nodes/acme/widget",
  },
];

describe("nodes", () => {
  testCases(nodes);
});

describe("files", () => {
  testCases(files);
});

test("one run shows every fault", async () => {
  const ghost = release("3.0.0", "2026-03-10T10:00:00Z", "acme/ghost");
  const alterations = [
    event(march, 2, (old) => ({ ...old, type: "Rumour" })),
    payload(1, (old) => ({ ...old, toVersion: "0.9.0" })),
    payload(3, (old) => ({ ...old, compositeScore: 101 })),
    appended(ghost, release("1.0.0", "2026-03-21T13:00:00Z")),
    json("nodes/acme/notary/node.json", (node) => ({ ...node, kind: "king" })),
    (files: Files): Files => ({ ...files, "2026-13.json": "[]", "nodes/acme/widget/run.sh": "" }),
  ];
  const { findings } = await validate(alterations.reduce((files, alter) => alter(files), monthlyFiles()));
  const found = findings.map(({ code, file, index }) => `${code} ${file} ${index}`);
  expect(new Set(found)).toEqual(
    new Set([
      `EVENT_TYPE_UNKNOWN ${march} 2`,
      `VERSION_PAIR_NOT_ASCENDING ${march} 1`,
      `PAYLOAD_INVALID ${march} 3`,
      `SIGNER_NOT_REGISTERED ${march} 5`,
      `EVENT_REPO_NOT_OWN ${march} 5`,
      `RELEASE_DUPLICATE ${march} 6`,
      `EVENT_FROM_FUTURE ${march} 6`,
      "NODE_MALFORMED nodes/acme/notary/node.json null",
      "MONTH_MALFORMED 2026-13.json null",
      "FILE_UNKNOWN nodes/acme/widget/run.sh null",
    ]),
  );
});

test("an empty month is a good file", async () => {
  const report = await validate({ ...monthlyFiles(), "2026-04.json": partition([]) });
  expect(report.findings).toEqual([]);
});
