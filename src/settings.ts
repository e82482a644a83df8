import { isBadgeSubject } from "./core/badge.ts";
import { isNetworkName } from "./core/network.ts";
import { isHost } from "./core/settlement-info.ts";
import { isAddress } from "./core/xrpl/address.ts";
import { joinSettings } from "./settings-join.ts";
import { gitSettings } from "./settings-git.ts";
import { copySettings } from "./settings-copies.ts";
import { keySettings } from "./settings-keys.ts";
import { limitSettings } from "./settings-limits.ts";

export interface Setting {
  readonly kind: "text" | "count" | "switch" | "list";
  /** Shown in help, with the default. */
  readonly about: string;
  readonly value?: string | number | boolean | readonly string[];
  /** Placeholder of the flag. */
  readonly holder?: string;
  /** The flag's other spelling. */
  readonly short?: string;
  /** Highest number of a count. */
  readonly max?: number;
  /** Form of a text, or of each text of a list: how to say it, and whether a text has it. */
  readonly form?: readonly [name: string, is: (text: string) => boolean];
}

const maxPort = 65_535;
const isCron = (text: string): boolean => /^[\d*,/A-Za-z-]+( [\d*,/A-Za-z-]+){4}$/.test(text);
const isWebSocket = (text: string): boolean => /^wss?:\/\/\S+$/.test(text) && URL.canParse(text);

/**
 * Every setting, once: its flag is `--kebab-case`, its variable `SETTLEMENT_UPPER_CASE`, its member in the config file
 * the name itself. A flag beats a variable, a variable the file, the file the default.
 */
