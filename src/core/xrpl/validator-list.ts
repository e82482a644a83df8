import { fromBase64, fromHex, fromUtf8, toBase64, toHex } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { type FieldReader, fieldsOf } from "../fields.ts";
import { type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { formatRippleTime } from "./close-time.ts";

/** A list in bytes, as its publisher signed it. */
export interface SignedBlob {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** The publisher's manifest for this blob, where it has one of its own (XLS-45). */
  readonly manifest?: Uint8Array;
}

/** What a publisher serves: one signed list, or since version 2 also lists of the time to come. */
export interface ValidatorList {
  /** Master key of the publisher, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly manifest: Uint8Array;
  readonly version: 1 | 2;
  readonly blobs: readonly SignedBlob[];
}

/** A validator of a list, by its master key. */
export interface ListMember {
  /** Upper-case hex, 33 bytes. */
  readonly masterKey: string;
  /** As the list holds them, unchecked; none where the list gives the key alone. */
  readonly manifests: readonly Uint8Array[];
}

/** What a signed list says. Times are seconds of the Ripple epoch. */
export interface ListContent {
  readonly sequence: number;
  /** From when it is in force; from ever where left out. */
  readonly effectiveRippleS?: number;
  /** First instant at which it is no longer in force. */
  readonly expirationRippleS: number;
  /** Each master key once. */
  readonly members: readonly ListMember[];
}

/** As many as rippled takes. */
const maxBlobs = 5;
/** The networks' lists name about 35. */
const maxMembers = 256;
const uint32Max = 0xffff_ffff;

/**
 * A published validator list, version 1 or 2 (XLS-45, `blobs_v2` as servers write it or `blobs-v2` as the standard does).
 * No signature is checked. Members that are not known are left aside, since a list is copied as it was served.
 *
 * @throws SettlementError `XRPL_LIST_MALFORMED`
 */
export function parseValidatorList(value: JsonValue): ValidatorList {
  const fields = fieldsOf("XRPL_LIST_MALFORMED", "validator list", value);
  const common = { publicKey: fromHex(fields.hex("public_key", 33)), manifest: base64(fields, "manifest") };
  const version = fields.member("version");
  if (version === 1) return { ...common, version, blobs: [parseBlob(fields)] };
  if (version !== 2) return fields.fail('member "version" must be 1 or 2');
  const names = ["blobs_v2", "blobs-v2"].filter((name) => fields.has(name));
  const [name] = names;
  if (name === undefined || names.length > 1) return fields.fail('exactly one member "blobs_v2" is expected');
  const blobs = fields.list(name, maxBlobs);
  if (blobs.length === 0) fields.fail(`member "${name}" is empty`);
  return { ...common, version, blobs: blobs.map((blob, at) => parseBlobAt(blob, `${name}[${at}]`)) };
}

function parseBlobAt(value: JsonValue, where: string): SignedBlob {
  const fields = fieldsOf("XRPL_LIST_MALFORMED", `validator list.${where}`, value);
  return { ...parseBlob(fields), ...(fields.has("manifest") ? { manifest: base64(fields, "manifest") } : {}) };
}

function parseBlob(fields: FieldReader): SignedBlob {
  return { bytes: base64(fields, "blob"), signature: fromHex(fields.hex("signature")) };
}

function base64(fields: FieldReader, name: string): Uint8Array {
  const text = fields.text(name, 1_000_000);
  try {
    return fromBase64(text);
  } catch {
    return fields.fail(`member "${name}" must be base64 with padding`);
  }
}

/** A list of version 1, as an XPOP holds it. */
export function validatorListJson({ publicKey, manifest }: ValidatorList, blob: SignedBlob): JsonObject {
  return {
    public_key: toHex(publicKey).toUpperCase(),
    manifest: toBase64(blob.manifest ?? manifest),
    blob: toBase64(blob.bytes),
    signature: toHex(blob.signature).toUpperCase(),
    version: 1,
  };
}

/** A blob with what it says. */
interface ReadBlob {
  readonly blob: SignedBlob;
  readonly content: ListContent;
}

/**
 * Every blob of a list with what it says, whenever it is in force.
 *
 * @throws SettlementError `XRPL_LIST_MALFORMED`
 */
export function listContents({ blobs }: ValidatorList): readonly ReadBlob[] {
  return blobs.map((blob) => ({ blob, content: parseListContent(blob.bytes) }));
}

/**
 * The blob in force at an instant with what it says: of those that have come into force the one of the highest sequence,
 * so an older list does not live on when a newer one has expired.
 *
 * @throws SettlementError `XRPL_LIST_MALFORMED`, `XRPL_LIST_REFUTED` when none is in force
 */
export function listInForce(list: ValidatorList, atRippleS: number): ReadBlob {
  const lists = listContents(list);
  if (new Set(lists.map(({ content }) => content.sequence)).size < lists.length) {
    throw new SettlementError("XRPL_LIST_MALFORMED", "two validator lists have the same sequence");
  }
  const begun = lists.filter(({ content }) => (content.effectiveRippleS ?? 0) <= atRippleS);
  const [latest] = begun.toSorted((a, b) => b.content.sequence - a.content.sequence);
  const at = `when the ledger closed, ${formatRippleTime(atRippleS)}`;
  if (!latest) throw new SettlementError("XRPL_LIST_REFUTED", `no validator list was in force yet ${at}`);
  const { sequence, expirationRippleS } = latest.content;
  if (atRippleS < expirationRippleS) return latest;
  const end = formatRippleTime(expirationRippleS);
  throw new SettlementError(
    "XRPL_LIST_REFUTED",
    `validator list ${sequence} was in force until ${end}, and no longer ${at}`,
  );
}

/** @throws SettlementError `XRPL_LIST_MALFORMED` */
function parseListContent(bytes: Uint8Array): ListContent {
  const fields = fieldsOf("XRPL_LIST_MALFORMED", "signed validator list", parseListJson(bytes));
  const expirationRippleS = fields.count("expiration", uint32Max);
  const effective = fields.has("effective") ? { effectiveRippleS: fields.count("effective", uint32Max) } : {};
  if (expirationRippleS <= (effective.effectiveRippleS ?? -1)) fields.fail("it expires before it comes into force");
  const entries = fields.list("validators", maxMembers).map(parseMember);
  if (entries.length === 0) fields.fail("it names no validator");
  const byKey = Map.groupBy(entries, ({ masterKey }) => masterKey);
  return {
    sequence: fields.count("sequence", uint32Max),
    ...effective,
    expirationRippleS,
    members: Array.from(byKey, ([masterKey, same]) => ({
      masterKey,
      manifests: same.flatMap(({ manifests }) => manifests),
    })),
  };
}

function parseListJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(fromUtf8(bytes));
  } catch (cause) {
    if (!(cause instanceof SettlementError)) throw cause;
    throw new SettlementError("XRPL_LIST_MALFORMED", `the signed validator list is no JSON: ${cause.message}`, {
      cause,
    });
  }
}

/** A manifest that is no base64 makes a member that cannot vote, not a bad list: its publisher signed it so. */
function parseMember(value: JsonValue, at: number): ListMember {
  const fields = fieldsOf("XRPL_LIST_MALFORMED", `signed validator list.validators[${at}]`, value);
  const masterKey = fields.hex("validation_public_key", 33).toUpperCase();
  const manifest = fields.has("manifest") ? fields.member("manifest") : undefined;
  return { masterKey, manifests: typeof manifest === "string" ? decoded(manifest) : [] };
}

function decoded(manifest: string): Uint8Array[] {
  try {
    return [fromBase64(manifest)];
  } catch {
    return [];
  }
}
