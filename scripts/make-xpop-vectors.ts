// Writes test/vectors/xpop.json: XPOPs of a network that nobody runs.
import { writeFileSync } from "node:fs";
import { madeVectors } from "../test/core/xrpl/made-vectors.ts";

const path = new URL("../test/vectors/xpop.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(madeVectors(), undefined, 1)}\n`);
