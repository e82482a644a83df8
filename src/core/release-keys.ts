import { equalBytes, toHex } from "./bytes.ts";
import type { VerifySignature } from "./ed25519.ts";
import { type KeyEvent, keyEventOf, retires } from "./key-event.ts";
import { type KeyWindow, keyVerdict, revocationReasons } from "./key-window.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { NodeId } from "./node-id.ts";
import type { Maintainer } from "./node-manifest.ts";
import { mayEmit } from "./policy.ts";
import { type NodeIndex, signersOf } from "./signer.ts";

/** When keys may sign, by their manifests and by what the ledger says of them; the stricter of both. */
export interface KeyWindows {
  of(node: NodeId, key: Maintainer): KeyWindow;
}

/**
 * Replays the key events of a ledger in file order, so that a manifest cannot take back what was signed. A key event
 * counts when a node signed it that may, with a key that no earlier event or manifest revoked, and never when a key
 * revokes itself. A compromise is of the key, so it holds under every key id that nodes of the same owner give it.
 */
export function keyWindows(events: Iterable<LedgerEvent>, index: NodeIndex, verify: VerifySignature): KeyWindows {
  const said = new Map<string, KeyWindow>();
  const compromises = new Map<string, number>();
  const compromise = (node: NodeId, publicKey: Uint8Array, sinceUnixMs: number): void => {
    const name = ownedKey(node, publicKey);
    compromises.set(name, Math.min(sinceUnixMs, compromises.get(name) ?? sinceUnixMs));
  };
  for (const { id, maintainers } of index.byId.values()) {
    for (const { publicKey, window } of maintainers) {
      const since = compromisedSince(window);
      if (since !== undefined) compromise(id, publicKey, since);
    }
  }
  const of: KeyWindows["of"] = (node, key) => {
    const windows = [key.window, said.get(`${node} ${key.keyId}`) ?? {}];
    const invalidAfter = compromises.get(ownedKey(node, key.publicKey));
    if (invalidAfter !== undefined) windows.push({ revocationReason: "compromise", invalidAfter });
    return windows.reduce(stricter);
  };
  for (const event of events) {
    const change = keyEventOf(event);
    if (!change || !isEntitled(event, change, { index, verify, of })) continue;
    for (const [keyId, window] of windowsOf(change, event.unixMs)) {
      const name = `${change.repo} ${keyId}`;
      said.set(name, stricter(said.get(name) ?? {}, window));
      const key = index.byId.get(change.repo)?.maintainers.find((each) => each.keyId === keyId);
      const since = compromisedSince(window);
      if (key && since !== undefined) compromise(change.repo, key.publicKey, since);
    }
  }
  return { of };
}

/** A public key and who owns the node that registers it. */
function ownedKey(node: NodeId, publicKey: Uint8Array): string {
  return `${node.slice(0, node.indexOf("/"))} ${toHex(publicKey)}`;
}

function compromisedSince({ revocationReason, invalidAfter, revokedAt }: KeyWindow): number | undefined {
  return revocationReason === "compromise" ? (invalidAfter ?? revokedAt ?? Number.NEGATIVE_INFINITY) : undefined;
}

/** The window in which both hold. */
function stricter(a: KeyWindow, b: KeyWindow): KeyWindow {
  const from = [a, b].flatMap(({ validFrom }) => validFrom ?? []);
  const since = [a, b].flatMap((window) => compromisedSince(window) ?? []);
  const isCompromised = since.length > 0;
  // A compromise says nothing of the time before it, so an earlier end stays what it is.
  const ends = [a, b].flatMap(({ validUntil, revokedAt, revocationReason }) => [
    ...(validUntil === undefined ? [] : [validUntil]),
    ...(isCompromised && revokedAt !== undefined && revocationReason !== "compromise" ? [revokedAt] : []),
  ]);
  const revoked = [a, b].flatMap(({ revokedAt }) => revokedAt ?? []);
  const reason = a.revocationReason ?? b.revocationReason;
  return {
    ...(from.length > 0 ? { validFrom: Math.max(...from) } : {}),
    ...(ends.length > 0 ? { validUntil: Math.min(...ends) } : {}),
    ...(revoked.length > 0 ? { revokedAt: Math.min(...revoked) } : {}),
    ...(isCompromised
      ? { revocationReason: "compromise", invalidAfter: Math.min(...since) }
      : reason === undefined
        ? {}
        : { revocationReason: reason }),
  };
}

/** From when to when keys may sign, as a key event says it. */
function windowsOf(change: KeyEvent, unixMs: number): readonly (readonly [keyId: string, window: KeyWindow])[] {
  const effective = change.effectiveAt ?? unixMs;
  if (change.type === "KeyRotation") {
    const { retiringKeyId, newKeyId } = change;
    return [
      ...(retiringKeyId === undefined ? [] : [[retiringKeyId, { validUntil: effective }] as const]),
      ...(newKeyId === undefined ? [] : [[newKeyId, { validFrom: effective }] as const]),
    ];
  }
  const { revokedKeyId, invalidAfter = unixMs } = change;
  if (revokedKeyId === undefined) return [];
  // A reason that is unknown, or none, counts as a compromise: the strictest.
  const reason = revocationReasons.find((known) => known === change.reason) ?? "compromise";
  const window: KeyWindow =
    reason === "compromise"
      ? { revocationReason: reason, revokedAt: unixMs, invalidAfter }
      : { revocationReason: reason, revokedAt: effective };
  return [[revokedKeyId, window]];
}

/** May whoever signed this decide over the keys it names? */
function isEntitled(
  event: LedgerEvent,
  change: KeyEvent,
  { index, verify, of }: KeyWindows & { readonly index: NodeIndex; readonly verify: VerifySignature },
): boolean {
  const { repo } = change;
  const own = index.byId.get(repo)?.maintainers ?? [];
  const revoked = change.type === "KeyRotation" ? [] : own.filter(({ keyId }) => keyId === change.revokedKeyId);
  return signersOf(event, index, verify).some(({ node, key, named }) => {
    const isItself = revoked.some(({ publicKey }) => equalBytes(publicKey, key.publicKey));
    const verdict = keyVerdict(of(node.id, key), { claimed: event.unixMs });
    const isGood = verdict.valid || (verdict.why === "expired" && retires(change, node.id, key));
    return named && !isItself && isGood && mayEmit(event, node, index.policy);
  });
}
