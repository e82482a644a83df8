import { type BadInput, wrong } from "./bad-input.ts";

const config = wrong("CONFIG_INVALID");
const usage = wrong("USAGE_INVALID");

const usages: readonly BadInput[] = [
  ["a command that is none", "settle everything", ["unknown command 'settle'", "--help"]],
  ["a flag that is none", "status --legder LEDGER", ["unknown option '--legder'", "--ledger"]],
  ["a flag of another command", "status --ledger LEDGER --yes-mainnet", ["unknown option '--yes-mainnet'"]],
  ["a flag without its value", "status --ledger", ["--ledger <DIR>", "argument missing"]],
  ["an argument too many", "close 2026-09 2026-10 --ledger LEDGER", ["too many arguments"]],
  ["an argument missing", "prove --ledger LEDGER", ["EVENT"]],
].map(([name, run, says]) => ({
  name: String(name),
  run: String(run),
  answer: usage,
  says: says as readonly string[],
}));

const values: readonly BadInput[] = (
  [
    ["a format that is none", "status --ledger LEDGER --format xml", ["--format", "xml", "text, json"]],
    ["a report format that is none", "validate --ledger LEDGER --format xml", ["--format", "xml", "sarif"]],
    ["close in a format of validate", "close 2026-09 --ledger LEDGER --format sarif", ["--format", "text, json"]],
    ["a number that is none", "close --grace soon", ["--grace", "whole number"]],
    ["a negative number", "close --grace=-1", ["--grace", "whole number"]],
    ["a number with a fraction", "close --grace 1.5", ["--grace", "whole number"]],
    ["a number in hex", "serve --port 0x50", ["--port", "whole number"]],
    ["a number too large", "close --grace 999999999999999", ["--grace", "from 0 to"]],
    ["a port too large", "serve --port 65536", ["--port", "65535"]],
    ["a network id too large", "localnet --network-id 4294967296", ["--network-id", "4294967295"]],
    ["a network that is none", "anchor --network moonnet", ["--network", "mainnet or xrpl-"]],
    ["a network that is a URL", "anchor --network wss://s1.ripple.com", ["--network", "mainnet or xrpl-"]],
    ["an endpoint that is HTTP", "anchor --network testnet --endpoint http://localhost", ["--endpoint", "wss://"]],
    ["an endpoint that is a file", "anchor --network testnet --endpoint file:///etc/passwd", ["--endpoint", "wss://"]],
    ["an account that is none", "anchor --network testnet --account me", ["--account", "r…"]],
    ["a host with a path", "close 2026-09 --origin example.org/log", ["--origin", "ledger.example.org"]],
    ["no text", ["status", "--ledger", ""], ["--ledger", "a text"]],
    ["a close time too long", "localnet --close-ms 86400001", ["--close-ms", "86400000"]],
    ["hours that are none", "validate --ahead ever", ["--ahead", "whole number"]],
    ["a policy that is not there", "validate --policy ROOT/nothing.json", ["--policy", "nothing.json cannot be read"]],
    ["a trust file that is a folder", "verify PROOF --trust LEDGER", ["--trust", "cannot be read"]],
    [
      "a config file that is not there",
      "status --config ROOT/nothing.json",
      ["--config", "nothing.json cannot be read"],
    ],
    ["a config file that is a folder", "status --config LEDGER", ["--config", "cannot be read"]],
  ] as const
).map(([name, run, says]) => ({ name, run, answer: config, says }));

const places: readonly BadInput[] = [
  {
    name: "variables that are wrong are all named at once",
    run: "status --ledger LEDGER",
    env: { SETTLEMENT_PORT: "http", SETTLEMENT_GRACE: "-1", SETTLEMENT_YES_MAINNET: "yes", SETTLEMENT_NETWORK: "moon" },
    answer: config,
    says: [
      "SETTLEMENT_PORT must be a whole number from 0 to 65535",
      "SETTLEMENT_GRACE must be a whole number",
      "SETTLEMENT_YES_MAINNET must be true or false",
      "SETTLEMENT_NETWORK must be local, testnet, devnet, mainnet or xrpl-",
    ],
  },
  {
    name: "members of the config file that are wrong are all named at once",
    spoil: (place) =>
      place.put(
        "config.json",
        '{"ledger":7,"endpoint":[],"feeCap":"1e3","yesMainnet":"maybe","Port":80,"host":null,"patience":{}}',
      ),
    run: "status --ledger LEDGER --config ROOT/config.json",
    answer: config,
    says: [
      'unknown setting "Port"',
      "config.json: endpoint must be a list",
      "config.json: feeCap must be a whole number",
      "config.json: yesMainnet must be true or false",
      "config.json: host must be a text",
      "config.json: patience must be a whole number",
    ],
  },
  {
    name: "flags, variables and config file that are wrong are named together",
    spoil: (place) => place.put("config.json", '{"patience":"long"}'),
    run: "close --ledger LEDGER --grace soon --config ROOT/config.json",
    env: { SETTLEMENT_PORT: "x" },
    answer: config,
    says: ["--grace must be", "SETTLEMENT_PORT must be", "config.json: patience must be"],
  },
  {
    name: "a config file named by a variable is not there",
    run: "status --ledger LEDGER",
    env: { SETTLEMENT_CONFIG: "/nonexistent/config.json" },
    answer: config,
    says: ["/nonexistent/config.json cannot be read", "SETTLEMENT_CONFIG"],
  },
];

const clocks: readonly BadInput[] = ["yesterday", "2026-02-30T00:00:00Z", "1e12", "99999-01-01T00:00:00Z"].map(
  (now) => ({
    name: `a clock that says ${now}`,
    run: `validate --ledger LEDGER --now ${now}`,
    answer: wrong("TIMESTAMP_MALFORMED"),
    says: ["--now", JSON.stringify(now), "RFC 3339"],
  }),
);

export const settings: readonly BadInput[] = [...usages, ...values, ...clocks, ...places];
