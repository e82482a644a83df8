import type { Identities } from "../core/identity.ts";
import { type Io, styled, wrapped } from "./io.ts";

/** What each name of a key is good for. */
const uses: Readonly<Record<keyof Identities, readonly [name: string, use: string]>> = {
  didKey: ["did:key", "a name of the key that is the key itself; node.json takes it as publicKey"],
  ssh: ["OpenSSH", "line of a .pub file, for forges, git and allowed_signers; node.json takes it as publicKey"],
  sshFingerprint: ["fingerprint", "SHA-256 of the OpenSSH key, as ssh-keygen -l and forges show it"],
  radicleNodeId: ["Radicle node", "node id of this key in the Radicle network"],
  xrplAddress: ["XRPL account", "account this key would control: a hash of the key, which names no key by itself"],
  pem: ["PEM", "SubjectPublicKeyInfo, for openssl and every RepoMesh network; node.json takes it as publicKey"],
};

/** Why the account of a maintainer's key stays empty. */
export const accountWarning =
  "do not fund the XRPL account: one key, one job. A key that signs events or commits lies on machines where no money should, and the account that anchors has keys of its own.";

/** Every name of a key, each explained in a line, and the warning. */
export function identitiesText(io: Io, identities: Identities): string {
  const { pem, ...names } = uses;
  const rows = Object.entries(names).map(([name, [title, use]]) => {
    const text = identities[name as keyof typeof names];
    return `${styled(io, "bold", title.padEnd(13))}  ${text}\n${" ".repeat(15)}${styled(io, "dim", `(${use})`)}\n`;
  });
  // At the margin, so that it can be copied as it stands.
  const [title, use] = pem;
  rows.push(`${styled(io, "bold", title.padEnd(13))}  ${styled(io, "dim", `(${use})`)}\n${identities.pem}`);
  return `${rows.join("")}\n${styled(io, "yellow", "WARNING")}  ${wrapped(io, accountWarning, 9)}\n`;
}
