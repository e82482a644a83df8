import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { parseGitCommit } from "../../src/core/git-commit.ts";
import { identitiesOf, parsePublicKey } from "../../src/core/identity.ts";
import { opensshPrivateKey } from "../../src/core/openssh-key.ts";
import { parseSshSignature, signSsh, type SshSigning, verifySshSignature } from "../../src/core/ssh-signature.ts";
import { monthlyFiles, seedOf } from "../support/build-ledger.ts";
import { cli } from "../support/cli.ts";
import { commitObject } from "../validate/commit-range.ts";
import { keptFolder } from "./folder.ts";
import { repository, sshKeygen, tool, type ToolAnswer, whyNoSsh } from "./ssh.ts";

const why = whyNoSsh();
const isSkipped = why !== undefined;
const because = why === undefined ? "" : ` (skipped: ${why})`;
const folder = keptFolder();
const message = "one key, every identity\n";
const at = (name: string): string => join(folder.path, name);

/** The private key of a name as ssh-keygen reads it. */
function keyFile(name: string): string {
  const path = at(`key-${name.replace("/", "-")}`);
  writeFileSync(path, opensshPrivateKey(seedOf(name), Uint8Array.of(1, 2, 3, 4), name), { mode: 0o600 });
  return path;
}

function signingBy(name: string, namespace: SshSigning["namespace"], hash: "sha256" | "sha512"): SshSigning {
  const seed = seedOf(name);
  return { namespace, hash, publicKey: publicKeyOf(seed), sign: (bytes) => signEd25519(seed, bytes) };
}

/** allowed_signers in which each name is the principal of its key. */
function allowed(...names: readonly string[]): string {
  const path = at("allowed_signers");
  const lines = names.map((name) => `${name} ${identitiesOf(publicKeyOf(seedOf(name))).ssh}\n`);
  writeFileSync(path, lines.join(""));
  return path;
}

function verifiedBySsh(armored: string, namespace: string, text = message): ToolAnswer {
  const signature = at("signature");
  writeFileSync(signature, armored);
  return tool(
    "ssh-keygen",
    ["-Y", "verify", "-f", allowed("ada"), "-I", "ada", "-n", namespace, "-s", signature],
    text,
  );
}

describe.skipIf(isSkipped)(`ssh-keygen${because}`, () => {
  test("makes keys whose lines and fingerprints are ours", () => {
    for (let round = 0; round < 5; round++) {
      const path = at(`made-${round}`);
      execFileSync(sshKeygen, ["-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", path]);
      const line = readFileSync(`${path}.pub`, "utf8").trimEnd();
      const { ssh, sshFingerprint } = identitiesOf(parsePublicKey(line), "a comment");
      expect(ssh).toBe(line);
      expect(tool(sshKeygen, ["-l", "-f", `${path}.pub`]).text).toContain(` ${sshFingerprint} `);
    }
  });

  test("reads the private keys that we write", () => {
    for (const name of ["ada", "bob", "acme/widget"]) {
      const { ssh } = identitiesOf(publicKeyOf(seedOf(name)), name);
      expect(tool(sshKeygen, ["-y", "-f", keyFile(name)])).toEqual({ status: 0, text: `${ssh}\n` });
    }
  });

  test("reads the line as RFC 4716 and PKCS8 tools do", () => {
    const { ssh } = identitiesOf(publicKeyOf(seedOf("ada")));
    writeFileSync(at("ada.pub"), `${ssh}\n`);
    const { status, text } = tool(sshKeygen, ["-e", "-m", "RFC4716", "-f", at("ada.pub")]);
    expect(status).toBe(0);
    expect(text.replaceAll("\n", "")).toContain(ssh.split(" ")[1]);
  });

  test.for([
    ["file", "sha256"],
    ["file", "sha512"],
    ["git", "sha256"],
    ["git", "sha512"],
  ] as const)("accepts what we sign, for %s with %s, and nothing altered", ([namespace, hash]) => {
    const armored = signSsh(utf8(message), signingBy("ada", namespace, hash));
    expect(verifiedBySsh(armored, namespace)).toMatchObject({ status: 0, text: expect.stringContaining("Good") });
    expect(verifiedBySsh(armored, namespace, "another\n").status).not.toBe(0);
    expect(verifiedBySsh(armored, namespace === "git" ? "file" : "git").status).not.toBe(0);
    expect(verifiedBySsh(signSsh(utf8(message), signingBy("bob", namespace, hash)), namespace).status).not.toBe(0);
    const lines = armored.split("\n");
    const middle = lines[3] ?? "";
    lines[3] = (middle.startsWith("A") ? "B" : "A") + middle.slice(1);
    expect(verifiedBySsh(lines.join("\n"), namespace).status).not.toBe(0);
  });

  test.for([
    ["file", "sha256"],
    ["git", "sha512"],
  ] as const)("signs what we accept, byte for byte what we sign: %s with %s", ([namespace, hash]) => {
    const args = ["-Y", "sign", "-q", "-f", keyFile("ada"), "-n", namespace, "-O", `hashalg=${hash}`];
    const { status, text } = tool(sshKeygen, args, message);
    expect(status).toBe(0);
    expect(text).toBe(signSsh(utf8(message), signingBy("ada", namespace, hash)));
    const signature = parseSshSignature(text);
    expect(verifySshSignature(signature, utf8(message), namespace)).toEqual(publicKeyOf(seedOf("ada")));
    expect(() => verifySshSignature(signature, utf8("another\n"), namespace)).toThrow(
      expect.objectContaining({ code: "SSH_SIGNATURE_REFUTED" }),
    );
  });

  test("signs with other algorithms, which we refuse by name", () => {
    const path = at("ecdsa");
    execFileSync(sshKeygen, ["-q", "-t", "ecdsa", "-N", "", "-f", path]);
    const { text } = tool(sshKeygen, ["-Y", "sign", "-q", "-f", path, "-n", "file"], message);
    expect(() => parseSshSignature(text)).toThrow(expect.objectContaining({ code: "PUBLIC_KEY_NOT_ED25519" }));
  });
});

