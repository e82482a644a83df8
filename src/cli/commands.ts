import type { CommandSpec } from "./command.ts";
import { anchor } from "./commands/anchor.ts";
import { badge } from "./commands/badge.ts";
import { close } from "./commands/close.ts";
import { demo } from "./commands/demo.ts";
import { identity } from "./commands/identity.ts";
import { importLedger } from "./commands/import.ts";
import { keygen } from "./commands/keygen.ts";
import { localnet } from "./commands/localnet.ts";
import { prove } from "./commands/prove.ts";
import { registry } from "./commands/registry.ts";
import { release } from "./commands/release.ts";
import { forget, retry } from "./commands/retry.ts";
import { runCommand, workerCommand } from "./commands/run.ts";
import { serve } from "./commands/serve.ts";
import { status } from "./commands/status.ts";
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
  identity,
  keygen,
];
