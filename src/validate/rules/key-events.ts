import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { parsePublicKey } from "../../core/identity.ts";
import { type KeyEvent, keyEventOf, type KeyRevocation, type KeyRotation } from "../../core/key-event.ts";
import { keyVerdict } from "../../core/key-window.ts";
import type { Maintainer } from "../../core/node-manifest.ts";
import type { KeySaying, KeyStory } from "../key-stories.ts";
import type { Readable, RuleContext } from "../rule.ts";

const needed = {
  KeyRotation: ["retiringKeyId", "newKeyId", "newPublicKey", "effectiveAt"],
  KeyRevocation: ["revokedKeyId", "reason"],
} as const;

/**
 * jsonl dialect: what is said of keys is whole, said by somebody who may, and shown by the node's manifest. A node may
 * rotate and revoke more than once; the manifest then shows the strictest of what was said of each key.
 */
export function judgeKeyEvent(entry: Readable, context: RuleContext): void {
  const event = keyEventOf(entry.event);
  if (!event || !isWhole(event, entry, context)) return;
  judgeSigner(event, entry, context);
  const maintainers = context.nodes.byId.get(event.repo)?.maintainers ?? [];
  const own = sayingsOf(event);
  const storyOf: StoryOf = (keyId) => context.memory.keys.story(event.repo, keyId, own);
  const faults =
    event.type === "KeyRotation"
      ? rotationFaults(event, maintainers, storyOf)
      : revocationFaults(event, maintainers, storyOf);
  for (const fault of faults) context.sink.add("KEY_EVENT_NOT_IN_MANIFEST", entry.place, fault);
}

/** What an event says of keys; nothing when it is no key event. */
export function keySayings(entry: Readable): readonly KeySaying[] {
  const event = keyEventOf(entry.event);
  return event ? sayingsOf(event) : [];
}

function sayingsOf(event: KeyEvent): KeySaying[] {
  const { repo } = event;
  if (event.type === "KeyRotation") {
    const { retiringKeyId, newKeyId, effectiveAt: time } = event;
    return [
      { repo, keyId: retiringKeyId, ...(time === undefined ? {} : { retiresAt: time }) },
      { repo, keyId: newKeyId, ...(time === undefined ? {} : { beginsAt: time }) },
    ];
  }
  const { revokedKeyId, reason, invalidAfter } = event;
  return [
    { repo, keyId: revokedKeyId, reason: { text: reason }, ...(invalidAfter === undefined ? {} : { invalidAfter }) },
  ];
}

function isWhole({ type, said }: KeyEvent, { place }: Readable, { sink }: RuleContext): boolean {
  const action = type === "KeyRotation" ? "rotate" : "revoke";
  const members = [...needed[type], ...(said["reason"] === "compromise" ? ["invalidAfter"] : [])];
  const missing = members.filter((name) => typeof said[name] !== "string");
  const isOther = said["action"] !== action;
  if (isOther) sink.add("KEY_EVENT_INCOMPLETE", place, `key.action of ${type} must be ${action}`);
  if (missing.length > 0) sink.add("KEY_EVENT_INCOMPLETE", place, `key lacks ${missing.join(", ")}`);
  return missing.length === 0 && !isOther;
}

/**
 * A key does not revoke itself, and a compromised key decides over none. A compromise that was declared after the event
 * was accepted does not undo it, as it undoes no other event of the ledger.
 */
function judgeSigner(change: KeyEvent, entry: Readable, { signers, nodes, sink }: RuleContext): void {
  const { place } = entry;
  const [signer] = signers.get(entry) ?? [];
  if (!signer) return;
  const about = change.type === "KeyRevocation" ? change.revokedKeyId : undefined;
  const revoked = keyOf(nodes.byId.get(change.repo)?.maintainers ?? [], about);
  if (revoked && equalBytes(revoked.publicKey, signer.key.publicKey)) {
    return sink.add("KEY_EVENT_SIGNER", place, `${about} revokes itself`);
  }
  const { window } = signer.key;
  const verdict = keyVerdict(window, { claimed: entry.event.unixMs });
  const declared = window.revokedAt ?? window.invalidAfter ?? Number.NEGATIVE_INFINITY;
  if (!verdict.valid && verdict.why === "compromised" && entry.event.unixMs >= declared) {
    sink.add(
      "KEY_EVENT_SIGNER",
      place,
      `${signer.key.keyId ?? signer.key.name} is compromised and decides over no key`,
    );
  }
}

function keyOf(maintainers: readonly Maintainer[], keyId: string | undefined): Maintainer | undefined {
  return keyId === undefined ? undefined : maintainers.find((key) => key.keyId === keyId);
}

function isKey({ publicKey }: Maintainer, named: string | undefined): boolean {
  try {
    return named !== undefined && equalBytes(parsePublicKey(named), publicKey);
  } catch (error) {
    if (error instanceof SettlementError) return false;
    throw error;
  }
}

type StoryOf = (keyId: string | undefined) => KeyStory;

function rotationFaults(event: KeyRotation, maintainers: readonly Maintainer[], storyOf: StoryOf): string[] {
  const faults: string[] = [];
  const { repo, retiringKeyId: oldId, newKeyId: newId } = event;
  const [retiring, taking] = [keyOf(maintainers, oldId), keyOf(maintainers, newId)];
  const [until, from] = [storyOf(oldId).retiresAt, storyOf(newId).beginsAt];
  if (!retiring) faults.push(`${repo} has no key ${oldId}, which is to retire`);
  else if (retiring.window.validUntil !== until)
    faults.push(`validUntil of ${oldId} must be when the rotation takes effect`);
  if (!taking) return [...faults, `${repo} has no key ${newId}, which is to take over`];
  if (taking.window.validFrom !== from) faults.push(`validFrom of ${newId} must be when the rotation takes effect`);
  if (!isKey(taking, event.newPublicKey)) faults.push(`the public key of ${newId} is not the newPublicKey`);
  return faults;
}

function revocationFaults(event: KeyRevocation, maintainers: readonly Maintainer[], storyOf: StoryOf): string[] {
  const { repo, revokedKeyId: keyId } = event;
  const window = keyOf(maintainers, keyId)?.window;
  if (!window) return [`${repo} has no key ${keyId}, which is revoked`];
  const { reasons, invalidAfter } = storyOf(keyId);
  const faults = window.revokedAt === undefined ? [`${keyId} has no revokedAt`] : [];
  const isShown = reasons.has("compromise")
    ? window.revocationReason === "compromise"
    : reasons.has(window.revocationReason);
  if (!isShown)
    faults.push(`revocationReason of ${keyId} must be ${reasons.has("compromise") ? "compromise" : event.reason}`);
  if (invalidAfter !== undefined && window.invalidAfter !== invalidAfter) {
    faults.push(`invalidAfter of ${keyId} must be the earliest that was said`);
  }
  return faults;
}
