import { fromBase64, fromHex, fromUtf8, toBase64, toHex } from "../../src/core/bytes.ts";
import { fieldsOf } from "../../src/core/fields.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { parseHeaderJson } from "../../src/core/xrpl/header-json.ts";
import type { LedgerHeader } from "../../src/core/xrpl/ledger-header.ts";
import { nodeKeyText } from "../../src/core/xrpl/validation.ts";
import {
  type Key,
  listContent,
  manifestBytes,
  secpKey,
  signedBlob,
  validationBytes,
  validator,
} from "../core/xrpl/made-network.ts";

type Json = Record<string, JsonValue>;

const mostMembers = 6;
const signers = Array.from({ length: mostMembers }, (_, at) => secpKey(`stranger ${at}`));
const strangers = signers.map((_, at) => validator(`stranger ${at}`));

/** A key that is somebody else's: what it signs is no signature of theirs. */
function pretended(publicKey: Uint8Array): Key {
  const [own] = signers;
  return { publicKey, sign: (message) => own?.sign(message) ?? new Uint8Array() };
}

export function headerOf(holder: Json): LedgerHeader {
  return parseHeaderJson(fieldsOf("XPOP_MALFORMED", "", holder["ledger"]));
}

function lastHeader(xpop: Json): LedgerHeader {
  const chain = xpop["chain"] as readonly Json[] | undefined;
  return headerOf({ ledger: chain?.at(-1) ?? xpop["ledger"] ?? null });
}

function masterKeys({ unl }: Json): Uint8Array[] {
  const text = fromUtf8(fromBase64((unl as Record<string, string>)["blob"] ?? ""));
  const { validators } = JSON.parse(text) as { validators: readonly { validation_public_key: string }[] };
  return validators.slice(0, mostMembers).map((member) => fromHex(member.validation_public_key));
}

function votes(keys: readonly Key[], header: LedgerHeader): Json {
  const signed = keys.map((signing) => {
    const bytes = validationBytes({ signing, header });
    return [nodeKeyText(signing.publicKey), toHex(bytes).toUpperCase()] as const;
  });
  return Object.fromEntries(signed);
}

/** Every member of the list voted by a new signing key, so it is said: the manifests bear no signature of the members. */
export function votesByStrangers(xpop: Json): Json {
  const validation = xpop["validation"] as Json;
  const manifests = masterKeys(validation).map((publicKey, at) =>
    toBase64(
      manifestBytes({ master: pretended(publicKey), signing: signers[at] ?? pretended(publicKey), sequence: 9 }),
    ),
  );
  const data = votes(signers.slice(0, manifests.length), lastHeader(xpop));
  return { ...xpop, validation: { ...validation, manifests: manifests.toSorted(), data } };
}

/** A list of strangers by a new signing key of the publisher, so it is said: its manifest bears no signature of the publisher. */
export function listOfStrangers(xpop: Json): Json {
  const validation = xpop["validation"] as Json;
  const unl = validation["unl"] as Record<string, string>;
  const [signing = pretended(new Uint8Array(33))] = signers;
  const header = lastHeader(xpop);
  const members = strangers.slice(0, 2);
  const content = listContent({ members, sequence: 99, expiration: header.closeTimeRippleS + 1000 });
  const manifest = manifestBytes({ master: pretended(fromHex(unl["public_key"] ?? "")), signing, sequence: 9 });
  const data = votes(
    members.map((member) => member.signing),
    header,
  );
  const forged = {
    public_key: unl["public_key"] ?? "",
    manifest: toBase64(manifest),
    ...signedBlob(content, signing),
    version: 1,
  };
  return { ...xpop, validation: { data, unl: forged } };
}
