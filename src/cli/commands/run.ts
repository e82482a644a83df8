import type { SettingName } from "../../settings.ts";
import type { CommandSpec } from "../command.ts";
import { limitNames } from "../../settings-limits.ts";
import { runNode } from "../node/run-node.ts";

const workerSettings: readonly SettingName[] = [
  "ledger",
  "data",
  "network",
  "networkId",
  "endpoint",
  "account",
  "seedFile",
  "signerCommand",
  "signerKey",
  "keyFile",
  "listUrl",
  "closeMs",
  "trust",
  "origin",
  "policy",
  "feeCap",
  "ledgerWindow",
  "grace",
  "stateUrlFile",
  "queue",
  "redisFile",
  "closeCron",
  "checkpointCron",
  "reconcileMinutes",
  "webhooksFile",
  "lowBalance",
  "logLevel",
  "yesMainnet",
  "format",
];

export const runCommand: CommandSpec = {
  name: "run",
  about:
    "Run the whole node in one process, unattended: close each month when it is over, anchor it, publish it, and serve the API. Stop it with Ctrl-C; it goes on where it was.",
  settings: [...workerSettings, "host", "port", ...limitNames, "adminTokensFile"],
  examples: [
    "run --ledger my-ledger",
    "run --ledger my-ledger --network testnet --seed-file account.seed --key-file settlement.pem --origin ledger.example.org",
  ],
  run: (context) => runNode(context, true),
};

export const workerCommand: CommandSpec = {
  name: "worker",
  about: "Run the worker alone: close, anchor and publish months. Several may run on one PostgreSQL or Redis.",
  settings: [...workerSettings, "host", "metricsPort"],
  examples: ["worker --ledger my-ledger --queue redis --redis-file redis.url --state-url-file postgres.url"],
  run: (context) => runNode(context, false),
};
