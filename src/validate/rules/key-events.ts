import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { keyVerdict } from "../../core/key-window.ts";
import type { Maintainer } from "../../core/node-manifest.ts";
import { parsePublicKeyPem } from "../../core/public-key.ts";
import { parseRfc3339 } from "../../core/time.ts";
import type { Place } from "../finding.ts";
import type { Entry } from "../ledger-state.ts";
import type { RuleContext } from "../rule.ts";
import { readable } from "./events.ts";

/** What one key event says. */
interface KeyEvent {
  readonly entry: Entry;
  readonly place: Place;
  readonly type: "KeyRotation" | "KeyRevocation";
  readonly repo: string;
  readonly said: JsonObject;
}

/** All that was said of one key of one repository. */
interface KeyStory {
  readonly retiresAt: number[];
  readonly beginsAt: number[];
  readonly invalidAfter: number[];
  readonly reasons: Set<string | undefined>;
}

type StoryOf = (repo: string, keyId: string | undefined) => KeyStory;

const needed = {
  KeyRotation: ["retiringKeyId", "newKeyId", "newPublicKey", "effectiveAt"],
  KeyRevocation: ["revokedKeyId", "reason"],
} as const;

/**
 * jsonl dialect: what is said of keys is whole, said by somebody who may, and shown by the node's manifest. A node may
 * rotate and revoke more than once; the manifest then shows the strictest of what was said of each key.
 */
export function judgeKeyEvents(context: RuleContext): void {
  const events = readable(context.entries).flatMap((entry): KeyEvent[] => {
    const { type, repo, json } = entry.event;
    const said = json["key"];
    if ((type !== "KeyRotation" && type !== "KeyRevocation") || repo === undefined || !isJsonObject(said)) return [];
    return [{ entry, place: entry.place, type, repo, said }];
  });
  const storyOf = storiesOf(events);
  for (const event of events.filter((each) => isWhole(each, context))) {
    judgeSigner(event, context);
    const maintainers = context.nodes.byId.get(event.repo)?.maintainers ?? [];
    const faults = event.type === "KeyRotation" ? rotationFaults : revocationFaults;
    for (const fault of faults(event, maintainers, storyOf)) {
      context.sink.add("KEY_EVENT_NOT_IN_MANIFEST", event.place, fault);
    }
  }
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

function storiesOf(events: readonly KeyEvent[]): StoryOf {
  const stories = new Map<string, KeyStory>();
  const storyOf: StoryOf = (repo, keyId) => {
    const name = JSON.stringify([repo, keyId]);
    const story = stories.get(name) ?? { retiresAt: [], beginsAt: [], invalidAfter: [], reasons: new Set() };
    stories.set(name, story);
    return story;
  };
  for (const { type, repo, said } of events) {
    if (type === "KeyRotation") {
      storyOf(repo, textOf(said, "retiringKeyId")).retiresAt.push(...timeOf(said, "effectiveAt"));
      storyOf(repo, textOf(said, "newKeyId")).beginsAt.push(...timeOf(said, "effectiveAt"));
    } else {
      const story = storyOf(repo, textOf(said, "revokedKeyId"));
      story.invalidAfter.push(...timeOf(said, "invalidAfter"));
      story.reasons.add(textOf(said, "reason"));
    }
  }
  return storyOf;
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

/** A key does not revoke itself, and a compromised key decides over none. */
function judgeSigner({ entry, type, repo, said, place }: KeyEvent, { signers, nodes, sink }: RuleContext): void {
  const [signer] = signers.get(entry) ?? [];
  if (!signer || !entry.event) return;
  const about = type === "KeyRevocation" ? textOf(said, "revokedKeyId") : undefined;
  const revoked = keyOf(nodes.byId.get(repo)?.maintainers ?? [], about);
  if (revoked && equalBytes(revoked.publicKey, signer.key.publicKey)) {
    return sink.add("KEY_EVENT_SIGNER", place, `${about} revokes itself`);
  }
  const verdict = keyVerdict(signer.key.window, { claimed: entry.event.unixMs });
  if (!verdict.valid && verdict.why === "compromised") {
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

function isKey({ publicKey }: Maintainer, pem: string | undefined): boolean {
  try {
    return pem !== undefined && equalBytes(parsePublicKeyPem(pem), publicKey);
  } catch (error) {
    if (error instanceof SettlementError) return false;
    throw error;
  }
}

type Faults = (event: KeyEvent, maintainers: readonly Maintainer[], storyOf: StoryOf) => string[];

const rotationFaults: Faults = ({ repo, said }, maintainers, storyOf) => {
  const faults: string[] = [];
  const [oldId, newId] = [textOf(said, "retiringKeyId"), textOf(said, "newKeyId")];
  const [retiring, taking] = [keyOf(maintainers, oldId), keyOf(maintainers, newId)];
  const [until, from] = [least(storyOf(repo, oldId).retiresAt), greatest(storyOf(repo, newId).beginsAt)];
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
  const { reasons, invalidAfter } = storyOf(repo, keyId);
  const faults = window.revokedAt === undefined ? [`${keyId} has no revokedAt`] : [];
  const isShown = reasons.has("compromise")
    ? window.revocationReason === "compromise"
    : reasons.has(window.revocationReason);
  if (!isShown)
    faults.push(
      `revocationReason of ${keyId} must be ${reasons.has("compromise") ? "compromise" : textOf(said, "reason")}`,
    );
  if (invalidAfter.length > 0 && window.invalidAfter !== least(invalidAfter)) {
    faults.push(`invalidAfter of ${keyId} must be the earliest that was said`);
  }
  return faults;
};

function least(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function greatest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
