import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/core/bytes.ts";
import { parseVkey } from "../../src/core/note.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "../../src/core/tlog-proof.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import { ownEntryAt, verdict } from "../support/trees.ts";
import golden from "../vectors/note.json" with { type: "json" };

const [log] = golden.keys as [(typeof golden.keys)[0]];
const pinned = [parseVkey(log.vkey)];
const [good = "", ofMonth = ""] = golden.tlogProofs.map(({ file }) => file);

test.for(golden.tlogProofs)("the entry $entry is proven", ({ entry, file }) => {
  const proof = parseTlogProof(file);
  expect(formatTlogProof(proof)).toBe(file);
  expect(verifyTlogProof(proof, fromHex(entry), pinned).origin).toMatch(/^ledger\.example\.org\/ledger/);
  const extra = Uint8Array.of(1, 2, 3);
  const withExtra = parseTlogProof(formatTlogProof({ ...proof, extra }));
  expect(withExtra).toEqual({ ...proof, extra });
  verifyTlogProof(withExtra, fromHex(entry), pinned);
});

interface ProofCase {
  readonly id: string;
  readonly file: string;
  readonly leaf: string;
  readonly vkeys: readonly string[];
  readonly accepted: boolean;
  readonly size?: string;
  readonly origin?: string;
}

describe.skipIf(!hasShared)("published vectors", () => {
  const { cases } = sharedJson<{ cases: ProofCase[] }>("vectors/note/tlog-proofs.json") ?? { cases: [] };
  const examples = sharedJson<{ cases: { text?: string }[] }>("vectors/note/c2sp-examples.json")?.cases ?? [];

  test.for(cases)("$id", ({ file, leaf, vkeys, accepted, size, origin }) => {
    expect(formatTlogProof(parseTlogProof(file))).toBe(file);
    const verify = () => verifyTlogProof(parseTlogProof(file), fromHex(leaf), vkeys.map(parseVkey));
    expect(verdict(verify)).toMatch(accepted ? /^ok$/ : /^(INCLUSION_PROOF_MISMATCH|NOTE_SIGNER_UNKNOWN)$/);
    const checkpoint = accepted ? verify() : undefined;
    expect([checkpoint?.origin, checkpoint?.size.toString()]).toEqual([origin, size]);
  });

  test("the example of the standard", () => {
    const text = examples.find((example) => example.text?.startsWith("c2sp.org/tlog-proof"))?.text ?? "";
    const { index, path, checkpoint, extra } = parseTlogProof(text);
    expect([index, path.length, checkpoint.split("\n")[0]]).toEqual([73_894, 5, "example.com/fancylog"]);
    expect(Buffer.from(extra ?? []).toString("latin1")).toMatch(/^age-v1\.2\.1-darwin-arm64\.tar\.gz/);
  });
});

const line = good.split("\n")[2] ?? "";

test.for([
  ["", "nothing"],
  [good.slice(1), "another first line"],
  [good.replace("@v1", "@v2"), "another version"],
  [good.replace("\n\n", "\n"), "no empty line before the checkpoint"],
  [good.replaceAll("\n", "\r\n"), "carriage returns"],
  [good.replace(/^index .*\n/m, ""), "no index"],
  ...["", "013", "-1", "+13", "13.0", "1e1", " 13", "9007199254740992", "99999999999999999999"].map(
    (index) => [good.replace("index 13", `index ${index}`), `the index ${index}`] as const,
  ),
  [good.replace("index 13\n", "index 13\nextra AAAA\n"), "extra behind the index"],
  [good.replace("index", "extra AAAA\nextra AAAA\nindex"), "extra twice"],
  [good.replace("index", "extra AAA\nindex"), "extra that is not base64"],
  [good.replace(line, line.slice(0, -1)), "a hash without padding"],
  [good.replace(line, "AAAA"), "a hash of 3 bytes"],
  [good.replace(line, `${line}AAAA`), "base64 behind a hash"],
  [good.replace(line, `${line}\n`.repeat(54)), "a path of more than 53 hashes"],
  [good.replace(line, `${line}\n`.repeat(100_000)), "a path without end"],
] as const)("%#: $1", ([file]) => {
  expect(verdict(() => parseTlogProof(file))).toBe("TLOG_PROOF_MALFORMED");
});

test("a proof is not for another entry, index, path, checkpoint or log", () => {
  const proof = parseTlogProof(good);
  const entry = ownEntryAt(13);
  verifyTlogProof(proof, entry, pinned);
  const judge = (changed: Partial<typeof proof>, of = entry, keys = pinned) =>
    verdict(() => verifyTlogProof({ ...proof, ...changed }, of, keys));
  expect(judge({}, ownEntryAt(12))).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ index: 12 })).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ index: 21 })).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ path: proof.path.slice(1) })).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ path: proof.path.toReversed() })).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ checkpoint: parseTlogProof(ofMonth).checkpoint })).toBe("INCLUSION_PROOF_MISMATCH");
  expect(judge({ checkpoint: proof.checkpoint.replace("\n21\n", "\n22\n") })).toBe("NOTE_SIGNATURE_INVALID");
  expect(judge({ checkpoint: "" })).toBe("NOTE_MALFORMED");
  expect(judge({}, entry, [])).toBe("NOTE_SIGNER_UNKNOWN");
});

test("a file with one character changed never proves, but in its extra data", () => {
  const withExtra = good.replace("index", "extra AAAA\nindex");
  const entry = ownEntryAt(13);
  const start = withExtra.indexOf("index");
  fc.assert(
    fc.property(
      fc.integer({ min: start, max: good.length - 1 }),
      fc.constantFrom("\n", " ", "A", "0", "=", "+", "—", "é"),
      (at, char) => {
        const changed = withExtra.slice(0, at) + char + withExtra.slice(at + 1);
        fc.pre(changed !== withExtra);
        expect(verdict(() => verifyTlogProof(parseTlogProof(changed), entry, pinned))).not.toBe("ok");
      },
    ),
    { numRuns: 300 },
  );
});

test("what is not a signed checkpoint is not put into a file", () => {
  const proof = parseTlogProof(good);
  expect(verdict(() => formatTlogProof({ ...proof, checkpoint: "hello\n" }))).toBe("NOTE_MALFORMED");
  expect(verdict(() => formatTlogProof({ ...proof, checkpoint: "hello\n\n— a AAAAAAA=\n" }))).toBe(
    "CHECKPOINT_MALFORMED",
  );
  expect(verdict(() => formatTlogProof({ ...proof, index: -1 }))).toBe("TREE_POSITION_INVALID");
  expect(verdict(() => formatTlogProof({ ...proof, path: [new Uint8Array(31)] }))).toBe("HASH_MALFORMED");
});
