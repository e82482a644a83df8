import { SettlementError } from "../../core/error.ts";
import { type Identities, identitiesOf } from "../../core/identity.ts";
import type { CommandSpec } from "../command.ts";
import { accountWarning, identitiesText } from "../identity-text.ts";
import { harmless, type Io, styled, wrapped } from "../io.ts";
import { type MadeKey, makeKey, secondKey } from "../join/make-key.ts";

function textOf(io: Io, { files, maintainer }: MadeKey, identities: Identities): string {
  return [
    `${styled(io, "green", "WROTE")}  the private key to ${files.map(harmless).join(" and ")}, mode 0600; there is no other copy, back it up\n\n`,
    identitiesText(io, identities),
    `\nFor "maintainers" in nodes/<org>/<repo>/node.json:\n\n${JSON.stringify(maintainer, null, 2)}\n\n`,
    `${styled(io, "yellow", "ADVICE")}  ${wrapped(io, secondKey, 8)}\n`,
  ].join("");
}

export const keygen: CommandSpec = {
  name: "keygen",
  about:
    "Make an Ed25519 key for a maintainer: the private key into a new file of mode 0600 that git does not track, its public names and a block for node.json on the output.",
  settings: ["out", "sshOut", "name", "comment", "format"],
  examples: [
    "keygen --out ~/.config/maintainer.pem --name 'Ada Example' --comment ada@example.org",
    "keygen --out ~/.config/maintainer.pem --ssh-out ~/.ssh/id_maintainer",
  ],
  async run({ config, format, io }) {
    if (config.out === undefined) {
      throw new SettlementError("CONFIG_INVALID", "keygen needs --out: the file for the new private key");
    }
    const made = await makeKey(config.out, config.sshOut, config);
    const { files, maintainer } = made;
    const identities = identitiesOf(made.publicKey, config.comment ?? "");
    io.out(
      format === "json"
        ? `${JSON.stringify({ files, identities, maintainer, advice: secondKey, warning: accountWarning }, null, 2)}\n`
        : textOf(io, made, identities),
    );
    return 0;
  },
};