export const settings = {
  ledger: { kind: "text", holder: "DIR", about: "the ledger folder, or the repository that holds it", value: "ledger" },
  data: {
    kind: "text",
    holder: "DIR",
    about: "state of this node: attempts, local network, keys it made",
    value: "data",
  },
  network: {
    kind: "text",
    holder: "NAME",
    about: "local, testnet, devnet, mainnet or xrpl-<network id>",
    value: "local",
    form: ["local, testnet, devnet, mainnet or xrpl-<network id>", isNetworkName],
  },
  networkId: {
    kind: "count",
    holder: "N",
    about: "network id of the endpoints, where --network does not tell",
    max: 0xffff_ffff,
  },
  endpoint: {
    kind: "list",
    holder: "URL",
    about: "WebSocket address of an XRPL server; may be given more than once",
    short: "--server",
    form: ["a WebSocket address, ws:// or wss://", isWebSocket],
  },
  account: {
    kind: "text",
    holder: "ADDRESS",
    about: "the account that anchors, when the seed is that of its regular key",
    form: ["a classic XRPL address (r…)", isAddress],
  },
  seedFile: { kind: "text", holder: "FILE", about: "file with the XRPL seed of the account or of its regular key" },
  keyFile: {
    kind: "text",
    holder: "FILE",
    about: "file with the settlement key, or the maintainer's where a node signs; PEM (PKCS#8 Ed25519)",
  },
  listUrl: {
    kind: "list",
    holder: "URL",
    about: "where a validator list is published; those of the public networks are known",
    form: ["an http:// or https:// address", (text) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text)],
  },
  trust: { kind: "text", holder: "FILE", about: "trust file: publishers, accounts and logs a verifier pins" },
  policy: { kind: "text", holder: "FILE", about: "verifier.policy.json of a jsonl network" },
  origin: {
    kind: "text",
    holder: "HOST",
    about: "host of the logs' names, for a ledger without settlement.json",
    form: ["a host, like ledger.example.org or localhost:8080", isHost],
  },
  feeCap: { kind: "count", holder: "DROPS", about: "most that one anchor may cost", value: 10_000 },
  ledgerWindow: {
    kind: "count",
    holder: "N",
    about: "ledgers a transaction may wait before it expires",
    value: 20,
    max: 100_000,
  },
  grace: {
    kind: "count",
    holder: "MINUTES",
    about: "time after a month during which events may still come",
    value: 1440,
    max: 10_000_000,
  },
  patience: {
    kind: "count",
    holder: "SECONDS",
    about: "time to wait for a transaction before the outcome is called unknown",
    value: 120,
    max: 86_400,
  },
  host: { kind: "text", holder: "ADDRESS", about: "address to listen on", value: "127.0.0.1" },
  port: { kind: "count", holder: "P", about: "port to listen on; 0 takes a free one", value: 8080, max: maxPort },
  ...limitSettings,
  metricsPort: {
    kind: "count",
    holder: "P",
    about: "port of /metrics, /healthz and /readyz, of a worker or of serve; without it there are none",
    max: maxPort,
  },
  stateUrlFile: {
    kind: "text",
    holder: "FILE",
    about: "file with the postgres:// address of the state database; without it the state is in the data folder",
  },
  queue: {
    kind: "text",
    holder: "NAME",
    about: "where jobs are queued: embedded (in the data folder), postgres (the state database) or redis",
    value: "embedded",
    form: ["embedded, postgres or redis", (text) => ["embedded", "postgres", "redis"].includes(text)],
  },
  redisFile: {
    kind: "text",
    holder: "FILE",
    about: "file with the redis:// address, or ioredis options as JSON (Sentinel, Cluster, TLS)",
  },
  closeCron: {
    kind: "text",
    holder: "CRON",
    about: "when months are closed, in UTC",
    value: "20 0 1 * *",
    form: ["a cron expression of five fields", isCron],
  },
  checkpointCron: {
    kind: "text",
    holder: "CRON",
    about: "when the open month gets an interim checkpoint, in UTC; never by default",
    form: ["a cron expression of five fields", isCron],
  },
  reconcileMinutes: {
    kind: "count",
    holder: "MINUTES",
    about: "time between two comparisons of what should be anchored with what is",
    value: 10,
    max: 1440,
  },
  adminTokensFile: {
    kind: "text",
    holder: "FILE",
    about: "file with the tokens of the admin endpoints, one `name token` a line; without it there are none",
  },
  webhooksFile: {
    kind: "text",
    holder: "FILE",
    about: 'JSON file of webhooks: [{"url":"https://…","secret":"whsec_…","types":["partition.anchored"]}]',
  },
  signerCommand: {
    kind: "list",
    holder: "WORD",
    about: "program and arguments that sign anchors, for a key in an HSM or KMS; instead of --seed-file",
  },
  signerKey: {
    kind: "text",
    holder: "HEX",
    about: "public key of --signer-command, 33 bytes in hex",
    form: ["33 bytes in hex", (text) => /^(ED|02|03)[0-9A-F]{64}$/i.test(text)],
  },
  lowBalance: {
    kind: "count",
    holder: "ANCHORS",
    about: "warns when the account can pay for fewer anchors than this",
    value: 24,
    max: 1_000_000,
  },
  logLevel: {
    kind: "text",
    holder: "LEVEL",
    about: "debug, info, warn or error",
    value: "info",
    form: ["debug, info, warn or error", (text) => ["debug", "info", "warn", "error"].includes(text)],
  },
  yesMainnet: { kind: "switch", about: "really anchor on mainnet, where it costs money", value: false },
  dryRun: { kind: "switch", about: "show memo bytes, fee, account and balance, and sign nothing", value: false },
  base: { kind: "text", holder: "GITREF|DIR", about: "an earlier state of the ledger, to which it may only append" },
  now: { kind: "text", holder: "TIME", about: "the clock to judge by, RFC 3339; the system's by default" },
  ahead: {
    kind: "count",
    holder: "HOURS",
    about: "how far in the future a new event may be",
    value: 1,
    max: 1_000_000,
  },
  behind: { kind: "count", holder: "HOURS", about: "how old a new event may be", value: 8760, max: 1_000_000 },
  full: {
    kind: "switch",
    about: "verify every signature again, those too that an earlier run on this machine verified",
    value: false,
  },
  output: { kind: "text", holder: "FILE", about: "file to write; standard output without it", short: "-o" },
  out: {
    kind: "text",
    holder: "PATH",
    about:
      "where to write: a badge, the folder of the registry, or a new private key, which must not exist, and not be in git",
  },
  ...keySettings,
  ...copySettings,
  ...joinSettings,
  ...gitSettings,
  spelling: {
    kind: "text",
    holder: "FORM",
    about: "form of the proof: bundle, xpop, checkpoint, tlog-proof, rfc6962, rekor or merkletreejs",
    value: "bundle",
  },
  require: { kind: "text", holder: "VERDICT", about: "proven or anchored: what it takes to exit 0", value: "anchored" },
  rpcPort: {
    kind: "count",
    holder: "P",
    about: "port for JSON-RPC over HTTP; 0 takes a free one",
    value: 5005,
    max: maxPort,
  },
  closeMs: {
    kind: "count",
    holder: "N",
    about: "milliseconds between two ledgers; 0 closes only by ledger_accept",
    value: 1000,
    max: 86_400_000,
  },
  validators: {
    kind: "count",
    holder: "N",
    about: "validators that sign for the local network, simulated in the same process; 0 for none",
    value: 6,
    max: 100,
  },
  once: {
    kind: "switch",
    about: "demo: stop after the proof is verified; sync: one round, which is all it ever does",
    value: false,
  },
  anchored: { kind: "switch", about: "ask that the anchor of the release is verified", value: false },
  anchoredOrLocal: {
    kind: "switch",
    about: "ask for that, or that an independent node of the network says so and its events have that root",
    value: false,
  },
  failOn: {
    kind: "text",
    holder: "VERDICT",
    about: "unverified or fail: the mildest verdict that is not exit 0",
    value: "unverified",
    form: ["unverified or fail", (text) => ["unverified", "fail"].includes(text)],
  },
  profile: {
    kind: "text",
    holder: "NAME",
    about: "profile to judge by, such as baseline, open-source or regulated; that of the release by default",
  },
  compat: { kind: "switch", about: "scores as RepoMesh publishes them, where those are wrong", value: false },
  check: { kind: "switch", about: "compare with what is published, and write nothing", value: false },
  show: {
    kind: "text",
    holder: "WHAT",
    about: "verdict, integrity, assurance or anchored",
    value: "verdict",
    form: ["verdict, integrity, assurance or anchored", isBadgeSubject],
  },
  format: {
    kind: "text",
    holder: "FORMAT",
    about: "text or json; validate also sarif and github, release also sarif and markdown",
    value: "text",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
