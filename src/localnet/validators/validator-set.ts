import { concatBytes, fromHex, toHex, uintBytes, utf8 } from "../../core/bytes.ts";
import { hashPrefix, sha512Half, zeroHash } from "../../core/xrpl/hash.ts";
import { decodeLedgerHeader } from "../../core/xrpl/ledger-header.ts";
import type { ClosedLedger } from "../engine.ts";
import { keyOf } from "../rpc/signing-keys.ts";
import {
  base64Of,
  type Field,
  jsonBytes,
  type KeyPair,
  serialised,
  signatureOf,
  sized,
  uint32,
} from "./signed-fields.ts";
import { makeManifest } from "./validator-manifest.ts";

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
  /** Time for which the list is good, seconds; a year by default. */
  readonly listLifeS?: number;
}

/** One validation as its signer sent it. */
export interface SentValidation {
  /** The whole STValidation. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly flags: number;
  readonly cookie: bigint;
  readonly signingTimeRippleS: number;
  readonly validatedHash: Uint8Array;
  /** 33 bytes each. */
  readonly signingKey: Uint8Array;
  readonly masterKey: Uint8Array;
  /** Milliseconds after the close of the ledger. */
  readonly delayMs: number;
}

export interface ValidatorSet {
  /** Master key of the publisher, upper-case hex. */
  readonly publisher: string;
  /** The published list, version 1, as a server of lists gives it. */
  readonly list: object;
  /** Manifests of the members. */
  readonly manifests: readonly Uint8Array[];
  validationsOf(ledger: SignedLedger): readonly SentValidation[];
}

/** What validators look at. */
type SignedLedger = Pick<ClosedLedger, "index" | "hash" | "header">;

interface Member {
  readonly master: KeyPair;
  readonly signing: KeyPair;
  readonly manifest: Uint8Array;
  readonly cookie: bigint;
  /** From the end of the list. */
  readonly fromEnd: number;
}

const yearS = 365 * 86_400;
const fullFlag = 0x0000_0001;
const canonicalFlag = 0x8000_0000;

function pair(seed: string, name: string, type: "ed25519" | "secp256k1"): KeyPair {
  const { publicKey, privateKey } = keyOf(sha512Half(utf8(`${seed} ${name}`)).slice(0, 16), type);
  return { publicKey, privateKey };
}

function makeMember({ seed, count, revoked = 0 }: ValidatorOptions, at: number): Member {
  const master = pair(seed, `validator ${at} master`, "ed25519");
  const signing = pair(seed, `validator ${at} signing`, "secp256k1");
  const fromEnd = count - at;
  const manifest = fromEnd <= revoked ? makeManifest(master, 1) : makeManifest(master, 1, signing);
  const cookie = BigInt(`0x${toHex(sha512Half(utf8(`${seed} cookie ${at}`)).slice(0, 8))}`);
  return { master, signing, manifest, cookie, fromEnd };
}

/** Keys, manifests and a signed list of validators that exist in this process alone. @param nowRippleS - seconds since 2000 */
export function validatorSet(options: ValidatorOptions, nowRippleS: number): ValidatorSet {
  const members = Array.from({ length: options.count }, (_, at) => makeMember(options, at));
  const master = pair(options.seed, "publisher master", "ed25519");
  const signing = pair(options.seed, "publisher signing", "secp256k1");
  const blob = jsonBytes({
    sequence: 1,
    effective: Math.max(0, nowRippleS - 86_400),
    expiration: nowRippleS + (options.listLifeS ?? yearS),
    validators: members.map(({ master: { publicKey }, manifest }) => ({
      validation_public_key: publicKey,
      manifest: base64Of(manifest),
    })),
  });
  return {
    publisher: master.publicKey,
    list: {
      public_key: master.publicKey,
      manifest: base64Of(makeManifest(master, 1, signing)),
      blob: base64Of(blob),
      signature: toHex(signatureOf(blob, signing)).toUpperCase(),
      version: 1,
    },
    manifests: members.map(({ manifest }) => manifest),
    validationsOf: (ledger) => members.flatMap((member) => sentBy(member, ledger, options)),
  };
}

function sentBy(member: Member, ledger: SignedLedger, options: ValidatorOptions): SentValidation[] {
  const { missing = 0, partial = 0, double = 0, late } = options;
  const { fromEnd } = member;
  if (fromEnd <= missing) return [];
  const delayMs = late && fromEnd <= late.members ? late.ms : 0;
  const whole = (): SentValidation => validationOf(member, ledger, true, delayMs);
  const part = (): SentValidation => validationOf(member, ledger, false, delayMs);
  if (fromEnd <= double) return [part(), whole()];
  return [fromEnd <= partial ? part() : whole()];
}

/** A signed STValidation of a ledger, its fields in the order of rippled's. */
function validationOf(
  { master, signing, cookie }: Member,
  ledger: SignedLedger,
  isFull: boolean,
  delayMs: number,
): SentValidation {
  const flags = (canonicalFlag | (isFull ? fullFlag : 0)) >>> 0;
  const header = decodeLedgerHeader(ledger.header);
  const signingTimeRippleS = header.closeTimeRippleS;
  const fields: readonly Field[] = [
    [[0x22], uint32(flags)],
    [[0x26], uint32(ledger.index)],
    [[0x29], uint32(signingTimeRippleS)],
    [[0x3a], uintBytes(cookie, 8)],
    [[0x51], fromHex(ledger.hash)],
    [[0x50, 0x17], zeroHash],
    [[0x50, 0x19], header.parentHash],
    [[0x73], sized(fromHex(signing.publicKey))],
  ];
  const signature = signatureOf(concatBytes(hashPrefix.validation, serialised(fields)), signing);
  return {
    data: serialised([...fields, [[0x76], sized(signature)]]),
    signature,
    flags,
    cookie,
    signingTimeRippleS,
    validatedHash: header.parentHash,
    signingKey: fromHex(signing.publicKey),
    masterKey: fromHex(master.publicKey),
    delayMs,
  };
}
