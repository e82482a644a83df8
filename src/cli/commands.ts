import type { CommandSpec } from "./command.ts";

/** Every command by its name, in the order help shows them. What one needs is loaded when it is asked for. */
const loaders: Readonly<Record<string, () => Promise<CommandSpec>>> = {
  demo: async () => (await import("./commands/demo.ts")).demo,
  run: async () => (await import("./commands/run.ts")).runCommand,
  validate: async () => (await import("./commands/validate.ts")).validate,
  close: async () => (await import("./commands/close.ts")).close,
  anchor: async () => (await import("./commands/anchor.ts")).anchor,
  sync: async () => (await import("./commands/sync.ts")).sync,
  status: async () => (await import("./commands/status.ts")).status,
  retry: async () => (await import("./commands/retry.ts")).retry,
  "forget-network": async () => (await import("./commands/retry.ts")).forget,
  prove: async () => (await import("./commands/prove.ts")).prove,
  verify: async () => (await import("./commands/verify.ts")).verify,
  "verify-tx": async () => (await import("./commands/verify-tx.ts")).verifyTx,
  release: async () => (await import("./commands/release.ts")).release,
  badge: async () => (await import("./commands/badge.ts")).badge,
  registry: async () => (await import("./commands/registry.ts")).registry,
  serve: async () => (await import("./commands/serve.ts")).serve,
  worker: async () => (await import("./commands/run.ts")).workerCommand,
  localnet: async () => (await import("./commands/localnet.ts")).localnet,
  import: async () => (await import("./commands/import.ts")).importLedger,
  export: async () => (await import("./commands/export.ts")).exportLedger,
  identity: async () => (await import("./commands/identity.ts")).identity,
  keygen: async () => (await import("./commands/keygen.ts")).keygen,
  init: async () => (await import("./commands/init.ts")).init,
  "init-actions": async () => (await import("./commands/init-actions.ts")).initActions,
  "node check": async () => (await import("./commands/node-check.ts")).nodeCheck,
  "node add": async () => (await import("./commands/node-add.ts")).nodeAdd,
  "node submit": async () => (await import("./commands/node-submit.ts")).nodeSubmit,
  "event sign": async () => (await import("./commands/event-sign.ts")).eventSign,
  "event append": async () => (await import("./commands/event-append.ts")).eventAppend,
  "event submit": async () => (await import("./commands/event-submit.ts")).eventSubmit,
  "event show": async () => (await import("./commands/event-show.ts")).eventShow,
  "key rotate": async () => (await import("./commands/key-rotate.ts")).keyRotate,
  "key revoke": async () => (await import("./commands/key-revoke.ts")).keyRevoke,
};

/** The commands that arguments may mean, by the first of them; every command where it names none. */
export function commandsFor([first = ""]: readonly string[]): Promise<readonly CommandSpec[]> {
  const named = Object.entries(loaders).filter(([name]) => name.split(" ")[0] === first);
  return named.length > 0 ? Promise.all(named.map(([, load]) => load())) : allCommands();
}

export function allCommands(): Promise<readonly CommandSpec[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}

/** What the commands of two words are about, by the first of them. */
export const groups: Readonly<Record<string, string>> = {
  event: "Sign, add, hand in and show events of a node.",
  node: "Check the manifest of a node, and put it into a ledger.",
  key: "Hand a node over to another key, and revoke keys.",
};
