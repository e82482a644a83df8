import { isAbsolute, resolve } from "node:path";
import { SettlementError } from "../core/error.ts";
import { type GitAnswer, type GitRun, gitSettings, runGit } from "./git-command.ts";
import { redactor } from "./redaction.ts";

/** A repository elsewhere. Its address and its secret are in the environment of git alone, in no argument and no file. */
export interface GitRemote {
  /** The address without anything secret. */
  readonly shown: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Takes secrets out of what git says. */
  readonly redact: (text: string) => string;
}

export interface RemoteOptions {
  readonly timeoutMs: number;
  /** For an https remote. */
  readonly token?: string | undefined;
  readonly user: string;
}

/** The name that the address has in the environment of git. */
const name = "settlement-sync";

/** Protocols that git may speak, whatever an address or a redirect says. */
const protocols = "https:ssh:file:git";

/** Nothing of a repository runs: no hook, no file system monitor, no submodule, no clean-up behind our back. */
export const inert: readonly string[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.symlinks", "false"],
  ["core.autocrlf", "false"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
  ["push.followTags", "false"],
  ["push.gpgSign", "false"],
  ["fetch.fsckObjects", "true"],
  ["fetch.writeCommitGraph", "false"],
  ["core.fsync", "committed,loose-object,reference"],
  ["core.fsyncMethod", "batch"],
  ["gc.autoDetach", "false"],
  ["maintenance.autoDetach", "false"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "60"],
].flatMap(([key = "", value = ""]) => ["-c", `${key}=${value}`]);

/**
 * @param given - an https, ssh, git or file address, `user@host:path`, or a path
 * @throws SettlementError `GIT_REMOTE_MALFORMED`
 */
export function gitRemote(given: string, { token, user, timeoutMs }: RemoteOptions): GitRemote {
  const address = addressOf(given);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (token !== undefined && (url?.protocol !== "https:" || /[\r\n\0]/.test(token))) {
    throw new SettlementError(
      "GIT_REMOTE_MALFORMED",
      "a token goes with an https:// remote alone, and is one line; give such a remote, or no token",
    );
  }
  const settings: (readonly [string, string])[] = [[`remote.${name}.url`, address]];
  const header = token === undefined ? "" : Buffer.from(`${user}:${token}`).toString("base64");
  if (url && header !== "") {
    settings.push(
      [`http.${url.origin}/.extraHeader`, `Authorization: Basic ${header}`],
      [`http.followRedirects`, "false"],
    );
  }
  const secrets = [token ?? "", header, url?.password ?? "", url?.protocol === "https:" ? (url?.username ?? "") : ""];
  const hide = redactor(secrets.filter((secret) => secret !== ""));
  return {
    shown: shownAddress(address),
    timeoutMs,
    env: { ...gitSettings(settings), GIT_ALLOW_PROTOCOL: protocols, ...unasked },
    redact: (text) => hide(text.replaceAll(/:\/\/[^/\s@]*@/g, "://")),
  };
}

/** Nobody is there to be asked. */
const unasked = { GIT_ASKPASS: "true", SSH_ASKPASS_REQUIRE: "never", GIT_LFS_SKIP_SMUDGE: "1" };

function addressOf(given: string): string {
  const isUrl = /^(https|ssh|git|file):\/\/[^\s\p{Cc}]+$/u.test(given) && URL.canParse(given);
  const isScp = /^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^:\s\p{Cc}-][^\s\p{Cc}]*$/u.test(given);
  if (isUrl || isScp) return given;
  const isPath = isAbsolute(given) || (/^[^:-][^:]*$/.test(given) && /[/\\]/.test(given));
  if (isPath && !/\p{Cc}/u.test(given)) return resolve(given);
  throw new SettlementError(
    "GIT_REMOTE_MALFORMED",
    `${shownAddress(given).slice(0, 200)} is no remote: give an https://, ssh://, git:// or file:// address, user@host:path, a path with a slash in it, or the name of a remote that the clone has`,
  );
}

/** An address without user, password and query. */
export function shownAddress(address: string): string {
  const bare = address.replace(/^([a-z+.-]+:\/\/)[^/\s]*@/i, "$1");
  return /^[a-z+.-]+:\/\//i.test(address) ? bare.replace(/[?#].*$/s, "") : bare;
}

async function ask(dir: string, remote: GitRemote, args: readonly string[]): Promise<GitAnswer> {
  const run: GitRun = { env: { ...remote.env }, timeoutMs: remote.timeoutMs };
  return runGit(dir, [...inert, ...args], run);
}

/**
 * Fetches one branch into a ref of the clone, whatever the ref was before.
 *
 * @returns false where the remote has no such branch
 * @throws SettlementError `GIT_REMOTE_UNREACHABLE`, `GIT_UNAVAILABLE`
 */
export async function fetchBranch(dir: string, remote: GitRemote, branch: string, ref: string): Promise<boolean> {
  const how = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
  const answer = await ask(dir, remote, [...how, name, `+refs/heads/${branch}:${ref}`]);
  if (answer.exitCode === 0) return true;
  if (/couldn't find remote ref/.test(answer.stderr)) return false;
  throw unreachable(remote, answer);
}

/**
 * Pushes a commit to a branch, never by force.
 *
 * @returns false where somebody else pushed meanwhile
 * @throws SettlementError `GIT_PUSH_REFUSED`, `GIT_REMOTE_UNREACHABLE`, `GIT_UNAVAILABLE`
 */
export async function pushCommit(dir: string, remote: GitRemote, commit: string, branch: string): Promise<boolean> {
  const how = ["push", "--quiet", "--porcelain", "--no-verify", "--no-signed"];
  const answer = await ask(dir, remote, [...how, name, `${commit}:refs/heads/${branch}`]);
  if (answer.exitCode === 0) return true;
  const refused = new TextDecoder()
    .decode(answer.stdout)
    .split("\n")
    .find((line) => line.startsWith("!\t"));
  if (refused === undefined) throw unreachable(remote, answer);
  const isOutrun =
    /\((fetch first|non-fast-forward|stale info)\)|cannot lock ref|failed to update ref|incorrect old value/.test(
      `${refused} ${answer.stderr}`,
    );
  if (isOutrun) return false;
  const why = lineOf(remote.redact(refused.split("\t")[2] ?? refused));
  throw new SettlementError(
    "GIT_PUSH_REFUSED",
    `${remote.shown} does not take commits on ${branch}: ${why}; what was closed stays in the clone. Let this account push there, or name a branch that it may push to with --push-branch`,
  );
}

function unreachable(remote: GitRemote, { exitCode, stderr }: GitAnswer): SettlementError {
  const said = lineOf(remote.redact(stderr));
  const why = exitCode === -1 ? `no answer within ${remote.timeoutMs / 1000} seconds` : said;
  return new SettlementError(
    "GIT_REMOTE_UNREACHABLE",
    `${remote.shown} cannot be pulled from or pushed to: ${why}; check the address, the credentials and the network, then run the same command again`,
  );
}

/** The line that says why, without what could steer a terminal. */
function lineOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replaceAll(/\p{Cc}/gu, " ").trim());
  const found = lines.find((line) => /^(fatal|error|remote|ERROR)/.test(line)) ?? lines[0] ?? "";
  return found.slice(0, 300);
}
