import type { LedgerEvent } from "../../core/ledger-event.ts";
import { type KeyVerdict, keyVerdict } from "../../core/key-window.ts";
import { keyEventOf, retires } from "../../core/key-event.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import { indexNodes, type Signer, signersOf } from "../../core/signer.ts";
import type { Entry } from "../ledger-state.ts";
import { readable, type Readable, type RuleContext } from "../rule.ts";

/** So many bad signatures are looked into; of further ones it is only said that they are bad. */
export const maxInquiries = 100;

/** What was spent on signatures so far. */
export interface SignatureTally {
  /** Events whose signature was verified. */
  checked: number;
  /** Bad signatures that may still be looked into. */
  inquiries: number;
}

/**
 * Every event is signed by a registered node that may say it, with a key that was valid. Fills `context.signers`.
 *
 * @returns number of events whose signature was verified
 */
export function judgeSignatures(context: RuleContext): number {
  const tally: SignatureTally = { checked: 0, inquiries: maxInquiries };
  for (const entry of readable(context.entries)) judgeSignature(entry, context, tally);
  return tally.checked;
}

/** The same of one event. */
export function judgeSignature(entry: Readable, context: RuleContext, tally: SignatureTally): void {
  const { event, place, isSound } = entry;
  const { nodes, signers, sink } = context;
  const unknown = unregistered(event, context);
  if (unknown !== undefined) return sink.add("SIGNER_NOT_REGISTERED", place, `${unknown} has no manifest in nodes/`);
  if (!isSound) return;
  const found = signersOf(event, nodes, context.verify, { namedOnly: tally.inquiries <= 0 });
  tally.checked++;
  const named = found.every(isNamed) ? found : found.filter(isNamed);
  signers.set(entry, named.length > 0 ? named : found);
  if (named.length > 0) return judgeWindows(entry, event, named, context);
  inquire(entry, event, found, context, tally);
  tally.inquiries--;
}

function isNamed({ named }: Signer): boolean {
  return named;
}

/** Events of the jsonl dialect whose repository need not be who signed them. */
const speaksOfOthers: ReadonlySet<LedgerEvent["type"]> = new Set([
  "AttestationPublished",
  "PolicyViolation",
  "KeyRotation",
  "KeyRevocation",
]);

/** The node that must be registered for this event and is not. */
function unregistered({ dialect, type, nodeId, repo }: LedgerEvent, { nodes }: RuleContext): string | undefined {
  const own = dialect === "monthly" ? nodeId : speaksOfOthers.has(type) ? undefined : repo;
  return own === undefined || nodes.byId.has(own) ? undefined : own;
}

/** Says why nobody who may sign an event signed it. */
function inquire(
  { place }: Entry,
  event: LedgerEvent,
  found: readonly Signer[],
  context: RuleContext,
  { inquiries }: SignatureTally,
): void {
  const { sink, nodes } = context;
  if (found[0]) {
    const { node, key } = found[0];
    const message = `key id ${event.keyId} names no key that signed this; ${key.keyId ?? key.name} of ${node.id} did`;
    return sink.add("SIGNATURE_KEY_ID_WRONG", place, message);
  }
  const stranger = event.dialect === "jsonl" && inquiries > 0 ? strangerOf(event, context) : undefined;
  if (stranger) {
    const message = `${stranger.id} (${stranger.kind}) signed this, and may not say ${event.type} of ${event.repo}`;
    return sink.add("SIGNER_NOT_PERMITTED", place, message);
  }
  const keys = nodes.keyRing(event).keys.length;
  const who = event.nodeId ?? `anybody who may say ${event.type} of ${event.repo}`;
  sink.add("SIGNATURE_INVALID", place, `the signature verifies under none of the ${keys} keys of ${who}`);
}

/** A registered node that signed an event without being permitted to, found by the key id it names. */
function strangerOf(event: LedgerEvent, { nodes, verify }: RuleContext): NodeManifest | undefined {
  const named = [...nodes.byId.values()].filter(({ maintainers }) =>
    maintainers.some(({ keyId }) => keyId === undefined || keyId === event.keyId),
  );
  // As a node's own release every one of its keys may sign.
  return named
    .slice(0, maxInquiries)
    .find(
      (node) =>
        signersOf({ ...event, type: "ReleasePublished", repo: node.id }, indexNodes([node], nodes.policy), verify)
          .length > 0,
    );
}

function judgeWindows(entry: Entry, event: LedgerEvent, signers: readonly Signer[], context: RuleContext): void {
  const faults: { readonly signer: Signer; readonly fault: KeyFault }[] = [];
  for (const signer of signers) {
    const fault = keyFault(entry, event, signer, context);
    if (!fault) return;
    faults.push({ signer, fault });
  }
  const [best] = faults.toSorted((a, b) => weight(a.fault) - weight(b.fault));
  if (!best) return;
  const { signer, fault } = best;
  context.sink.add(
    fault.code,
    entry.place,
    `${signer.key.keyId ?? signer.key.name} of ${signer.node.id}: ${fault.detail}`,
  );
}

interface KeyFault {
  readonly code: "KEY_NOT_VALID" | "KEY_NOT_VALID_NOW" | "KEY_COMPROMISED";
  readonly detail: string;
}

function weight({ code }: KeyFault): number {
  return code === "KEY_COMPROMISED" ? 1 : 2;
}

/** A compromise that was declared after the event was accepted is no fault of the ledger: it is told, not refused. */
function keyFault(entry: Entry, event: LedgerEvent, signer: Signer, context: RuleContext): KeyFault | undefined {
  const { window } = signer.key;
  const month = context.closed.monthOf(event);
  const witnessed = month === undefined ? undefined : context.witnessedUnixMs(month);
  const then = keyVerdict(window, { claimed: event.unixMs, witnessed });
  if (then.valid && !context.isNew(entry)) return undefined;
  const now = keyVerdict(window, { claimed: context.clock.nowUnixMs });
  const declared = window.revokedAt ?? window.invalidAfter ?? Number.NEGATIVE_INFINITY;
  const isToldLater = whyNot(then) === "compromised" && event.unixMs < declared;
  const excused = retires(keyEventOf(event), signer.node.id, signer.key) ? ["expired"] : [];
  if (!then.valid && !isToldLater && !excused.includes(then.why)) return { code: "KEY_NOT_VALID", detail: then.detail };
  if (context.isNew(entry) && ![undefined, "early", ...excused].includes(whyNot(now))) {
    return { code: "KEY_NOT_VALID_NOW", detail: "the key may not sign new events" };
  }
  return !then.valid && isToldLater ? { code: "KEY_COMPROMISED", detail: then.detail } : undefined;
}

function whyNot(verdict: KeyVerdict): string | undefined {
  return verdict.valid ? undefined : verdict.why;
}
