import { toHex } from "../../core/bytes.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import type { NodeFile } from "../ledger-state.ts";
import type { RuleContext } from "../rule.ts";
import { schemaFaults } from "../schema-faults.ts";

/** Node id that the folder of a manifest stands for. */
export function folderId({ path }: NodeFile, root: string): string {
  return path.slice(root.length).split("/").slice(1, 3).join("/");
}

/** Every manifest is well formed and stands in its own folder; its keys can be told apart. */
export function judgeNodes(context: RuleContext): void {
  const { ledger, sink } = context;
  for (const file of ledger.nodes) {
    const place = { file: file.path };
    if (file.value !== undefined) {
      for (const { message } of schemaFaults("node", file.value)) sink.add("NODE_MALFORMED", place, message);
    }
    if (!file.node) continue;
    const folder = folderId(file, ledger.root);
    if (file.node.id !== folder) {
      sink.add("NODE_FOLDER_MISMATCH", place, `the manifest of ${file.node.id} stands in the folder of ${folder}`);
    }
    judgeKeys(file.node, file.path, context);
  }
  judgeSharedKeys(context);
}

function judgeKeys(node: NodeManifest, file: string, { ledger, sink }: RuleContext): void {
  const keyIds = new Set<string>();
  for (const { name, keyId, contact, window } of node.maintainers) {
    const which = `key ${keyId ?? `of ${name}`}`;
    if (keyId !== undefined && keyIds.has(keyId)) {
      sink.add("NODE_KEY_ID_DUPLICATE", { file }, `two keys of ${node.id} are called ${keyId}`);
    }
    if (keyId !== undefined) keyIds.add(keyId);
    if (window.validFrom !== undefined && window.validUntil !== undefined && window.validUntil <= window.validFrom) {
      sink.add("NODE_KEY_WINDOW_EMPTY", { file }, `${which} is valid until a time that is not after its validFrom`);
    }
    if (ledger.dialect === "jsonl" && !contact?.trim()) {
      sink.add("NODE_CONTACT_MISSING", { file }, `${which} of ${node.id} has no contact`);
    }
  }
}

function judgeSharedKeys({ ledger, sink }: RuleContext): void {
  const holders = new Map<string, { readonly path: string; readonly id: string }>();
  for (const { path, node } of ledger.nodes) {
    for (const key of new Set(node?.maintainers.map(({ publicKey }) => toHex(publicKey)))) {
      const first = holders.get(key);
      if (!first) holders.set(key, { path, id: node?.id ?? "" });
      else sink.add("NODE_KEY_SHARED", { file: path }, `${node?.id} has a public key of ${first.id}`);
    }
  }
}
