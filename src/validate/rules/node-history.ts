import { equalBytes, toHex } from "../../core/bytes.ts";
import { idBytes, parseSignature } from "../../core/event.ts";
import type { KeyWindow } from "../../core/key-window.ts";
import type { Maintainer, NodeManifest } from "../../core/node-manifest.ts";
import { readable, type RuleContext } from "../rule.ts";

/** Keys stay in the manifests, since old events need them, and a revocation is for ever. */
export function judgeNodeHistory(context: RuleContext): void {
  const { ledger, base, sink } = context;
  const before = new Map(base?.nodes.flatMap(({ node }) => (node ? [[node.id, node] as const] : [])));
  for (const { path, node } of ledger.nodes) {
    const old = node && before.get(node.id);
    if (!node || !old) continue;
    for (const key of old.maintainers) {
      const kept = node.maintainers.filter(({ publicKey }) => equalBytes(publicKey, key.publicKey));
      const name = `${key.keyId ?? `a key of ${key.name}`} of ${node.id}`;
      if (kept.length === 0) judgeRemoved(key, node, path, context);
      else if (kept.every(({ window }) => isLifted(key.window, window))) {
        sink.add("KEY_REVOCATION_LIFTED", { file: path }, `the revocation of ${name} was taken back or put off`);
      }
    }
  }
}

function judgeRemoved(key: Maintainer, node: NodeManifest, file: string, context: RuleContext): void {
  const { entries, signers, verify, sink } = context;
  const name = `${key.keyId ?? `the key of ${key.name}`} (${toHex(key.publicKey).slice(0, 16)}…) of ${node.id}`;
  const orphan = readable(entries).find((entry) => {
    const { nodeId, keyId } = entry.event;
    const isCandidate = entry.event.dialect === "monthly" ? nodeId === node.id : keyId === (key.keyId ?? keyId);
    if (!isCandidate || !entry.isSound || (signers.get(entry)?.length ?? 0) > 0) return false;
    return verify(key.publicKey, idBytes(entry.event.id), parseSignature(entry.event.signature));
  });
  if (orphan)
    sink.add("KEY_REMOVED", { file }, `${name} was removed, and signed ${orphan.place.file}:${orphan.place.line}`);
  else sink.add("KEY_REMOVED_UNUSED", { file }, `${name} was removed; no event needs it`);
}

/** Does the window of a revoked key let through what it did not before? */
function isLifted(before: KeyWindow, now: KeyWindow): boolean {
  if (before.revokedAt === undefined) return false;
  const isLater = (name: "revokedAt" | "invalidAfter"): boolean =>
    before[name] !== undefined && (now[name] === undefined || now[name] > before[name]);
  const isMilder = before.revocationReason === "compromise" && now.revocationReason !== "compromise";
  return isMilder || isLater("revokedAt") || isLater("invalidAfter");
}
