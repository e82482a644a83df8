import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { folderLock } from "../../src/adapters/folder-lock.ts";
import { type Files, partition, withEvents } from "../support/build-ledger.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { dueFiles, gitNetwork, type GitNetwork, justNow, lastMonth, lastMonthAt, release } from "./git-network.ts";
import { whyNoSsh } from "./ssh.ts";
import { program } from "./workflow.ts";

const why = whyNoSsh();
const because = why === undefined ? "" : ` (skipped: ${why})`;

interface Place extends GitNetwork {
  readonly folder: string;
  readonly clone: string;
  sync(...args: readonly string[]): Promise<CliResult>;
  /** What the bare repository says. */
  remote(...args: readonly string[]): string;
  hook(name: string, script: string): void;
}

function place(files: Files = dueFiles()): Place {
  const folder = temporaryFolder();
  const network = gitNetwork(folder, files);
  const data = join(folder, "data");
  return {
    ...network,
    folder,
    clone: join(data, "clone"),
    sync: (...args) => cli(["sync", "--remote", network.bare, "--data", data, "--grace", "0", ...args]),
    remote: (...args) => network.writer.git("-C", network.bare, ...args).trim(),
    hook(name, script) {
      const path = join(network.bare, "hooks", name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
    },
  };
}

/** Somebody adds an event to this month. */
function addEvent({ writer }: GitNetwork, version: string): void {
  const timestamp = justNow();
  writer.git("pull", "-q", "--rebase", "origin", "main");
  const path = `${timestamp.slice(0, 7)}.json`;
  writer.write(withEvents({ [path]: partition([]) }, path, () => [release(version, timestamp)]));
  writer.commit(`Release ${version}`);
  writer.git("push", "-q", "origin", "HEAD:main");
}

const receiptPath = `anchors/${lastMonth}/receipt.json`;

describe.skipIf(why !== undefined)(`a network fed by git${because}`, () => {
  test("is pulled, closed, anchored and pushed; again it does nothing, and goes on with what came in", async () => {
    const network = place();
    const { sync, remote } = network;
    const who = ["--commit-name", "Notary", "--commit-email", "notary@example.org"];
    const first = await sync(...who);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(new RegExp(`^ {2}closed +${lastMonth}, 2 events, root [0-9a-f]{64}$`, "m"));
    expect(first.out).toMatch(new RegExp(`^ {2}anchored +${lastMonth} by [0-9A-F]{64} in ledger \\d+$`, "m"));
    expect(remote("log", "-1", "--format=%an <%ae> %cn", "main")).toBe("Notary <notary@example.org> Notary");
    // The month was pushed before it was anchored.
    expect(remote("ls-tree", "-r", "--name-only", "main~1")).toContain(`anchors/${lastMonth}/manifest.json`);
    expect(remote("ls-tree", "-r", "--name-only", "main~1")).not.toContain(receiptPath);
    expect(remote("ls-tree", "-r", "--name-only", "main")).toContain(receiptPath);

    const head = remote("rev-parse", "main");
    const again = await sync("--format", "json");
    expect(again).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(again.out)).toMatchObject({ from: head, to: head, closed: [], receipts: [], pushed: null });
    expect(remote("rev-parse", "main")).toBe(head);

    addEvent(network, "2.0.0");
    const next = await sync("--format", "json");
    expect(JSON.parse(next.out)).toMatchObject({
      from: head,
      to: remote("rev-parse", "main"),
      closed: [],
      pushed: null,
    });
    const valid = await cli(["validate", "--ledger", network.clone]);
    expect(valid).toMatchObject({ code: 0 });
  });

  test.for([
    ["rewritten", "GIT_HISTORY_REWRITTEN"],
    ["edited", "GIT_CHANGE_REFUSED"],
    ["gone", "GIT_HISTORY_REWRITTEN"],
  ] as const)("what is %s is refused with %s, and nothing is touched", async ([what, code]) => {
    const network = place();
    const { sync, writer, clone, remote } = network;
    addEvent(network, "2.0.0");
    expect(await sync()).toMatchObject({ code: 0 });
    const before = writer.git("-C", clone, "rev-parse", "HEAD");
    writer.git("pull", "-q", "--rebase", "origin", "main");
    const path = `${lastMonth}.json`;
    const edited = withEvents({ [path]: partition([]) }, path, () => [release("6.6.6", lastMonthAt(0))]);
    if (what === "gone") remote("update-ref", "-d", "refs/heads/main");
    else if (what === "rewritten") {
      writer.git("reset", "-q", "--hard", "HEAD~1");
      writer.commit("Instead");
      writer.git("push", "-q", "-f", "origin", "HEAD:main");
    } else {
      writer.write(edited);
      writer.commit("Never happened");
      writer.git("push", "-q", "origin", "HEAD:main");
    }
    const refs = remote("for-each-ref");
    for (const round of [1, 2]) {
      const { code: exit, out } = await sync("--format", "json");
      const answer = JSON.parse(out) as { readonly error: { readonly message: string } };
      expect({ round, exit, answer }).toMatchObject({
        exit: 1,
        answer: { error: { code } },
      });
    }
    expect(writer.git("-C", clone, "rev-parse", "HEAD")).toBe(before);
    expect(remote("for-each-ref")).toBe(refs);
  });

  test.for([
    [5, 0],
    [1, 3],
  ] as const)("others push meanwhile: of %i tries the end is exit %i", async ([tries, exit]) => {
    const network = place();
    const { sync, writer, bare, hook, remote, folder } = network;
    // The other's commit is there already, and gets in while ours is being taken.
    writer.write({ "README.md": "# Network\n" });
    const other = writer.commit("Say what this is");
    writer.git("push", "-q", "origin", "HEAD:refs/heads/other");
    const done = join(folder, "done");
    hook(
      "pre-receive",
      `test -e ${done} || { touch ${done}; env -u GIT_QUARANTINE_PATH git --git-dir=${bare} update-ref refs/heads/main ${other}; }`,
    );
    const { code, out, err } = await sync("--push-tries", String(tries));
    expect({ code, out, err }).toMatchObject({ code: exit });
    if (exit !== 0) {
      expect(err).toMatch(/^GIT_PUSH_OUTRUN: /);
      expect(await sync()).toMatchObject({ code: 0 });
    }
    // Nothing of either is lost, in one line of commits.
    expect(remote("rev-list", "--merges", "main")).toBe("");
    expect(remote("ls-tree", "-r", "--name-only", "main").split("\n")).toEqual(
      expect.arrayContaining(["README.md", receiptPath]),
    );
  });

  test("a push that is forbidden keeps the closed month; allowed, it is pushed as it was", async () => {
    const { sync, hook, bare, remote, clone, writer } = place();
    hook("pre-receive", "echo not you >&2; exit 1");
    const { code, err } = await sync();
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringMatching(/^GIT_PUSH_REFUSED: /) });
    const kept = writer.git("-C", clone, "rev-parse", `HEAD:anchors/${lastMonth}/manifest.json`).trim();
    // Nothing was anchored that nobody can see.
    expect(existsSync(join(clone, receiptPath))).toBe(false);
    rmSync(join(bare, "hooks", "pre-receive"));
    const again = await sync("--format", "json");
    expect(JSON.parse(again.out)).toMatchObject({ closed: [], receipts: [{ partitionId: lastMonth }] });
    expect(remote("rev-parse", `main:anchors/${lastMonth}/manifest.json`)).toBe(kept);
  });

  test("another branch takes what is published, and a new clone goes on from there", async () => {
    const network = place();
    const { sync, remote, folder } = network;
    const main = remote("rev-parse", "main");
    expect(await sync("--push-branch", "settled")).toMatchObject({ code: 0, err: "" });
    expect(remote("rev-parse", "main")).toBe(main);
    const receipt = remote("rev-parse", `settled:${receiptPath}`);
    addEvent(network, "2.0.0");
    const elsewhere = await sync(join(folder, "elsewhere"), "--push-branch", "settled", "--format", "json");
    expect(JSON.parse(elsewhere.out)).toMatchObject({ closed: [], receipts: [] });
    expect(remote("rev-parse", `settled:${receiptPath}`)).toBe(receipt);
    expect(remote("merge-base", "--is-ancestor", "main", "settled")).toBe("");
    // The first clone takes over what the second pushed, and a branch that was removed begins again.
    expect(await sync("--push-branch", "settled")).toMatchObject({ code: 0, err: "" });
    remote("branch", "-D", "settled");
    expect(await sync("--push-branch", "settled")).toMatchObject({ code: 0, err: "" });
    expect(remote("rev-parse", `settled:${receiptPath}`)).toBe(receipt);
  });

  test("killed between close and push, the next one pushes what is there and anchors once", async () => {
    const { sync, hook, bare, remote, folder } = place();
    const [begun, data] = [join(folder, "begun"), join(folder, "data")];
    hook("pre-receive", `touch ${begun}; sleep 2; exit 1`);
    const args = ["sync", "--remote", bare, "--data", data, "--grace", "0"];
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, SETTLEMENT_CLOSE_MS: "100" } });
    const ended = new Promise((resolve) => child.on("close", resolve));
    while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGKILL");
    await ended;
    rmSync(join(bare, "hooks", "pre-receive"));
    // The state of the one that was killed is free as soon as the system has ended it.
    const { code, out, err } = await sync("--format", "json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ closed: [], receipts: [{ partitionId: lastMonth }] });
    expect(remote("ls-tree", "-r", "--name-only", "main")).toContain(receiptPath);
    expect(JSON.parse((await sync("--format", "json")).out)).toMatchObject({ receipts: [], pushed: null });
  });

  test("the validators' signatures of a month that has none yet are looked for again", async () => {
    const network = place();
    const { sync, folder, clone } = network;
    expect(await sync()).toMatchObject({ code: 0, err: "" });
    // The same, as if the round had ended before they came.
    const { writer, bare } = gitNetwork(join(folder, "before"), {});
    cpSync(clone, writer.dir, { recursive: true, filter: (path) => !/\.git$|\.lock$|xpop\.json$/.test(path) });
    writer.commit("As it was");
    writer.git("push", "-q", "origin", "main");
    const again = await sync(join(folder, "again"), "--remote", bare, "--format", "json");
    expect(JSON.parse(again.out)).toMatchObject({ closed: [], receipts: [] });
    expect(writer.git("-C", bare, "ls-tree", "-r", "--name-only", "main")).toContain(`anchors/${lastMonth}/xpop.json`);
  });

  test("of two rounds on one clone the second is told so", async () => {
    const { sync, clone } = place();
    expect(await sync()).toMatchObject({ code: 0 });
    const alone = folderLock(join(clone, ".git", "settlement-sync.lock"), 0);
    await alone(async () => {
      const { code, err } = await sync();
      expect({ code, err }).toMatchObject({ code: 3, err: expect.stringMatching(/^LEDGER_IN_USE: /) });
    });
  });

  test("nothing of the repository runs or is followed", async () => {
    const { sync, writer, folder, clone } = place();
    const marker = join(folder, "marker");
    const trap = `#!/bin/sh\ntouch ${marker}\n`;
    writer.write({
      ".gitattributes": "* filter=trap text eol=crlf merge=trap\n",
      ".gitmodules": `[submodule "sub"]\n\tpath = sub\n\turl = ${folder}/nowhere\n`,
      ".githooks/post-checkout": trap,
      ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:1/\n",
      "package.json": '{"scripts":{"prepare":"false"}}\n',
    });
    symlinkSync("/etc/passwd", join(writer.dir, "outside"));
    writer.commit("Traps");
    writer.git("push", "-q", "origin", "HEAD:main");
    mkdirSync(join(folder, "home"));
    const settings = join(folder, "home", "gitconfig");
    writeFileSync(
      settings,
      `[filter "trap"]\n\tsmudge = touch ${marker}; cat\n\tclean = touch ${marker}; cat\n\trequired = true\n[core]\n\thooksPath = .githooks\n\tautocrlf = true\n`,
    );
    const before = process.env["GIT_CONFIG_GLOBAL"];
    process.env["GIT_CONFIG_GLOBAL"] = settings;
    try {
      expect(await sync()).toMatchObject({ code: 0, err: "" });
    } finally {
      if (before === undefined) delete process.env["GIT_CONFIG_GLOBAL"];
      else process.env["GIT_CONFIG_GLOBAL"] = before;
    }
    expect(existsSync(marker)).toBe(false);
    expect(writer.git("-C", clone, "cat-file", "-p", "HEAD:outside")).toBe("/etc/passwd");
    expect(await cli(["validate", "--ledger", clone])).toMatchObject({ code: 0 });
  });

  test.for([
    ["https://ada:hunter2-secret@127.0.0.1:1/net.git", 3, "GIT_REMOTE_UNREACHABLE"],
    ["ssh://127.0.0.1:1/net.git", 3, "GIT_REMOTE_UNREACHABLE"],
    ["http://127.0.0.1:1/net.git", 2, "GIT_REMOTE_MALFORMED"],
    ["ext::sh -c touch% /tmp/x", 2, "GIT_REMOTE_MALFORMED"],
    ["--upload-pack=touch /tmp/x", 2, "GIT_REMOTE_MALFORMED"],
    ["-oProxyCommand=x@host:net", 2, "GIT_REMOTE_MALFORMED"],
    ["elsewhere", 2, "GIT_REMOTE_MALFORMED"],
  ] as const)("remote %s: exit %i, %s, and no secret is shown", async ([address, exit, expected]) => {
    const folder = temporaryFolder();
    const { code, out, err } = await cli([
      "sync",
      `--remote=${address}`,
      "--data",
      join(folder, "data"),
      "--git-timeout",
      "20",
    ]);
    expect({ code, out, err }).toMatchObject({ code: exit, out: "", err: expect.stringMatching(`^${expected}: `) });
    expect(err).not.toContain("hunter2");
  });

  test("a remote that says nothing is given up", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const data = join(temporaryFolder(), "data");
    const given = ["--remote", `git://127.0.0.1:${port}/net.git`, "--git-timeout", "1", "--data", data];
    const { code, err } = await cli(["sync", ...given]);
    expect({ code, err }).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^GIT_REMOTE_UNREACHABLE: .*no answer within 1 seconds/),
    });
  });

  test("a token goes to https alone, and is shown nowhere", async () => {
    const { bare, folder } = place();
    const env = { SETTLEMENT_GIT_TOKEN: "ghs_verysecrettoken" };
    for (const address of [bare, "https://127.0.0.1:1/net.git"]) {
      const { code, err } = await cli(["sync", "--remote", address, "--data", join(folder, "data")], env);
      expect(code).toBeGreaterThan(1);
      expect(err).not.toMatch(/verysecret|eC1hY2Nlc3MtdG9rZW46/);
    }
  });

  test("with --commits each change must be signed, from the commit on that was checked", async () => {
    const network = place();
    const { sync, remote } = network;
    expect(await sync("--commits")).toMatchObject({ code: 2, err: expect.stringMatching(/^CONFIG_INVALID: .*--base/) });
    const base = remote("rev-parse", "main");
    addEvent(network, "2.0.0");
    const { code, out } = await sync("--commits", "--base", base, "--format", "json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: "GIT_CHANGE_REFUSED" },
      findings: [{ code: "COMMIT_UNSIGNED", node: "acme/widget" }],
    });
  });

  test("a folder that is somebody's is left alone", async () => {
    const { sync, folder, writer } = place();
    const mine = join(folder, "mine");
    mkdirSync(mine);
    writeFileSync(join(mine, "thesis.txt"), "x");
    expect(await sync(mine)).toMatchObject({ code: 2, err: expect.stringMatching(/^GIT_CLONE_UNFIT: /) });
    writer.write({ [`${lastMonth}.json`]: "[]" });
    expect(await sync(writer.dir)).toMatchObject({ code: 2, err: expect.stringMatching(/^GIT_CLONE_UNFIT: /) });
    // Put back, the clone of a person serves by the name of its remote.
    writer.git("checkout", "-q", ".");
    const { code, err } = await cli(["sync", writer.dir, "--data", join(folder, "data"), "--grace", "0"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });
});
