import { readFileSync } from "node:fs";
import { configuredTrust, fast } from "../../compose-judging.ts";
import { SettlementError } from "../../core/error.ts";
import type { Layer, LayerStatus, Verdict, VerdictWord } from "../../core/verdict.ts";
import { judgeProof } from "../../core/judge-proof.ts";
import { placed } from "../../core/placed.ts";
import type { CommandSpec } from "../command.ts";
import { harmless, type Io, styled, wrapped } from "../io.ts";

const marks: Readonly<Record<LayerStatus, readonly [mark: string, style: "green" | "red" | "yellow"]>> = {
  pass: ["✓", "green"],
  fail: ["✗", "red"],
  unproven: ["?", "yellow"],
};

const banners: Readonly<Record<VerdictWord, readonly [word: string, style: "green" | "red" | "yellow"]>> = {
  proven: ["VERIFIED: PROVEN", "green"],
  anchored: ["VERIFIED: ANCHORED", "green"],
  unproven: ["UNPROVEN", "yellow"],
  failed: ["FAILED", "red"],
};

/** The verdict's word and its summary. */
export function bannerText(io: Io, { verdict, summary }: Verdict): string {
  const [word, style] = banners[verdict];
  return `${styled(io, style, word)}  ${wrapped(io, harmless(summary), word.length + 2)}\n`;
}

export function layerText(io: Io, { layer, status, detail }: Layer): string {
  const [mark, color] = marks[status];
  return `  ${styled(io, color, mark)} ${layer.padEnd(11)} ${wrapped(io, harmless(detail), 16)}\n`;
}

/** A verdict for people. */
export function verdictText(io: Io, verdict: Verdict): string {
  const { layers } = verdict;
  const seen = layers.filter(({ detail }) => !detail.startsWith("not looked at"));
  const rest = layers.length - seen.length;
  const more = rest > 0 ? `  ${styled(io, "dim", `${rest} more layers were not looked at`)}\n` : "";
  return `${bannerText(io, verdict)}${seen.map((each) => layerText(io, each)).join("")}${more}`;
}

/** Exit codes of verdicts. */
export const exits: Readonly<Record<VerdictWord, number>> = { proven: 0, anchored: 0, unproven: 3, failed: 1 };

export function readProof(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (cause) {
    throw new SettlementError(
      "PROOF_UNREADABLE",
      `the proof ${path} cannot be read; name a file, or - for standard input`,
      { cause },
    );
  }
}

export const verify: CommandSpec = {
  name: "verify",
  usage: "<FILE>",
  about:
    "Verify a proof offline, layer by layer: a bundle, or a bare XPOP (XLS-41) of any transaction; one that says it anchors and does not is failed, whoever signed it. Exit 0 proven or anchored, 1 failed, 3 unproven.",
  settings: ["trust", "require", "format"],
  examples: [
    "verify release.proof.json --trust trust.json",
    "verify anchors/2026-08/xpop.json --trust trust.json",
    "verify release.proof.json --require proven --format json",
    "verify - --trust trust.json < release.proof.json",
  ],
  run({ config, format, io }, [file = ""]) {
    const required = config.require;
    if (required !== "proven" && required !== "anchored")
      throw new SettlementError("CONFIG_INVALID", "--require takes proven or anchored");
    const trust = configuredTrust(config);
    const proof = readProof(file);
    const verdict = placed(`the proof ${file}`, () => judgeProof(proof, trust, fast.verify));
    io.out(format === "json" ? `${JSON.stringify(verdict)}\n` : verdictText(io, verdict));
    const isShort = verdict.verdict === "anchored" && required === "proven";
    if (isShort && format === "text")
      io.out(`${styled(io, "yellow", "NOT ENOUGH")}: --require proven, and this is anchored\n`);
    return Promise.resolve(isShort ? exits.unproven : exits[verdict.verdict]);
  },
};
