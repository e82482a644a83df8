import { fromHex, toHex, utf8 } from "../../core/bytes.ts";
import { sha512Half } from "../../core/xrpl/hash.ts";
import { keyOf } from "../rpc/signing-keys.ts";
import { type SentValidation, type Signatory, type SignedLedger, validationOf } from "./sent-validation.ts";
import { base64Of, jsonBytes, type KeyPair, signatureOf } from "./signed-fields.ts";
import { makeManifest, revokedSequence } from "./validator-manifest.ts";

/** Simulated validators, and how some of them misbehave; the faulty ones are taken from the end of the list. */
export interface ValidatorOptions {
  /** Members of the published list. */
  readonly count: number;
  /** Makes the keys: the same text, the same validators. */
  readonly seed: string;
  /** Members that send nothing. */
  readonly missing?: number;
  /** Members that sign validations that are not full. */
  readonly partial?: number;
  /** Members that send each validation twice, once partial. */
  readonly double?: number;
  /** Members that are revoked in the list and go on signing. */
  readonly revoked?: number;
  /** Members whose validations come late, and by how long. */
  readonly late?: { readonly members: number; readonly ms: number };
  /** Time for which the first list is good, seconds; a year by default. Less than nothing: it has expired before. */
  readonly listLifeS?: number;
}

/** When a list is in force, seconds of the Ripple epoch. */
interface ListTimes {
  readonly effectiveRippleS: number;
  readonly expirationRippleS: number;
}

/** A manifest as the network holds it now. */
export interface HeldManifest {
  readonly bytes: Uint8Array;
  readonly sequence: number;
  readonly masterKey: Uint8Array;
  /** Absent where the master key is revoked. */
  readonly signingKey?: Uint8Array;
}

export interface ValidatorSet {
  /** Master key of the publisher, upper-case hex. */
  readonly publisher: string;
  /** The list published last, version 1, as a server of lists gives it. */
  readonly list: object;
  validationsOf(ledger: SignedLedger): readonly SentValidation[];
  /** The newest manifest of the member that this key (33 bytes) is the master or the signing key of. */
  manifestOf(key: Uint8Array): HeldManifest | undefined;
  /** The member takes another signing key, by which it signs from now on. */
  rotate(at: number): void;
  /** The member's master key is given up; it goes on signing by the key it had, which nobody shall count. */
  revoke(at: number): void;
  /** Another list with the manifests of now takes the place of the one that was published. */
  publish(times: ListTimes): void;
  /** Hears of every manifest that comes. Returns the way to stop. */
  onManifest(hear: (manifest: HeldManifest) => void): () => void;
}

interface Member extends Signatory {
  readonly at: number;
  readonly manifest: HeldManifest;
}

const dayS = 86_400;
const yearS = 365 * dayS;

function pair(seed: string, name: string, type: "ed25519" | "secp256k1"): KeyPair {
  const { publicKey, privateKey } = keyOf(sha512Half(utf8(`${seed} ${name}`)).slice(0, 16), type);
  return { publicKey, privateKey };
}

/** @param sequence - 1 for the first signing key */
function signingPair(seed: string, at: number, sequence: number): KeyPair {
  return pair(seed, sequence === 1 ? `validator ${at} signing` : `validator ${at} signing ${sequence}`, "secp256k1");
}

/** @param signing - left out when the master key is revoked */
function heldManifest(master: KeyPair, sequence: number, signing?: KeyPair): HeldManifest {
  return {
    bytes: makeManifest(master, sequence, signing),
    sequence: signing ? sequence : revokedSequence,
    masterKey: fromHex(master.publicKey),
    ...(signing ? { signingKey: fromHex(signing.publicKey) } : {}),
  };
}