describe.skipIf(isSkipped)(`git${because}`, () => {
  const verifyCommit = (dir: string, id: string, ...names: readonly string[]): ToolAnswer =>
    tool("git", ["-c", `gpg.ssh.allowedSignersFile=${allowed(...names)}`, "verify-commit", id], "", dir);

  test.for(["sha1", "sha256"])("accepts the commits that we sign, and none that is altered: %s", (format) => {
    const dir = at(`ours-${format}`);
    execFileSync("git", ["init", "-q", `--object-format=${format}`, dir]);
    const { git } = repository(dir);
    const tree = execFileSync("git", ["mktree"], { cwd: dir, input: "", encoding: "utf8" }).trim();
    const put = (tamper: (object: string) => string): string => {
      const object = commitObject({ name: "made", parents: [], files: {}, signer: "ada" }, tree, []);
      // Git looks for the signature under another name where its ids are longer.
      const named = format === "sha1" ? object : object.replace("gpgsig ", "gpgsig-sha256 ");
      const args = ["hash-object", "-t", "commit", "-w", "--stdin"];
      return execFileSync("git", args, { cwd: dir, input: tamper(named), encoding: "utf8" }).trim();
    };
    const good = put((object) => object);
    expect(git("cat-file", "-t", good).trim()).toBe("commit");
    expect(verifyCommit(dir, good, "ada").text).toMatch(/Good "git" signature for ada/);
    expect(verifyCommit(dir, good, "ada").status).toBe(0);
    expect(verifyCommit(dir, good, "bob").status).not.toBe(0);
    const bad = put((object) => object.replace("\n\nmade\n", "\n\nmade up\n"));
    expect(verifyCommit(dir, bad, "ada").status).not.toBe(0);
  });

  test.for(["sha1", "sha256"])("signs commits that we accept, and none that is altered: %s", (format) => {
    const dir = at(`theirs-${format}`);
    execFileSync("git", ["init", "-q", `--object-format=${format}`, dir]);
    const repo = repository(dir);
    repo.write({ "a.txt": "a" });
    const first = repo.commit("first");
    const signed = repo.commit("signed, with a longer message\n\nand a body\n", keyFile("ada"));
    const object = execFileSync("git", ["cat-file", "commit", signed], { cwd: dir });
    const commit = parseGitCommit(new Uint8Array(object));
    expect(commit.parents).toEqual([first]);
    const signature = parseSshSignature(commit.signature ?? "");
    expect(verifySshSignature(signature, commit.payload, "git")).toEqual(publicKeyOf(seedOf("ada")));
    for (let byte = 0; byte < commit.payload.length; byte += 7) {
      const altered = commit.payload.slice();
      altered[byte] = (altered[byte] ?? 0) ^ 1;
      expect(() => verifySshSignature(signature, altered, "git")).toThrow("the SSH signature is not one");
    }
  });
});

