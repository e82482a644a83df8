import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { parsePublicKey } from "../../core/identity.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { keyVerdict } from "../../core/key-window.ts";
import type { Maintainer } from "../../core/node-manifest.ts";
import { parseRfc3339 } from "../../core/time.ts";
import type { Place } from "../finding.ts";
import type { KeySaying, KeyStory } from "../key-stories.ts";
import type { Readable, RuleContext } from "../rule.ts";

/** What one key event says. */
interface KeyEvent {
  readonly entry: Readable;
  readonly place: Place;
  readonly type: "KeyRotation" | "KeyRevocation";
  readonly repo: string;
  readonly said: JsonObject;
}

const needed = {
  KeyRotation: ["retiringKeyId", "newKeyId", "newPublicKey", "effectiveAt"],
  KeyRevocation: ["revokedKeyId", "reason"],
} as const;

/**
 * jsonl dialect: what is said of keys is whole, said by somebody who may, and shown by the node's manifest. A node may
 * rotate and revoke more than once; the manifest then shows the strictest of what was said of each key.
 */
export function judgeKeyEvent(entry: Readable, context: RuleContext): void {
  const event = keyEventOf(entry);
  if (!event || !isWhole(event, context)) return;
  judgeSigner(event, context);
  const maintainers = context.nodes.byId.get(event.repo)?.maintainers ?? [];
  const own = sayingsOf(event);
  const storyOf: StoryOf = (keyId) => context.memory.keys.story(event.repo, keyId, own);
  const faults = event.type === "KeyRotation" ? rotationFaults : revocationFaults;
  for (const fault of faults(event, maintainers, storyOf)) {
    context.sink.add("KEY_EVENT_NOT_IN_MANIFEST", event.place, fault);
  }
}

/** What an event says of keys; nothing when it is no key event. */
export function keySayings(entry: Readable): readonly KeySaying[] {
  const event = keyEventOf(entry);
  return event ? sayingsOf(event) : [];
}

function keyEventOf(entry: Readable): KeyEvent | undefined {
  const { type, repo, json } = entry.event;
  if ((type !== "KeyRotation" && type !== "KeyRevocation") || repo === undefined) return undefined;
  const said = json["key"];
  return isJsonObject(said) ? { entry, place: entry.place, type, repo, said } : undefined;
}

function sayingsOf({ type, repo, said }: KeyEvent): KeySaying[] {
  if (type === "KeyRotation") {
    const [time] = timeOf(said, "effectiveAt");
    return [
      { repo, keyId: textOf(said, "retiringKeyId"), ...(time === undefined ? {} : { retiresAt: time }) },
      { repo, keyId: textOf(said, "newKeyId"), ...(time === undefined ? {} : { beginsAt: time }) },
    ];
  }
  const [time] = timeOf(said, "invalidAfter");
  const reason = { text: textOf(said, "reason") };
  return [{ repo, keyId: textOf(said, "revokedKeyId"), reason, ...(time === undefined ? {} : { invalidAfter: time }) }];
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}

/** A time, none where it is missing or no time, which the schema reports. */
function timeOf(object: JsonObject, name: string): number[] {
  const text = textOf(object, name);
  try {
    return text === undefined ? [] : [parseRfc3339(text)];
  } catch (error) {
    if (error instanceof SettlementError) return [];
    throw error;
  }
}

function isWhole({ type, said, place }: KeyEvent, { sink }: RuleContext): boolean {
  const action = type === "KeyRotation" ? "rotate" : "revoke";
  const members = [...needed[type], ...(said["reason"] === "compromise" ? ["invalidAfter"] : [])];
  const missing = members.filter((name) => textOf(said, name) === undefined);
  const isOther = said["action"] !== action;
  if (isOther) sink.add("KEY_EVENT_INCOMPLETE", place, `key.action of ${type} must be ${action}`);
  if (missing.length > 0) sink.add("KEY_EVENT_INCOMPLETE", place, `key lacks ${missing.join(", ")}`);
  return missing.length === 0 && !isOther;
}

/**
 * A key does not revoke itself, and a compromised key decides over none. A compromise that was declared after the event
 * was accepted does not undo it, as it undoes no other event of the ledger.
 */
function judgeSigner({ entry, type, repo, said, place }: KeyEvent, { signers, nodes, sink }: RuleContext): void {
  const [signer] = signers.get(entry) ?? [];
  if (!signer) return;
  const about = type === "KeyRevocation" ? textOf(said, "revokedKeyId") : undefined;
  const revoked = keyOf(nodes.byId.get(repo)?.maintainers ?? [], about);
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

type Faults = (event: KeyEvent, maintainers: readonly Maintainer[], storyOf: StoryOf) => string[];

const rotationFaults: Faults = ({ repo, said }, maintainers, storyOf) => {
  const faults: string[] = [];
  const [oldId, newId] = [textOf(said, "retiringKeyId"), textOf(said, "newKeyId")];
  const [retiring, taking] = [keyOf(maintainers, oldId), keyOf(maintainers, newId)];
  const [until, from] = [storyOf(oldId).retiresAt, storyOf(newId).beginsAt];
  if (!retiring) faults.push(`${repo} has no key ${oldId}, which is to retire`);
  else if (retiring.window.validUntil !== until)
    faults.push(`validUntil of ${oldId} must be when the rotation takes effect`);
  if (!taking) return [...faults, `${repo} has no key ${newId}, which is to take over`];
  if (taking.window.validFrom !== from) faults.push(`validFrom of ${newId} must be when the rotation takes effect`);
  if (!isKey(taking, textOf(said, "newPublicKey"))) faults.push(`the public key of ${newId} is not the newPublicKey`);
  return faults;
};

const revocationFaults: Faults = ({ repo, said }, maintainers, storyOf) => {
  const keyId = textOf(said, "revokedKeyId");
  const window = keyOf(maintainers, keyId)?.window;
  if (!window) return [`${repo} has no key ${keyId}, which is revoked`];
  const { reasons, invalidAfter } = storyOf(keyId);
  const faults = window.revokedAt === undefined ? [`${keyId} has no revokedAt`] : [];
  const isShown = reasons.has("compromise")
    ? window.revocationReason === "compromise"
    : reasons.has(window.revocationReason);
  if (!isShown)
    faults.push(
      `revocationReason of ${keyId} must be ${reasons.has("compromise") ? "compromise" : textOf(said, "reason")}`,
    );
  if (invalidAfter !== undefined && window.invalidAfter !== invalidAfter) {
    faults.push(`invalidAfter of ${keyId} must be the earliest that was said`);
  }
  return faults;
};
