import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the pages are served from and published. */
const webFolder = join(root, "dist/web");

/** What a page is made of, below `src/web`. */
interface PageParts {
  readonly html: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** Words of the HTML that are others on this page. */
  readonly words?: readonly Filling[];
}

/** A place of a page, and what stands there. */
type Filling = readonly [place: string, filled: string];

const verifyPage: PageParts = { html: "verify.html", script: "main.ts", styles: ["verify.css"] };
const consolePage: PageParts = {
  html: "console/console.html",
  script: "console/main.ts",
  styles: ["verify.css", "console/console.css"],
};

/** The console over exported files: what only a node can answer is not in it. */
const copyPage: PageParts = {
  ...consolePage,
  script: "console/static/main.ts",
  words: [
    [`<p id="live" class="product">○ not live</p>`, `<p id="live" class="product dated">copy of …</p>`],
    [`        <a id="nav-operator" href="#/operator">Operator</a>\n`, ""],
    [" Everything it shows is under /v1 too.", " Everything it shows is in the files beside it."],
    ["Everything shown is public data of this server, and", "Everything shown is a copy of public data, and"],
    [`href="verify"`, `href="verify.html"`],
  ],
};

function source(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

/** All of the page's code in one classic script, which runs from a file too, where modules may not. */
async function bundledScript(name: string): Promise<string> {
  const bundle = await rolldown({ input: join(root, "src/web", name), cwd: root, platform: "browser" });
  try {
    const { output } = await bundle.generate({ format: "iife", minify: true });
    const [{ code }, ...others] = output;
    if (others.length > 0) throw new Error("the page has to be one script, and the bundler made several");
    return code;
  } finally {
    await bundle.close();
  }
}

/** What stands between the tags is hashed as it is, so it must neither end its element nor be changed by a reader. */
function inlined(element: "script" | "style", text: string): string {
  if (/<\/(?:script|style)|<!--|[\r\0]/i.test(text))
    throw new Error(`the ${element} cannot stand inside HTML as it is`);
  return text;
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** The page that verifies: one file that needs no other. The same sources give the same bytes. */
export function buildPage(): Promise<string> {
  return pageOf(verifyPage);
}

/** The console, made the same way. */
export function buildConsole(): Promise<string> {
  return pageOf(consolePage);
}

/** The console that `settlement export` puts beside the files. */
export function buildCopyConsole(): Promise<string> {
  return pageOf(copyPage);
}

async function pageOf({ html, script: scriptName, styles, words = [] }: PageParts): Promise<string> {
  const script = inlined("script", await bundledScript(scriptName));
  const style = inlined("style", styles.map((name) => source(`src/web/${name}`)).join(""));
  const { version } = JSON.parse(source("package.json")) as { readonly version: string };
  const csp = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "img-src data:",
    "connect-src 'self'", // from the server of the page alone
    "worker-src blob:", // the same script again, in a thread of its own
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts: readonly Filling[] = [
    ...words,
    [`http-equiv="Content-Security-Policy" content=""`, `http-equiv="Content-Security-Policy" content="${csp}"`],
    ["<style></style>", `<style>${style}</style>`],
    [`<p class="product">repomesh-settlement</p>`, `<p class="product">repomesh-settlement ${version}</p>`],
    ["<script></script>", `<script>${script}</script>`],
  ];
  return parts.reduce(filled, source(`src/web/${html}`));
}

/** The page with one empty place of it filled. */
function filled(page: string, [place, text]: Filling): string {
  const [before, after, ...more] = page.split(place);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`the page needs exactly one ${place}`);
  return before + text + after;
}

/** Writes the pages to where they are served from, and says the hashes by which copies can be compared with them. */
export async function writePage(): Promise<void> {
  mkdirSync(webFolder, { recursive: true });
  for (const [name, page] of [
    ["verify.html", await buildPage()],
    ["console.html", await buildConsole()],
    ["copy.html", await buildCopyConsole()],
  ] as const) {
    // Whole or not at all: a server may be reading it.
    const draft = join(webFolder, `.${name}.${process.pid}`);
    writeFileSync(draft, page);
    renameSync(draft, join(webFolder, name));
    const hash = createHash("sha256").update(page).digest("hex");
    console.log(`dist/web/${name} ${Buffer.byteLength(page)} bytes, SHA-256 ${hash}`);
  }
}

if (import.meta.main) await writePage();
