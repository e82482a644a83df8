import type { CommandSpec } from "./command.ts";
import { anchor } from "./commands/anchor.ts";
import { close } from "./commands/close.ts";
import { demo } from "./commands/demo.ts";
import { importLedger } from "./commands/import.ts";
import { localnet } from "./commands/localnet.ts";
import { prove } from "./commands/prove.ts";
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
  serve,
  workerCommand,
  localnet,
  importLedger,
];