describe.skipIf(isSkipped)(`settlement keygen${because}`, () => {
  test("makes a key with which git signs", async () => {
    const [out, sshOut] = [at("maintainer.pem"), at("id_maintainer")];
    const { code, out: text } = await cli([
      "keygen",
      "--out",
      out,
      "--ssh-out",
      sshOut,
      "--comment",
      "ada@example.org",
      "--format",
      "json",
    ]);
    expect(code).toBe(0);
    const { identities } = JSON.parse(text) as { identities: { ssh: string } };
    expect(tool(sshKeygen, ["-y", "-f", sshOut]).text).toBe(`${identities.ssh}\n`);
    const repo = repository(at("signing"));
    const id = repo.commit("signed", sshOut);
    writeFileSync(at("signers"), `ada ${identities.ssh}\n`);
    const args = ["-c", `gpg.ssh.allowedSignersFile=${at("signers")}`, "verify-commit", id];
    expect(tool("git", args, "", repo.dir).status).toBe(0);
  });

  test("and the lines of docs/keys.md make git sign with it, and verify", async () => {
    const page = readFileSync(new URL("../../docs/keys.md", import.meta.url), "utf8");
    const block = (text: string): string =>
      [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = ""]) => code).find((code) => code.includes(text)) ??
      "";
    const [key, signers] = [at("id_page"), at("signers_page")];
    const { out } = await cli(["keygen", "--out", at("page.pem"), "--ssh-out", key, "--format", "json"]);
    const { identities } = JSON.parse(out) as { identities: { ssh: string } };
    const repo = repository(at("page"));
    const script = `${block("gpg.format ssh")}\ngit commit -q --allow-empty -m signed\n${block("verify-commit")}`
      .replaceAll("~/.ssh/id_maintainer", key)
      .replaceAll("~/.config/git/allowed_signers", signers)
      .replaceAll("ssh-ed25519 AAAA…", identities.ssh);
    repo.git("config", "user.name", "t");
    repo.git("config", "user.email", "t@example.org");
    const { status, text } = tool("sh", ["-e", "-c", script], "", repo.dir);
    expect(text).toMatch(/Good "git" signature for ada@example\.org/);
    expect(status).toBe(0);
  });

  test("keeps the key out of git", async () => {
    const repo = repository(at("near"));
    repo.write({ ".gitignore": "*.secret\nkept.pem\n", "deep/a": "a" });
    const refused = async (path: string): Promise<string> => {
      const { code, err } = await cli(["keygen", "--out", path]);
      return code === 0 ? "ok" : (err.split(":")[0] ?? "");
    };
    expect(await refused(join(repo.dir, "key.pem"))).toBe("SECRET_NEAR_GIT");
    expect(await refused(join(repo.dir, "deep/key.pem"))).toBe("SECRET_NEAR_GIT");
    expect(await refused(join(repo.dir, "deep/key.secret"))).toBe("ok");
    expect(await refused(join(repo.dir, "kept.pem"))).toBe("ok");
    // What git keeps it keeps, ignored or not.
    repo.git("add", "-f", "kept.pem");
    repo.git("commit", "-q", "-m", "oops");
    execFileSync("rm", [join(repo.dir, "kept.pem")]);
    expect(await refused(join(repo.dir, "kept.pem"))).toBe("SECRET_NEAR_GIT");
    // A broken repository is one all the same.
    writeFileSync(join(repo.dir, ".git/HEAD"), "nonsense");
    expect(await refused(join(repo.dir, "other.secret"))).toBe("SECRET_NEAR_GIT");
  });
});

