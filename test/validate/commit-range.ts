import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { toHex, utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { sha256 } from "../../src/core/hash.ts";
import { signSsh, type SshNamespace } from "../../src/core/ssh-signature.ts";
import type { CommitRange } from "../../src/ports.ts";
import { type Files, seedOf } from "../support/build-ledger.ts";

/** A commit that is made; ids are those of its name. */
export interface MadeCommit {
  readonly name: string;
  readonly parents: readonly string[];
  readonly files: Files;
  /** Name of the key that signs it; nobody without. */
  readonly signer?: string;
  readonly namespace?: SshNamespace;
  readonly timeUnixS?: number;
  /** Changes the object after it was signed. */
  readonly tamper?: (object: string) => string;
}

export function idOf(name: string): string {
  return toHex(sha256(utf8(name)));
}

/** The content of the commit object, signed. */
export function commitObject(commit: MadeCommit, tree: string, parents: readonly string[]): string {
  const { signer, namespace = "git", timeUnixS = 1_774_000_000, name, tamper = (object) => object } = commit;
  const people = ["author", "committer"].map((role) => `${role} T <t@example.org> ${timeUnixS} +0000\n`).join("");
  const headers = `tree ${tree}\n${parents.map((id) => `parent ${id}\n`).join("")}${people}`;
  const payload = `${headers}\n${name}\n`;
  if (signer === undefined) return tamper(payload);
  const seed = seedOf(signer);
  const sign = (message: Uint8Array): Uint8Array => signEd25519(seed, message);
  const armored = signSsh(utf8(payload), { namespace, publicKey: publicKeyOf(seed), sign });
  return tamper(`${headers}gpgsig ${armored.trimEnd().replaceAll("\n", "\n ")}\n\n${name}\n`);
}

function changedIn({ files }: MadeCommit, parents: readonly (MadeCommit | undefined)[]): string[] {
  const befores = parents.length === 0 ? [{}] : parents.map((each) => each?.files ?? {});
  const paths = new Set([files, ...befores].flatMap((each) => Object.keys(each)));
  return [...paths].filter((path) => befores.every((before: Files) => before[path] !== files[path]));
}

/** The range from `base` to the last of the commits; those before the range are there as well. */
export function memoryRange(
  base: MadeCommit,
  older: readonly MadeCommit[],
  commits: readonly MadeCommit[],
): CommitRange {
  const all = new Map([base, ...older, ...commits].map((commit) => [idOf(commit.name), commit]));
  const found = (id: string): MadeCommit => all.get(id) ?? base;
  return {
    commits: commits.map((commit) => ({
      id: idOf(commit.name),
      parents: commit.parents.map(idOf),
      changed: changedIn(
        commit,
        commit.parents.map((name) => all.get(idOf(name))),
      ),
    })),
    base: memoryTree(base.files),
    treeAt: (id) => Promise.resolve(memoryTree(found(id).files)),
    object(id) {
      const commit = found(id);
      return Promise.resolve(utf8(commitObject(commit, idOf("tree"), commit.parents.map(idOf))));
    },
    uncommitted: () => Promise.resolve([]),
  };
}
