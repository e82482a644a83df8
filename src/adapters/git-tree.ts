import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { TreeEntry } from "../ports.ts";
import { type BrowsableTree, listedTree } from "./browsable-tree.ts";
import { maxFileBytes, tooLarge } from "./file-faults.ts";
import { runGit } from "./git-command.ts";

interface GitEntry extends TreeEntry {
  readonly objectId: string;
  readonly size: number;
}

const kindOfMode: Readonly<Record<string, TreeEntry["kind"]>> = {
  "040000": "folder",
  "100644": "file",
  "100664": "file",
  "100755": "executable",
  "120000": "link",
};

/**
 * The files of a folder as a commit holds them; empty where the commit has no such folder.
 *
 * @param dir - a folder in the work tree of a repository, or the repository itself
 * @param ref - a branch, tag or commit, as in `main`, `origin/main` or `HEAD~1`
 * @throws SettlementError `GIT_REF_MALFORMED`, `GIT_REF_UNKNOWN`, `GIT_NOT_A_REPOSITORY`, `GIT_UNAVAILABLE`
 */
export async function gitTree(dir: string, ref: string): Promise<BrowsableTree> {
  if (!isGitRef(ref)) {
    throw new SettlementError(
      "GIT_REF_MALFORMED",
      `${JSON.stringify(ref.slice(0, 60))} is not the name of a branch, tag or commit, such as origin/main or HEAD~1`,
    );
  }
  const prefix = await prefixOf(dir);
  const commit = await resolve(dir, `${ref}^{commit}`);
  if (commit === undefined) {
    throw new SettlementError(
      "GIT_REF_UNKNOWN",
      `the repository of ${dir} knows no commit ${ref}; fetch it first (a shallow clone holds recent commits alone)`,
    );
  }
  const tree = await resolve(dir, prefix === "" ? `${commit}^{tree}` : `${commit}:${prefix.replace(/\/$/, "")}`);
  let listing: Promise<ReadonlyMap<string, GitEntry>> | undefined;
  const entries = (): Promise<ReadonlyMap<string, GitEntry>> =>
    (listing ??= tree === undefined ? Promise.resolve(new Map()) : listTree(dir, tree));
  const readBlob = blobReader(dir);
  const isPlain = (entry: GitEntry | undefined): entry is GitEntry =>
    entry?.kind === "file" || entry?.kind === "executable";
  return {
    ...listedTree(
      `${ref} (${commit.slice(0, 12)})`,
      async () => [...(await entries()).values()],
      async (path) => {
        const entry = (await entries()).get(path);
        if (!isPlain(entry)) return undefined;
        if (entry.size > maxFileBytes) throw tooLarge(path, entry.size);
        return readBlob(entry);
      },
    ),
    async tags(paths) {
      const listed = await entries();
      const files = paths.map((path) => listed.get(path)).filter(isPlain);
      return new Map(files.map(({ path, objectId, size }) => [path, objectTag(objectId, size)]));
    },
  };
}

/** Tag of a file that holds the bytes of an object. */
export function objectTag(objectId: string, size: number): string {
  return `git ${objectId} ${size}`;
}

/** Can this be nothing but the name of a commit: no option, path, range or pattern? */
export function isGitRef(ref: string): boolean {
  return ref.length <= 250 && /^[A-Za-z0-9_@][A-Za-z0-9_@./{}^~+-]*$/.test(ref) && !ref.includes("..");
}

/** The folder's path in its work tree, ending in a slash; empty for the top. */
async function prefixOf(dir: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runGit(dir, ["rev-parse", "--show-prefix"]);
  if (exitCode === 0) return fromUtf8(stdout).replace(/\n$/, "");
  throw new SettlementError(
    "GIT_NOT_A_REPOSITORY",
    `${dir} is not in a git repository that can be read: ${stderr.split("\n")[0]?.slice(0, 300) ?? ""}`,
  );
}

async function resolve(dir: string, revision: string): Promise<string | undefined> {
  const { exitCode, stdout } = await runGit(dir, ["rev-parse", "--verify", "--quiet", "--end-of-options", revision]);
  const objectId = Buffer.from(stdout).toString("latin1").trim();
  return exitCode === 0 && /^[0-9a-f]{40,64}$/.test(objectId) ? objectId : undefined;
}

async function listTree(dir: string, tree: string): Promise<ReadonlyMap<string, GitEntry>> {
  const { exitCode, stdout, stderr } = await runGit(dir, ["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", tree]);
  if (exitCode !== 0) throw unreadable("the tree of the commit", stderr);
  const entries = new Map<string, GitEntry>();
  for (const line of new TextDecoder().decode(stdout).split("\0")) {
    if (line === "") continue;
    // The size of a folder is "-", that of an object that is missing "BAD".
    const match = /^(\d{6}) \w+ ([0-9a-f]{40,64}) +(\d+|-|BAD)\t(.*)$/s.exec(line);
    if (!match) throw unreadable("the tree of the commit", `an unknown line ${JSON.stringify(line.slice(0, 80))}`);
    const [, mode = "", objectId = "", size = "", path = ""] = match;
    entries.set(path, { path, kind: kindOfMode[mode] ?? "other", objectId, size: Number(size) || 0 });
  }
  return entries;
}

function unreadable(what: string, stderr: string): SettlementError {
  const why = stderr.split("\n")[0]?.slice(0, 300) ?? "";
  return new SettlementError(
    "LEDGER_UNREADABLE",
    `git cannot read ${what}: ${why}; fetch the whole history and try again`,
  );
}

type BlobReader = (entry: GitEntry) => Promise<Uint8Array>;

/** Reads of one turn of the event loop share one process. */
function blobReader(dir: string): BlobReader {
  let waiting: GitEntry[] = [];
  let batch: Promise<ReadonlyMap<string, Uint8Array>> | undefined;
  return async (entry) => {
    waiting.push(entry);
    batch ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const entries = waiting;
      waiting = [];
      batch = undefined;
      return readBlobs(dir, entries);
    });
    const blob = (await batch).get(entry.objectId);
    if (!blob) throw unreadable(entry.path, "the object is missing or is not a file");
    return blob;
  };
}

async function readBlobs(dir: string, entries: readonly GitEntry[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const ids = [...new Set(entries.map((entry) => entry.objectId))];
  const { stdout, exitCode, stderr } = await runGit(dir, ["cat-file", "--batch"], ids.map((id) => `${id}\n`).join(""));
  const blobs = new Map<string, Uint8Array>();
  for (let at = 0; at < stdout.length;) {
    const lineEnd = stdout.indexOf(0x0a, at);
    const header = Buffer.from(stdout.subarray(at, lineEnd)).toString("latin1").split(" ");
    at = lineEnd + 1;
    const [objectId = "", type = "", size = ""] = header;
    if (type === "missing") continue;
    if (lineEnd === -1 || !/^\d+$/.test(size)) throw unreadable("the objects of the commit", stderr);
    if (type === "blob") blobs.set(objectId, new Uint8Array(stdout.subarray(at, at + Number(size))));
    at += Number(size) + 1;
  }
  if (exitCode !== 0) throw unreadable("the objects of the commit", stderr);
  return blobs;
}
