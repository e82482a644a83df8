import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import standalone from "ajv/dist/standalone/index.js";
import { rolldown } from "rolldown";
import { schemas } from "../src/validate/schemas.ts";
import { schemaCompiler } from "../src/validate/validators.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [entry, compiled] = ["validators.js", "compiled.cjs"];

/** What the package has in the place of `src/validate/validators.ts`. */
const module = `import validators from "${compiled}";
export function validatorOf(name) {
  return validators[name];
}
`;

/** Terms of those whose code is part of it. */
function licences(): string {
  const texts = ["ajv", "ajv-formats", "fast-deep-equal"].map((name) => {
    const text = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8").trim();
    return `${name}\n\n${text}`;
  });
  return `/*!\n${texts.join("\n\n")}\n*/`;
}

function compiledSchemas(): string {
  const ids = Object.entries(schemas).map(([name, { $id }]) => [name, $id] as const);
  return standalone.default(schemaCompiler({ source: true }), Object.fromEntries(ids));
}

/** The schemas as functions that need nothing else: with what they call of the compiler. The same schemas give the same text. */
export async function compiledValidators(): Promise<string> {
  const sources = new Map([
    [entry, module],
    [compiled, compiledSchemas()],
  ]);
  const bundle = await rolldown({
    input: entry,
    cwd: root,
    platform: "node",
    plugins: [
      {
        name: "made",
        resolveId: (id) => (sources.has(id) ? join(root, "src/validate", id) : undefined),
        load: (id) => sources.get(id.slice(join(root, "src/validate/").length)),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: "esm", minify: true, banner: licences() });
    const [{ code }, ...others] = output;
    if (others.length > 0) throw new Error("the validators have to be one file, and the bundler made several");
    return code;
  } finally {
    await bundle.close();
  }
}

if (import.meta.main) writeFileSync(join(root, "dist/src/validate/validators.js"), await compiledValidators());
