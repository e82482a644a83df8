import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { parsePublicKey } from "../../core/identity.ts";
import { keyNamed, rotateKey } from "../../core/key-change.ts";
import type { MaintainerBlock } from "../../core/make-node.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import { formatTimestamp } from "../../core/time.ts";
import type { CommandSpec } from "../command.ts";
import { changeKeys, changeSettings, instantOf } from "../join/change-keys.ts";
import { showKeyOutcome } from "../join/key-text.ts";
import { discardKey, type MadeKey, maintainerOf, makeKey } from "../join/make-key.ts";
import { identitiesGiven } from "./identity.ts";

/** The key that takes over: given, or made now. */
async function newKeyOf({ newKey, out, sshOut, name, comment }: Config): Promise<MadeKey> {
  if ((newKey === undefined) === (out === undefined)) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "key rotate needs the key that takes over: --new-key names it, or --out makes one; give one of the two",
    );
  }
  if (newKey === undefined) return makeKey(out ?? "", sshOut, { name, comment });
  const publicKey = parsePublicKey(identitiesGiven(newKey).pem);
  return { files: [], publicKey, maintainer: maintainerOf(publicKey, { name, comment }, "key") };
}

/** The new key belongs to whom the old one belonged to, unless it is said otherwise. */
function successorOf(node: NodeManifest, retiring: string, { publicKey }: MadeKey, config: Config): MaintainerBlock {
  const old = node.maintainers[keyNamed(node, retiring)];
  const block = maintainerOf(publicKey, config, old?.name ?? "key");
  const contact = block.contact ?? old?.contact;
  return { ...block, ...(contact === undefined ? {} : { contact }) };
}

export const keyRotate: CommandSpec = {
  name: "key rotate",
  usage: "<NODE> <KEY>",
  about:
    "Let another key take over from a key of a node, from now on or from --at on. NODE is a node.json, or the id of a node in --ledger. In a jsonl ledger the change is an event too, signed by the key of --key-file. Nothing changes for what the old key signed before.",
  settings: ["ledger", "keyFile", "newKey", "out", "sshOut", "name", "comment", ...changeSettings],
  examples: [
    "key rotate node.json ada-1f2e3d4c --out ~/.config/maintainer-2.pem",
    "key rotate your-org/your-repo ada-1f2e3d4c --ledger ../network --new-key new.pub --key-file ~/.config/maintainer.pem",
  ],
  async run(context, [target = "", retiring = ""]) {
    const { config } = context;
    const atUnixMs = instantOf(config);
    const made = await newKeyOf(config);
    try {
      let taking = made.maintainer;
      const outcome = await changeKeys(context, target, (node) => {
        taking = successorOf(node, retiring, made, config);
        return rotateKey(node, { retiring, taking, atUnixMs });
      });
      if (outcome.state === "refused") discardKey(made);
      const what = `${retiring} hands over to ${taking.keyId} at ${formatTimestamp(atUnixMs)}`;
      return showKeyOutcome(context, outcome, what, made.files);
    } catch (error) {
      // A manifest that may have been written names the key, so it stays.
      if (error instanceof SettlementError && !["unavailable", "uncertain"].includes(error.kind)) discardKey(made);
      throw error;
    }
  },
};
