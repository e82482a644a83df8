import { encode, encodeForSigning } from "ripple-binary-codec";
import { sign } from "ripple-keypairs";

import { fromHex } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { type Engine } from "../../src/localnet/engine.ts";
import { accountKey } from "../../src/localnet/engine/keys.ts";
import { keyOf, seedOfPassphrase } from "../../src/localnet/rpc/signing-keys.ts";
import { entryJson } from "../../src/localnet/rpc/state-json.ts";

/** The account every fresh network starts with, which holds all XRP. Its secret is public knowledge. */
const genesisKey = keyOf(seedOfPassphrase("masterpassphrase").entropy, "secp256k1");

/**
 * Pays XRP from the genesis account; the next close validates it.
 *
 * @returns the transaction's id, upper-case hex
 * @throws SettlementError `ACCOUNT_NOT_FUNDED` with the engine's result, such as too little to create the account
 */
export function fundFromGenesis(engine: Engine, address: string, drops: number | bigint): string {
  const { networkId, baseFeeDrops } = engine.config;
  const genesis = entryJson(engine.open().state, accountKey(genesisKey.address));
  const payment = {
    TransactionType: "Payment",
    Account: genesisKey.address,
    Destination: address,
    Amount: String(drops),
    Fee: String(baseFeeDrops),
    Sequence: genesis?.["Sequence"] as number,
    SigningPubKey: genesisKey.publicKey,
    ...(networkId > 1024 ? { NetworkID: networkId } : {}),
  };
  const signed = { ...payment, TxnSignature: sign(encodeForSigning(payment), genesisKey.privateKey) };
  const outcome = engine.submit(fromHex(encode(signed)));
  if ("refused" in outcome)
    throw new SettlementError("ACCOUNT_NOT_FUNDED", `the local network refused to fund ${address}: ${outcome.refused}`);
  if (outcome.engineResult !== "tesSUCCESS") {
    const { engineResult, engineResultMessage } = outcome;
    throw new SettlementError(
      "ACCOUNT_NOT_FUNDED",
      `${address} was not funded: ${engineResult}, ${engineResultMessage}`,
    );
  }
  return outcome.hash;
}
