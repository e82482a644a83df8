import { verify } from "node:crypto";
import { encodeForMultisigning, encodeForSigning } from "ripple-binary-codec";
import { withStrictEncoding } from "../../core/ed25519.ts";
import { publicKeyDer } from "../../core/public-key.ts";
import { verifyKeySignature } from "../../core/xrpl/key-signature.ts";
import { compareAccounts } from "./account-order.ts";
import { bytesOf } from "./hex.ts";
import { type SignerJson, type TransactionJson } from "./transaction.ts";

const maxSigners = 32;

/** What is wrong with the signatures, in rippled's words; undefined when they are good. Who may sign is another question. */
export function signatureFault(json: TransactionJson): string | undefined {
  return json.SigningPubKey === "" ? multiSignatureFault(json) : singleSignatureFault(json);
}

function singleSignatureFault(json: TransactionJson): string | undefined {
  if (json.Signers) return "Cannot both single- and multi-sign.";
  const isGood = isSignatureOf(encodeForSigning({ ...json }), json.TxnSignature ?? "", json.SigningPubKey);
  return isGood ? undefined : "Invalid signature.";
}

function multiSignatureFault(json: TransactionJson): string | undefined {
  const { Signers } = json;
  if (!Signers) return "Empty SigningPubKey.";
  if (json.TxnSignature !== undefined) return "Cannot both single- and multi-sign.";
  if (Signers.length < 1 || Signers.length > maxSigners) return "Invalid Signers array size.";
  let last: SignerJson["Signer"] | undefined;
  for (const { Signer } of Signers) {
    if (Signer.Account === json.Account) return "Invalid multisigner.";
    const order = last ? compareAccounts(last.Account, Signer.Account) : -1;
    if (order === 0) return "Duplicate Signers not allowed.";
    if (order > 0) return "Unsorted Signers array.";
    last = Signer;
    const signed = encodeForMultisigning({ ...json }, Signer.Account);
    if (!isSignatureOf(signed, Signer.TxnSignature, Signer.SigningPubKey)) {
      return `Invalid signature on account ${Signer.Account}.`;
    }
  }
  return undefined;
}

/** OpenSSL takes a tenth of the time of the portable library. */
const verifyEd25519 = withStrictEncoding((publicKey, message, signature) => {
  const key = { key: Buffer.from(publicKeyDer(publicKey)), format: "der", type: "spki" } as const;
  return verify(null, message, key, signature);
});

function isSignatureOf(messageHex: string, signatureHex: string, publicKey: string): boolean {
  const signed = { message: bytesOf(messageHex), signature: bytesOf(signatureHex) };
  return verifyKeySignature(bytesOf(publicKey), signed, verifyEd25519);
}
