import { isEntrance } from "./core/entrance.ts";
import { nodeKinds } from "./core/event-types.ts";
import { revocationReasons } from "./core/key-window.ts";
import { isNodeId } from "./core/node-id.ts";

const isCapability = (text: string): boolean => /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*\.v[0-9]+$/.test(text);
const isKeyId = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,118}[a-z0-9]$/.test(text);
const isOneOf =
  (...texts: readonly string[]) =>
  (text: string): boolean =>
    texts.includes(text);

/** Settings of a node that joins a network; part of `settings`. */
export const joinSettings = {
  id: {
    kind: "text",
    holder: "ORG/REPO",
    about: "the node that speaks; that of --node by default",
    form: ["written org/repo", isNodeId],
  },
  kind: {
    kind: "text",
    holder: "KIND",
    about: `what the node does: ${nodeKinds.join(", ")}`,
    value: "compute",
    form: [`one of ${nodeKinds.join(", ")}`, isOneOf(...nodeKinds)],
  },
  dialect: {
    kind: "text",
    holder: "DIALECT",
    about: "how the ledger of the network writes events: monthly or jsonl",
    form: ["monthly or jsonl", isOneOf("monthly", "jsonl")],
  },
  node: { kind: "text", holder: "FILE", about: "manifest of the node that signs", value: "node.json" },
  provides: {
    kind: "list",
    holder: "CAPABILITY",
    about: "what the node provides, such as release.artifacts.v1; may be given more than once",
    form: ["a name with dots that ends in .vN", isCapability],
  },
  consumes: {
    kind: "list",
    holder: "CAPABILITY",
    about: "what the node needs of others; may be given more than once",
    form: ["a name with dots that ends in .vN", isCapability],
  },
  url: {
    kind: "text",
    holder: "URL",
    about: "address of a settlement node that takes events; https, or http on this machine",
    form: ["an https:// address without query and user, or http:// of this machine", isEntrance],
  },
  repository: {
    kind: "text",
    holder: "ORG/REPO",
    about: "repository of the ledger on GitHub: the workflow hands events in by pull request",
    form: ["written org/repo", isNodeId],
  },
  keyId: {
    kind: "text",
    holder: "KEY-ID",
    about: "name of the key that signs (jsonl dialect), where no manifest at hand tells it",
    form: ["of lower-case letters, digits, dots and hyphens", isKeyId],
  },
  newKey: {
    kind: "text",
    holder: "FILE|KEY",
    about: "the key that takes over: a public key in any form, or a file of one; --out makes one",
  },
  at: { kind: "text", holder: "TIME", about: "when the change takes effect, RFC 3339; now by default" },
  reason: {
    kind: "text",
    holder: "REASON",
    about: `why a key is revoked: ${revocationReasons.join(", ")}`,
    form: [`one of ${revocationReasons.join(", ")}`, isOneOf(...revocationReasons)],
  },
  invalidAfter: {
    kind: "text",
    holder: "TIME",
    about: "compromise: nothing the key signed from then on is trusted, RFC 3339",
  },
} as const;
