import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { type Identities, identitiesOf } from "../../src/core/identity.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { opensshPrivateKey } from "../../src/core/openssh-key.ts";
import { parsePrivateKeyPem, privateKeyPem } from "../../src/core/public-key.ts";
import { schemaFaults } from "../../src/validate/schema-faults.ts";
import { nodeJson, seedOf } from "../support/build-ledger.ts";
import { program } from "../interop/workflow.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const seed = seedOf("ada");
const all = identitiesOf(publicKeyOf(seed));
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Does a text hold eight digits in a row of the base64 or hex of a secret? */
function shows(text: string, secret: Uint8Array): boolean {
  const pem = privateKeyPem(secret).split("\n")[1]?.slice(22) ?? "";
  const spellings = [pem, Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("hex")];
  return spellings.some((each) => {
    const starts = Array.from({ length: each.length - 7 }, (_, at) => each.slice(at, at + 8));
    return starts.some((part) => text.includes(part));
  });
}

describe("settlement identity", () => {
  const { xrplAddress, sshFingerprint: _fingerprint, ...names } = all;

  test.for(Object.entries(names))("takes %s as text or as file, and shows every name", async ([name, text]) => {
    const path = file(name, text.endsWith("\n") ? text : `${text}\n`);
    // A PEM begins like a flag.
    const asText = await cli(["identity", "--format", "json", "--", text]);
    const asFile = await cli(["identity", path, "--format", "json"]);
    for (const { code, out } of [asText, asFile]) {
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual({ ...all, warning: expect.stringContaining("do not fund") });
    }
  });

  test("of a private key shows the public names and nothing of the secret", async () => {
    const path = file("key.pem", privateKeyPem(seed));
    for (const format of ["text", "json"]) {
      const { code, out, err } = await cli(["identity", path, "--format", format]);
      expect(code).toBe(0);
      for (const each of Object.values(all)) expect(out).toContain(format === "json" ? JSON.stringify(each) : each);
      expect(shows(out + err, seed)).toBe(false);
    }
  });

  test("explains each name in a line, and warns", async () => {
    const { out } = await cli(["identity", `${all.ssh} ada@example.org`]);
    expect(out).toContain("ada@example.org");
    expect(out.match(/^ {15}\(.+\)$/gm)).toHaveLength(5);
    expect(out).toMatch(/WARNING {2}do not fund the XRPL account: one key, one job/);
  });

  test("says of an address that it names no key", async () => {
    const { code, err } = await cli(["identity", xrplAddress]);
    expect(code).toBe(2);
    expect(err).toMatch(/^PUBLIC_KEY_MALFORMED: an XRP Ledger address is the hash of a key and names none/);
  });

  test.for<[string, () => string, RegExp]>([
    ["no file", () => join(folder, "nowhere"), /^USAGE_INVALID.*ENOENT/],
    ["a folder", () => folder, /^USAGE_INVALID.*EISDIR/],
    ["an empty file", () => file("a", ""), /^PUBLIC_KEY_MALFORMED/],
    ["bytes", () => file("a", Uint8Array.of(0xff, 0xfe)), /^UTF8_MALFORMED/],
    ["a large file", () => file("a", "x".repeat(20_000)), /^PUBLIC_KEY_MALFORMED: the file has more than/],
    ["two keys", () => file("a", `${all.ssh}\n${all.ssh}\n`), /^PUBLIC_KEY_MALFORMED/],
    ["a fingerprint", () => all.sshFingerprint, /^USAGE_INVALID/],
  ])("refuses %s", async ([, argument, message]) => {
    const { code, err } = await cli(["identity", argument()]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test("shows nothing of a secret that it cannot read", async () => {
    const pem = privateKeyPem(seed);
    const bad = [
      await cli(["identity", "--", pem]),
      await cli(["identity", file("a", opensshPrivateKey(seed, new Uint8Array(4)))]),
      await cli(["identity", file("b", pem.replace("-----END", "x-----END"))]),
      await cli(["identity", file("c", ` ${pem}`)]),
      await cli(["identity", Buffer.from(seed).toString("hex")]),
      await cli(["identity", "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2r"]),
    ];
    for (const { code, out, err } of bad) {
      expect([code, out]).toEqual([2, ""]);
      expect(shows(err, seed)).toBe(false);
      expect(err).not.toContain("sEdSKaCy");
    }
    expect(bad[0]?.err).toMatch(/use another key from now on/);
    expect(bad[1]?.err).toMatch(/name its \.pub file/);
  });
});

interface Made {
  readonly files: readonly string[];
  readonly identities: Identities;
  readonly maintainer: { readonly name: string; readonly keyId: string; readonly publicKey: string };
}

describe("settlement keygen", () => {
  test("writes a key of mode 0600 and prints a block that node.json takes", async () => {
    const path = join(folder, "ada.pem");
    const { code, out } = await cli(["keygen", "--out", path, "--name", "Ada Example", "--format", "json"]);
    expect(code).toBe(0);
    const { files, identities, maintainer } = JSON.parse(out) as Made;
    expect(files).toEqual([path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const made = parsePrivateKeyPem(readFileSync(path, "utf8"));
    expect(identities).toEqual(identitiesOf(publicKeyOf(made)));
    expect(shows(out, made)).toBe(false);
    const manifest = { ...nodeJson("acme/widget", "compute"), maintainers: [{ ...maintainer }] };
    expect(schemaFaults("node", manifest)).toEqual([]);
    expect(parseNodeManifest(manifest).maintainers[0]?.publicKey).toEqual(publicKeyOf(made));
  });

  test("prints the same for people, with the advice to make a second key", async () => {
    const path = join(folder, "ada.pem");
    const { out } = await cli(["keygen", "--out", path, "--comment", "ada@example.org"]);
    const block = /^\{\n.*^\}$/ms.exec(out)?.[0] ?? "";
    const made = publicKeyOf(parsePrivateKeyPem(readFileSync(path, "utf8")));
    expect(JSON.parse(block)).toMatchObject({
      name: "ada@example.org",
      contact: "ada@example.org",
      publicKey: identitiesOf(made).pem,
      keyId: expect.stringMatching(/^ada-example-org-[0-9a-f]{8}$/),
    });
    expect(out).toContain(`${identitiesOf(made).ssh} ada@example.org\n`);
    expect(out).toContain("ADVICE  make a second key");
  });

  test.for([["\u00c9mile"], ["--"], ["x".repeat(80)], ["\u4f60\u597d"]])(
    "a name like %s has a key id all the same",
    async ([name = ""]) => {
      const args = ["keygen", "--out", join(folder, "key"), `--name=${name}`, "--format", "json"];
      const { maintainer } = JSON.parse((await cli(args)).out) as Made;
      const manifest = { ...nodeJson("acme/widget", "compute"), maintainers: [{ ...maintainer }] };
      expect(schemaFaults("node", manifest)).toEqual([]);
    },
  );

  test("makes another key each time, and overwrites none", async () => {
    const path = join(folder, "ada.pem");
    expect((await cli(["keygen", "--out", path])).code).toBe(0);
    const before = readFileSync(path, "utf8");
    const again = await cli(["keygen", "--out", path]);
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/^OUTPUT_UNWRITABLE: .* is there already/)]);
    expect(readFileSync(path, "utf8")).toBe(before);
    symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
    expect((await cli(["keygen", "--out", join(folder, "link")])).code).toBe(2);
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
    const other = join(folder, "other.pem");
    await cli(["keygen", "--out", other]);
    expect(readFileSync(other, "utf8")).not.toBe(before);
  });

  test("writes both files or none", async () => {
    const [pem, ssh] = [join(folder, "a.pem"), file("id_a", "mine")];
    expect((await cli(["keygen", "--out", pem, "--ssh-out", ssh])).code).toBe(2);
    expect([existsSync(pem), readFileSync(ssh, "utf8")]).toEqual([false, "mine"]);
    expect((await cli(["keygen", "--out", pem, "--ssh-out", pem])).err).toMatch(/^CONFIG_INVALID/);
  });

  test.for<[string, string[], RegExp]>([
    ["no file", [], /^CONFIG_INVALID: keygen needs --out/],
    ["a folder that is not there", ["--out", "/nonexistent/folder/key.pem"], /^OUTPUT_UNWRITABLE.*make it first/],
    ["a comment of two lines", ["--out", "x", "--comment", "a\nb"], /^CONFIG_INVALID: --comment/],
    ["a name that hides", ["--out", "x", "--name", "a\u202eb"], /^CONFIG_INVALID: --name/],
  ])("refuses %s", async ([, args, message]) => {
    const { code, err } = await cli(["keygen", ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

test("a key that could not be written to its end is not left there in part", () => {
  const path = join(temporaryFolder(), "key.pem");
  const script = 'ulimit -f 0; exec "$0" "$@"';
  const { status, stderr } = spawnSync("bash", ["-c", script, process.execPath, program, "keygen", "--out", path], {
    encoding: "utf8",
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
  });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^OUTPUT_UNWRITABLE/) });
  expect(existsSync(path)).toBe(false);
});
