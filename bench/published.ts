// Runs a script of this folder with the package as it is published in the place of its sources, whose types would be
// stripped anew in each process and thread.
//
//   node bench/published.ts validation-run.ts '{…}'
import { registerHooks } from "node:module";

const sources = new URL("../src/", import.meta.url).href;
const built = new URL("../dist/src/", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!found.url.startsWith(sources) || !found.url.endsWith(".ts")) return found;
    return { ...found, url: `${built}${found.url.slice(sources.length, -3)}.js`, format: "module" };
  },
});

const [script] = process.argv.splice(2, 1);
await import(new URL(script ?? "", import.meta.url).href);
