import { fast } from "../../compose-judging.ts";
import type { Config } from "../../config.ts";
import { equalBytes, utf8 } from "../../core/bytes.ts";
import type { JsonObject } from "../../core/json.ts";
import { keyVerdict } from "../../core/key-window.ts";
import type { Dialect } from "../../core/ledger-event.ts";
import type { Maintainer, NodeManifest } from "../../core/node-manifest.ts";
import { draftEvent, signEvent, type SignedEvent, type UnsignedEvent } from "../../core/sign-event.ts";
import { parseRfc3339 } from "../../core/time.ts";
import { findingList } from "../../validate/finding.ts";
import { readHanded } from "../../validate/read-handed.ts";
import type { CommandSpec } from "../command.ts";
import { harmless, styled } from "../io.ts";
import { type Answer, refusal, refusalOf, showAnswers } from "../join/answers.ts";
import { ownNode, readJson } from "../join/given-files.ts";
import { nowOf } from "../join/open-writable.ts";
import { type SigningKey, signingKey } from "../join/signing-key.ts";
import { writeOutput } from "../output.ts";

/** Key of a manifest that made a signature. */
function keyIn({ maintainers }: NodeManifest, { publicKey }: SigningKey, keyId: string | undefined): Maintainer[] {
  const own = maintainers.filter((key) => equalBytes(key.publicKey, publicKey));
  return keyId === undefined ? own : own.filter((key) => (key.keyId ?? keyId) === keyId);
}

/** What the manifest at hand says against the key, if it is the one of the node that speaks. */
function keyFaults(key: Maintainer | undefined, node: NodeManifest, { content }: UnsignedEvent): Answer[] {
  if (!key) {
    return [refusal("SIGNATURE_INVALID", `the key at hand is none that ${node.id} has under that name`)];
  }
  const { timestamp } = content;
  if (typeof timestamp !== "string") return [];
  const verdict = keyVerdict(key.window, { claimed: parseRfc3339(timestamp) });
  return verdict.valid ? [] : [refusal("KEY_NOT_VALID", `${key.keyId ?? key.name} of ${node.id}: ${verdict.detail}`)];
}

/** What everybody would say against the form of an event. */
function formFaults(event: JsonObject, dialect: Dialect): Answer[] {
  const list = findingList();
  readHanded(event, dialect, { sink: list, sha256: fast.sha256 });
  return list.findings.filter(({ severity }) => severity === "error").map(refusalOf);
}

function dialectOf({ dialect }: Config): Dialect | undefined {
  return dialect === "monthly" || dialect === "jsonl" ? dialect : undefined;
}

/** The event, signed, or why nobody would take it. */
function signed(path: string, config: Config): SignedEvent | { readonly faults: readonly Answer[] } {
  const key = signingKey(config);
  const node = ownNode(config);
  const nodeId = config.id ?? node?.id;
  const draft = draftEvent(readJson(path), { dialect: dialectOf(config), nodeId, nowUnixMs: nowOf(config) });
  const speaker = draft.dialect === "monthly" ? draft.content["nodeId"] : nodeId;
  const isOwn = node !== undefined && node.id === speaker;
  const [own] = isOwn ? keyIn(node, key, config.keyId) : [];
  const refused = isOwn ? keyFaults(own, node, draft) : [];
  if (refused.length > 0) return { faults: refused };
  const made = signEvent(draft, { sign: key.sign, keyId: config.keyId ?? own?.keyId ?? own?.name });
  const faults = formFaults(made.event, draft.dialect);
  return faults.length > 0 ? { faults } : made;
}

export const eventSign: CommandSpec = {
  name: "event sign",
  usage: "<FILE>",
  about:
    "Sign an event: its content, or just type and payload, in a file or on standard input (-). Node, key id and time are filled in where they are missing. What no ledger would take is not signed.",
  settings: ["keyFile", "dialect", "node", "id", "keyId", "now", "output", "format"],
  examples: [
    "event sign release.json --key-file ~/.config/maintainer.pem -o event.json",
    "event sign - --dialect jsonl --id your-org/your-repo --key-id ada-1f2e3d4c < event.json",
  ],
  run({ config, format, io }, [path = ""]) {
    const made = signed(path, config);
    if ("faults" in made) return Promise.resolve(showAnswers(io, format, made.faults));
    const { id, event } = made;
    const text = `${JSON.stringify(event)}\n`;
    const { output } = config;
    if (output === undefined) {
      io.out(text);
      return Promise.resolve(0);
    }
    writeOutput(output, utf8(text));
    const done = `${styled(io, "green", "✓")} ${harmless(output)}: event ${id}, signed\n`;
    io.out(format === "json" ? text : done);
    return Promise.resolve(0);
  },
};
