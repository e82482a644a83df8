import type { VerifySignature } from "./ed25519.ts";
import { type KeyVerdict, keyVerdict } from "./key-window.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { NodeId } from "./node-id.ts";
import { mayEmit } from "./policy.ts";
import type { KeyWindows } from "./release-keys.ts";
import { type NodeIndex, signersOf } from "./signer.ts";

/** Whether an event counts, and who said it. */
export type Standing =
  | { readonly counts: true; readonly node: NodeId; readonly keyId: string | undefined }
  | { readonly counts: false; readonly node: NodeId | undefined; readonly why: string };

/** An event and whether it counts. */
export interface Judged {
  readonly event: LedgerEvent;
  readonly standing: Standing;
}

export interface SignerRules {
  readonly index: NodeIndex;
  readonly keys: KeyWindows;
  readonly verify: VerifySignature;
}

/**
 * Does an event count in a verdict about a release? It does when a registered node that may say it signed it, with a key
 * that the event names and that was valid. A compromise that was declared later counts against it.
 *
 * @param witnessed - proven upper bound of the time at which the event existed, milliseconds since 1970: the close time
 * of the XRPL ledger that witnessed it, where its anchor was verified. A network's own word about its anchors is none
 */
export function standingOf(event: LedgerEvent, { index, keys, verify }: SignerRules, witnessed?: number): Standing {
  const signers = signersOf(event, index, verify);
  const permitted = signers.filter(({ node }) => mayEmit(event, node, index.policy));
  const named = permitted.filter((signer) => signer.named);
  const [someone] = signers;
  if (named.length === 0) return { counts: false, node: someone?.node.id, why: whyNobody(event, permitted.length > 0) };
  const time = { claimed: event.unixMs, ...(witnessed === undefined ? {} : { witnessed }) };
  const verdicts = named.map((signer) => ({ signer, verdict: keyVerdict(keys.of(signer.node.id, signer.key), time) }));
  const good = verdicts.find(({ verdict }) => verdict.valid);
  const { signer, verdict } = good ?? verdicts[0] ?? { signer: undefined, verdict: undefined };
  if (good && signer) return { counts: true, node: signer.node.id, keyId: signer.key.keyId };
  return { counts: false, node: signer?.node.id, why: `${signer?.key.keyId ?? "the key"}: ${detailOf(verdict)}` };
}

function detailOf(verdict: KeyVerdict | undefined): string {
  return verdict === undefined || verdict.valid ? "" : verdict.detail;
}

function whyNobody({ dialect, type, nodeId, keyId, repo }: LedgerEvent, isSigned: boolean): string {
  if (isSigned) return `key id ${keyId} names no key that signed it`;
  const who = dialect === "monthly" ? `${nodeId}, as a node that may,` : `nobody who may say ${type} of ${repo}`;
  return dialect === "monthly" ? `${who} did not sign this ${type}` : `${who} signed it`;
}