function makeMember({ seed, count, revoked = 0 }: ValidatorOptions, at: number): Member {
  const master = pair(seed, `validator ${at} master`, "ed25519");
  const signing = signingPair(seed, at, 1);
  const manifest = heldManifest(master, 1, count - at <= revoked ? undefined : signing);
  const cookie = BigInt(`0x${toHex(sha512Half(utf8(`${seed} cookie ${at}`)).slice(0, 8))}`);
  return { at, master, signing, manifest, cookie };
}

function signedList(
  seed: string,
  members: readonly Member[],
  sequence: number,
  { effectiveRippleS, expirationRippleS }: ListTimes,
): object {
  const master = pair(seed, "publisher master", "ed25519");
  const signing = pair(seed, "publisher signing", "secp256k1");
  const blob = jsonBytes({
    sequence,
    effective: effectiveRippleS,
    expiration: expirationRippleS,
    validators: members.map(({ master: { publicKey }, manifest }) => ({
      validation_public_key: publicKey,
      manifest: base64Of(manifest.bytes),
    })),
  });
  return {
    public_key: master.publicKey,
    manifest: base64Of(makeManifest(master, 1, signing)),
    blob: base64Of(blob),
    signature: toHex(signatureOf(blob, signing)).toUpperCase(),
    version: 1,
  };
}

/** Keys, manifests and a signed list of validators that exist in this process alone. @param nowRippleS - seconds since 2000 */
export function validatorSet(options: ValidatorOptions, nowRippleS: number): ValidatorSet {
  const { seed, count, listLifeS = yearS } = options;
  const members = Array.from({ length: count }, (_, at) => makeMember(options, at));
  const memberOf = new Map(
    members.flatMap(({ at, master, signing }) => [master, signing].map(({ publicKey }) => [publicKey, at] as const)),
  );
  const hearers = new Set<(manifest: HeldManifest) => void>();
  let sequence = 1;
  let list = signedList(seed, members, sequence, {
    effectiveRippleS: Math.max(0, nowRippleS + Math.min(0, listLifeS) - dayS),
    expirationRippleS: nowRippleS + listLifeS,
  });
  const member = (at: number): Member => {
    const found = members[at];
    if (!found) throw new RangeError(`there is no validator ${at}`);
    return found;
  };
  const replace = (renewed: Member): void => {
    memberOf.delete(member(renewed.at).signing.publicKey);
    members[renewed.at] = renewed;
    if (renewed.manifest.signingKey) memberOf.set(renewed.signing.publicKey, renewed.at);
    for (const hear of hearers) hear(renewed.manifest);
  };
  return {
    publisher: pair(seed, "publisher master", "ed25519").publicKey,
    get list() {
      return list;
    },
    validationsOf: (ledger) => members.flatMap((each) => sentBy(each, ledger, options)),
    manifestOf(key) {
      const at = memberOf.get(toHex(key).toUpperCase());
      return at === undefined ? undefined : members[at]?.manifest;
    },
    rotate(at) {
      const { manifest, ...same } = member(at);
      const signing = signingPair(seed, at, manifest.sequence + 1);
      replace({ ...same, signing, manifest: heldManifest(same.master, manifest.sequence + 1, signing) });
    },
    revoke(at) {
      const same = member(at);
      replace({ ...same, manifest: heldManifest(same.master, revokedSequence) });
    },
    publish(times) {
      sequence++;
      list = signedList(seed, members, sequence, times);
    },
    onManifest(hear) {
      hearers.add(hear);
      return () => void hearers.delete(hear);
    },
  };
}

function sentBy(member: Member, ledger: SignedLedger, options: ValidatorOptions): SentValidation[] {
  const { count, missing = 0, partial = 0, double = 0, late } = options;
  const fromEnd = count - member.at;
  if (fromEnd <= missing) return [];
  const delayMs = late && fromEnd <= late.members ? late.ms : 0;
  const whole = (): SentValidation => validationOf(member, ledger, true, delayMs);
  const part = (): SentValidation => validationOf(member, ledger, false, delayMs);
  if (fromEnd <= double) return [part(), whole()];
  return [fromEnd <= partial ? part() : whole()];
}
