import { randomBytes } from "node:crypto";

import { keyToRFC1751Mnemonic } from "xrpl/dist/npm/Wallet/rfc1751.js";

import { fromHex } from "../../../core/bytes.ts";
import { type Method } from "../call.ts";
import { fault, invalidField, invalidParams } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { accountPublicText, keyOf, keyTypeField, type Seed, seedIn, seedText } from "../signing-keys.ts";
import { upperHex } from "../transaction-json.ts";

const fields = ["passphrase", "seed", "seed_hex"] as const;

/** A key pair, from the given seed or a random one. It is known to this server: good for a local network alone. */
export const walletPropose: Method = ({ params }) => {
  const { entropy, keyType: ownType } = givenSeed(params) ?? { entropy: Uint8Array.from(randomBytes(16)) };
  const keyType = keyTypeField(params) ?? ownType ?? "secp256k1";
  const { publicKey, address } = keyOf(entropy, keyType);
  const hex = upperHex(entropy);
  return {
    account_id: address,
    key_type: keyType,
    master_key: keyToRFC1751Mnemonic(hex),
    master_seed: seedText(entropy),
    master_seed_hex: hex,
    public_key: accountPublicText(fromHex(publicKey)),
    public_key_hex: publicKey,
  };
};

function givenSeed(params: JsonObject): Seed | undefined {
  const given = fields.filter((name) => params[name] !== undefined);
  const [name] = given;
  if (name === undefined) return undefined;
  if (given.length > 1)
    throw invalidParams("Exactly one of the following must be specified: passphrase, seed or seed_hex");
  const text = params[name];
  if (typeof text !== "string") throw invalidField(name, "not string");
  const seed = seedIn(name, text);
  if (seed === undefined) throw fault("badSeed");
  return seed;
}
