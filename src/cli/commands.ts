import type { CommandSpec } from "./command.ts";
import { anchor } from "./commands/anchor.ts";
import { badge } from "./commands/badge.ts";
import { close } from "./commands/close.ts";
import { demo } from "./commands/demo.ts";
import { eventAppend } from "./commands/event-append.ts";
import { eventShow } from "./commands/event-show.ts";
import { eventSign } from "./commands/event-sign.ts";
import { eventSubmit } from "./commands/event-submit.ts";
import { identity } from "./commands/identity.ts";
import { exportLedger } from "./commands/export.ts";
import { importLedger } from "./commands/import.ts";
import { init } from "./commands/init.ts";
import { initActions } from "./commands/init-actions.ts";
import { keyRevoke } from "./commands/key-revoke.ts";
import { keyRotate } from "./commands/key-rotate.ts";
import { keygen } from "./commands/keygen.ts";
import { localnet } from "./commands/localnet.ts";
import { nodeAdd } from "./commands/node-add.ts";
import { nodeSubmit } from "./commands/node-submit.ts";
import { nodeCheck } from "./commands/node-check.ts";
import { prove } from "./commands/prove.ts";
import { registry } from "./commands/registry.ts";
import { release } from "./commands/release.ts";
import { forget, retry } from "./commands/retry.ts";
import { runCommand, workerCommand } from "./commands/run.ts";
import { serve } from "./commands/serve.ts";
import { status } from "./commands/status.ts";
import { sync } from "./commands/sync.ts";
import { validate } from "./commands/validate.ts";
import { verify } from "./commands/verify.ts";
import { verifyTx } from "./commands/verify-tx.ts";

/** Every command, in the order help shows them. */
export const commands: readonly CommandSpec[] = [
  demo,
  runCommand,
  validate,
  close,
  anchor,
  sync,
  status,
  retry,
  forget,
  prove,
  verify,
  verifyTx,
  release,
  badge,
  registry,
  serve,
  workerCommand,
  localnet,
  importLedger,
  exportLedger,
  identity,
  keygen,
  init,
  initActions,
  nodeCheck,
  nodeAdd,
  nodeSubmit,
  eventSign,
  eventAppend,
  eventSubmit,
  eventShow,
  keyRotate,
  keyRevoke,
];

/** What the commands of two words are about, by the first of them. */
export const groups: Readonly<Record<string, string>> = {
  event: "Sign, add, hand in and show events of a node.",
  node: "Check the manifest of a node, and put it into a ledger.",
  key: "Hand a node over to another key, and revoke keys.",
};
