import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { revokeKey } from "../../core/key-change.ts";
import { type RevocationReason, revocationReasons } from "../../core/key-window.ts";
import { placed } from "../../core/placed.ts";
import { formatTimestamp, parseRfc3339 } from "../../core/time.ts";
import type { CommandSpec } from "../command.ts";
import { changeKeys, changeSettings, instantOf } from "../join/change-keys.ts";
import { showKeyOutcome } from "../join/key-text.ts";
import { nowOf } from "../join/open-writable.ts";

function reasonOf({ reason, invalidAfter, at }: Config): RevocationReason {
  const found = revocationReasons.find((known) => known === reason);
  if (!found) {
    throw new SettlementError("CONFIG_INVALID", `key revoke needs --reason: ${revocationReasons.join(", ")}`);
  }
  if ((found === "compromise") !== (invalidAfter !== undefined)) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "--invalid-after says since when nothing of a compromised key is trusted: it is needed with --reason compromise, and with that alone",
    );
  }
  if (found === "compromise" && at !== undefined) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "a compromise counts at once and back to --invalid-after; leave --at out",
    );
  }
  return found;
}

export const keyRevoke: CommandSpec = {
  name: "key revoke",
  usage: "<NODE> <KEY>",
  about:
    "Revoke a key of a node for ever. NODE is a node.json, or the id of a node in --ledger. Of a compromised key nothing is trusted from --invalid-after on, and what it signed before only where an anchor shows that it existed then. In a jsonl ledger the change is an event too, signed by another key of the node or by governance: no key revokes itself.",
  settings: ["ledger", "keyFile", "reason", "invalidAfter", ...changeSettings],
  examples: [
    "key revoke node.json ada-1f2e3d4c --reason retirement",
    "key revoke your-org/your-repo ada-1f2e3d4c --ledger ../network --reason compromise --invalid-after 2026-11-01T00:00:00Z --key-file ~/.config/offline.pem",
  ],
  async run(context, [target = "", name = ""]) {
    const { config } = context;
    const { invalidAfter } = config;
    const reason = reasonOf(config);
    const atUnixMs = instantOf(config);
    const since = invalidAfter === undefined ? undefined : placed("--invalid-after", () => parseRfc3339(invalidAfter));
    if (since !== undefined && since > nowOf(config)) {
      throw new SettlementError("CONFIG_INVALID", "--invalid-after is in the future; a compromise is known of");
    }
    const outcome = await changeKeys(context, target, (node) =>
      revokeKey(node, { key: name, reason, atUnixMs, invalidAfterUnixMs: since }),
    );
    const what =
      since === undefined ? `at ${formatTimestamp(atUnixMs)}` : `and not trusted from ${formatTimestamp(since)} on`;
    return showKeyOutcome(context, outcome, `${name} is revoked (${reason}) ${what}`);
  },
};