describe.skipIf(isSkipped)(`settlement validate --commits${because}`, () => {
  const now = ["--now", "2026-03-20T12:00:00Z"];
  const widget = "ledger/nodes/acme/widget/node.json";
  const inFolder = Object.fromEntries(Object.entries(monthlyFiles()).map(([path, text]) => [`ledger/${path}`, text]));
  const described = (text: string): Record<string, string> => {
    const node = JSON.parse(inFolder[widget] ?? "{}") as Record<string, unknown>;
    return { [widget]: `${JSON.stringify({ ...node, description: text }, null, 2)}\n` };
  };

  function ledger(name: string): ReturnType<typeof repository> {
    const repo = repository(at(name));
    repo.write(inFolder);
    repo.commit("accepted");
    repo.git("checkout", "-q", "-b", "change");
    return repo;
  }

  interface Shown {
    readonly valid: boolean;
    readonly findings: readonly {
      readonly code: string;
      readonly commit?: string;
      readonly node?: string;
      readonly file: string;
    }[];
  }

  async function validated(dir: string): Promise<Shown & { readonly exit: number }> {
    const args = ["validate", "--ledger", dir, "--base", "main", "--commits", ...now, "--format", "json"];
    const { code, out, err } = await cli(args, { XDG_CACHE_HOME: at("cache") });
    // A machine that is busy is told how far it is.
    expect(err.replaceAll(/^validating: .*\n/gm, "")).toBe("");
    return { ...(JSON.parse(out) as Shown), exit: code };
  }

  test("takes what the node signed, and names the commit that nobody did", async () => {
    const repo = ledger("plain");
    repo.write(described("one"));
    repo.commit("signed", keyFile("acme/widget"));
    expect(await validated(repo.dir)).toMatchObject({ valid: true, exit: 0, findings: [] });
    expect(await validated(join(repo.dir, "ledger"))).toMatchObject({ valid: true, exit: 0, findings: [] });
    repo.write({ "README.md": "not of the ledger" });
    repo.commit("unsigned, and no matter");
    repo.write(described("two"));
    const bad = repo.commit("unsigned");
    expect(await validated(repo.dir)).toMatchObject({
      valid: false,
      exit: 1,
      findings: [{ code: "COMMIT_UNSIGNED", commit: bad, node: "acme/widget", file: widget }],
    });
    const [finding] = (await validated(join(repo.dir, "ledger"))).findings;
    expect(finding).toMatchObject({ code: "COMMIT_UNSIGNED", file: "nodes/acme/widget/node.json" });
    const { out } = await cli(["validate", "--ledger", repo.dir, "--base", "main", "--commits", ...now], {
      XDG_CACHE_HOME: at("cache"),
    });
    expect(out).toContain(`commit ${bad.slice(0, 12)} changes acme/widget and is not signed`);
  });

  test("takes no other key, and no signature over something else", async () => {
    const repo = ledger("others");
    repo.write(described("one"));
    const other = repo.commit("signed by another", keyFile("acme/gadget"));
    repo.write(described("two"));
    repo.commit("signed", keyFile("acme/widget"));
    const object = execFileSync("git", ["cat-file", "commit", "HEAD"], { cwd: repo.dir, encoding: "latin1" });
    const input = Buffer.from(object.replace("\n\nsigned", "\n\nsigmed"), "latin1");
    const args = ["hash-object", "-t", "commit", "-w", "--stdin"];
    const altered = execFileSync("git", args, { cwd: repo.dir, input, encoding: "utf8" }).trim();
    repo.git("reset", "-q", "--hard", altered);
    expect((await validated(repo.dir)).findings.map(({ code, commit }) => [code, commit])).toEqual([
      ["COMMIT_SIGNER_NOT_PERMITTED", other],
      ["COMMIT_SIGNATURE_INVALID", altered],
    ]);
  });

  test("looks at merges, at odd names and at what is not committed", async () => {
    const repo = ledger("merges");
    repo.write(described("one"));
    repo.commit("signed", keyFile("acme/widget"));
    repo.git("checkout", "-q", "-b", "side", "main");
    repo.write({ 'ledger/nodes/acme/gadget/\u00e9 "x"\n.txt': "odd" });
    const odd = repo.commit("odd");
    repo.git("checkout", "-q", "change");
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side");
    repo.write(described("two"));
    const findings = (await validated(repo.dir)).findings.filter(({ code }) => code.startsWith("COMMIT_"));
    expect(findings.map(({ code, commit, node }) => [code, commit, node])).toEqual([
      ["COMMIT_UNSIGNED", odd, "acme/gadget"],
      ["COMMIT_MISSING", undefined, "acme/widget"],
    ]);
  });

  test("needs a commit to begin with, and the history since", async () => {
    const repo = ledger("shallow");
    repo.write(described("one"));
    repo.commit("signed", keyFile("acme/widget"));
    const args = ["validate", "--ledger", repo.dir, "--commits", ...now];
    expect((await cli(args)).err).toMatch(/^CONFIG_INVALID: --commits needs --base/);
    expect((await cli([...args, "--base", repo.dir])).err).toMatch(/^CONFIG_INVALID: --commits needs a commit/);
    expect((await cli([...args, "--base", "nowhere"])).err).toMatch(/^GIT_REF_UNKNOWN/);
    const clone = at("clone");
    execFileSync("git", ["clone", "-q", "--depth", "1", "--branch", "change", `file://${repo.dir}`, clone]);
    tool("git", ["fetch", "-q", "--depth", "1", "origin", "main:main"], "", clone);
    const { code, err } = await cli(["validate", "--ledger", clone, "--base", "main", "--commits", ...now]);
    expect([code, err.split(":")[0]]).toEqual([3, "LEDGER_UNREADABLE"]);
  });
});
