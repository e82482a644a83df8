import { generateKeyPairSync } from "node:crypto";
import { type BadInput, wrong } from "./bad-input.ts";

const close = "close 2026-09 --ledger LEDGER --data DATA --key-file ROOT/key.pem";
const anchor = "anchor 2026-08 --ledger LEDGER --data DATA --seed-file ROOT/account.seed";

const seed = "sEdTM1uX8pu2do5XvTnutH6HsouMaM2";
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const publicPem = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ellipticPem = elliptic.export({ type: "pkcs8", format: "pem" }).toString();
const sealedPem = generateKeyPairSync("ed25519")
  .privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
  .toString();

const keys: readonly BadInput[] = (
  [
    ["a key twice in its file", pem + pem, "PRIVATE_KEY_MALFORMED", "PEM"],
    ["a key with a note before it", `my key\n${pem}`, "PRIVATE_KEY_MALFORMED", "one PEM block"],
    ["a key that lost a line", pem.replace(/\n.*\n/, "\n\n"), "PRIVATE_KEY_MALFORMED", "the private key is malformed"],
    ["a key whose base64 lost a letter", pem.replace(/.\n-----END/, "\n-----END"), "PRIVATE_KEY_MALFORMED", "base64"],
    ["a key without its PEM lines", pem.split("\n")[1] ?? "", "PRIVATE_KEY_MALFORMED", "PEM"],
    ["a public key", publicPem, "PRIVATE_KEY_MALFORMED", "PUBLIC KEY"],
    ["a key of another curve", ellipticPem, "PRIVATE_KEY_NOT_ED25519", "use an Ed25519 key"],
    ["an encrypted key", sealedPem, "PRIVATE_KEY_MALFORMED", "ENCRYPTED"],
    ["an empty key file", "", "PRIVATE_KEY_MALFORMED", "PEM"],
    ["a key file of bytes", "\0\ufffd\0", "PRIVATE_KEY_MALFORMED", "PEM"],
  ] as const
).map(([name, text, code, says]) => ({
  name,
  spoil: (place) => place.put("key.pem", text),
  run: close,
  answer: wrong(code),
  says: [says],
  secrets: [text],
}));

const seeds: readonly BadInput[] = [
  ["a seed with a letter changed", seed.replace("8", "9")],
  ["a seed cut short", seed.slice(0, -1)],
  ["an account in the place of the seed", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"],
  ["a seed in hex", "dedce9ce67b451d852fd4e846fcde31c"],
  ["two seeds", `${seed}\n${seed}`],
  ["an empty seed file", ""],
].map(([name = "", text = ""]): BadInput => ({
  name,
  spoil: (place) => place.put("account.seed", text),
  run: anchor,
  answer: wrong("SEED_MALFORMED"),
  says: ["not a family seed (s…)", "check the file or variable"],
  secrets: [text],
}));

const misplaced: readonly BadInput[] = [
  {
    name: "a seed where its file should be named",
    run: `anchor 2026-08 --ledger LEDGER --data DATA --seed-file ${seed}`,
    answer: wrong("CONFIG_INVALID"),
    says: ["--seed-file", "cannot be read"],
    secrets: [seed],
  },
  {
    name: "a key where its file should be named",
    run: "close 2026-09 --ledger LEDGER --data DATA",
    env: { SETTLEMENT_KEY_FILE: pem },
    answer: wrong("CONFIG_INVALID"),
    says: ["--key-file", "cannot be read"],
    secrets: [pem],
  },
  {
    name: "a seed in the config file",
    spoil: (place) => place.put("config.json", JSON.stringify({ seed })),
    run: "anchor 2026-08 --ledger LEDGER --config ROOT/config.json",
    answer: wrong("CONFIG_INVALID"),
    says: ['unknown setting "seed"'],
    secrets: [seed],
  },
  {
    name: "a seed as the name of a network",
    run: `anchor 2026-08 --ledger LEDGER --data DATA --network ${seed}`,
    answer: wrong("CONFIG_INVALID"),
    says: ["--network must be"],
    secrets: [seed],
  },
  {
    name: "a seed as the account",
    run: `anchor 2026-08 --ledger LEDGER --data DATA --account ${seed}`,
    answer: wrong("CONFIG_INVALID"),
    says: ["--account must be"],
    secrets: [seed],
  },
  {
    name: "a seed variable that holds no seed",
    run: "anchor 2026-08 --ledger LEDGER --data DATA",
    env: { SETTLEMENT_SEED: `${seed}x` },
    answer: wrong("SEED_MALFORMED"),
    says: ["check the file or variable"],
    secrets: [seed],
  },
  {
    name: "a key variable that holds no key",
    run: "close 2026-09 --ledger LEDGER --data DATA",
    env: { SETTLEMENT_KEY: pem.replace("PRIVATE KEY", "SECRET KEY") },
    answer: wrong("PRIVATE_KEY_MALFORMED"),
    says: ["PEM"],
    secrets: [pem],
  },
  {
    name: "a key file that is not there",
    run: "close 2026-09 --ledger LEDGER --data DATA --key-file ROOT/nothing.pem",
    answer: wrong("CONFIG_INVALID"),
    says: ["settlement key", "ENOENT", "--key-file", "permissions"],
  },
  {
    name: "a seed file that is a folder",
    run: "anchor 2026-08 --ledger LEDGER --data DATA --seed-file LEDGER",
    answer: wrong("CONFIG_INVALID"),
    says: ["XRPL seed", "EISDIR", "--seed-file"],
  },
  {
    name: "no key on a public network",
    spoil: (place) => place.drop("ledger/settlement.json"),
    run: "close 2026-09 --ledger LEDGER --data DATA --network testnet",
    answer: wrong("CONFIG_INVALID"),
    says: ["testnet needs a settlement key", "--key-file", "SETTLEMENT_KEY"],
  },
];

export const secrets: readonly BadInput[] = [...keys, ...seeds, ...misplaced];
