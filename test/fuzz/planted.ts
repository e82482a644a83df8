import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { judgeProof } from "../../src/core/judge-proof.ts";
import type { verifyXpop } from "../../src/core/xrpl/verify-xpop.ts";
import type { Verifier } from "./judge.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One place of the verifier's source that is written wrongly. */
export interface PlantedBug {
  /** In `src/core`. */
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

function exchange(path: string, right: string, wrong: string): void {
  const source = readFileSync(path, "utf8");
  if (source.split(right).length !== 2) throw new Error(`${path} does not hold once: ${right}`);
  writeFileSync(
    path,
    source.replace(right, () => wrong),
  );
}

/** Copies `src/core` with a bug in it. What is thrown stays the same class, and signatures are remembered. */
function copyCore(folder: string, { file, right, wrong }: PlantedBug): string {
  const core = join(folder, "src/core");
  cpSync(join(root, "src/core"), core, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  exchange(join(core, file), right, wrong);
  writeFileSync(join(core, "error.ts"), `export * from ${JSON.stringify(join(root, "src/core/error.ts"))};\n`);
  const remembered = JSON.stringify(join(root, "test/fuzz/remembered-secp256k1.ts"));
  exchange(join(core, "xrpl/secp256k1.ts"), '"@noble/curves/secp256k1.js"', remembered);
  return core;
}

/** The verifier with a bug in its source. */
export async function plantedVerifier(bug: PlantedBug): Promise<Verifier> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-planted-"));
  try {
    const core = copyCore(folder, bug);
    const load = async <T>(path: string): Promise<T> =>
      (await import(/* @vite-ignore */ pathToFileURL(join(core, path)).href)) as T;
    const { judgeProof: judge } = await load<{ judgeProof: typeof judgeProof }>("judge-proof.ts");
    const { verifyXpop: prove } = await load<{ verifyXpop: typeof verifyXpop }>("xrpl/verify-xpop.ts");
    return { judge, facts: (bytes, trust) => prove(bytes, trust, { verify: nodeVerify }).facts };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
