import type { Engine, EngineConfig, SubmitOutcome } from "../../../src/localnet/engine.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import type { AccountRoot } from "../../../src/localnet/engine/entry.ts";
import { decodeEntry } from "../../../src/localnet/engine/entry.ts";
import { accountKey } from "../../../src/localnet/engine/keys.ts";
import { type Fields, genesis, signed, type Wallet, walletNamed } from "./wallets.ts";

export const config: EngineConfig = {
  networkId: 63_456,
  baseFeeDrops: 10,
  reserveBaseDrops: 1_000_000,
  reserveIncrementDrops: 200_000,
  nowUnixS: () => 1_800_000_000,
};

/** A network whose accounts hold 1000 XRP each, with what tests do to it. */
export interface TestNetwork {
  readonly engine: Engine;
  readonly alice: Wallet;
  readonly bob: Wallet;
  readonly carol: Wallet;
  /** Signs for the account's next sequence and submits; fails on a refusal. */
  send(fields: Fields, signer?: Wallet): SubmitOutcome;
  /** What `submit` says of the transaction: its result, or the refusal. */
  result(fields: Fields, signer?: Wallet): string;
  /** Like {@link TestNetwork.send}, and it has to succeed in a closed ledger. */
  done(fields: Fields, signer?: Wallet): void;
  account(wallet: Wallet): AccountRoot | undefined;
  fill(fields: Fields): Fields;
}

export function testNetwork(engine: Engine = createEngine(config)): TestNetwork {
  const [alice, bob, carol] = [walletNamed("alice"), walletNamed("bob", "ecdsa-secp256k1"), walletNamed("carol")];
  const wallets = new Map([genesis, alice, bob, carol].map((wallet) => [wallet.address, wallet]));
  const accountAt = (address: string): AccountRoot | undefined => {
    const data = engine.open().state.entry(accountKey(address));
    return data && (decodeEntry(data) as AccountRoot);
  };
  const fill = (fields: Fields): Fields => {
    const Account = String(fields["Account"]);
    const { Sequence = 0 } = accountAt(Account) ?? {};
    const NetworkID = engine.config.networkId > 1024 ? { NetworkID: engine.config.networkId } : {};
    return { Fee: "10", Sequence, ...NetworkID, ...fields };
  };
  const submit = (fields: Fields, signer?: Wallet) => {
    const own = signer ?? wallets.get(String(fields["Account"]));
    if (!own) throw new Error("nobody signs");
    return engine.submit(signed(fill(fields), own));
  };
  const send = (fields: Fields, signer?: Wallet): SubmitOutcome => {
    const outcome = submit(fields, signer);
    if ("refused" in outcome) throw new Error(outcome.refused);
    return outcome;
  };
  const result = (fields: Fields, signer?: Wallet): string => {
    const outcome = submit(fields, signer);
    return "refused" in outcome ? outcome.refused : outcome.engineResult;
  };
  const done = (fields: Fields, signer?: Wallet): void => {
    const outcome = send(fields, signer);
    if (outcome.engineResult !== "tesSUCCESS") throw new Error(outcome.engineResult);
    engine.accept();
  };
  if (!accountAt(alice.address)) {
    for (const { address } of [alice, bob, carol]) send(payment(genesis.address, address, 1_000_000_000));
    engine.accept();
  }
  return { engine, alice, bob, carol, send, result, done, account: ({ address }) => accountAt(address), fill };
}

export function payment(Account: string, Destination: string, drops: number): Fields {
  return { TransactionType: "Payment", Account, Destination, Amount: String(drops) };
}

export function accountSet(Account: string, more: Fields = {}): Fields {
  return { TransactionType: "AccountSet", Account, ...more };
}
