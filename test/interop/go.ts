import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian's golang-golang-x-mod-dev: sources of golang.org/x/mod, as GOPATH has them. */
const gopath = "/usr/share/gocode";
const [compiler, installer] = ["go", "apt-get"] as const;
const packages = ["golang-go", "golang-golang-x-mod-dev"];
const whatIsMissing = `Go is not installed (Debian's ${packages.join(" and ")})`;
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";

function isThere(): boolean {
  return (
    spawnSync(compiler, ["version"]).status === 0 && existsSync(join(gopath, "src/golang.org/x/mod/sumdb/tlog/tile.go"))
  );
}

function apt(...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(installer, args, { env, stdio: ["ignore", 2, 2] }).status === 0;
}

/** Installs what is missing, where that can be done: on a Debian as root. Runs before all tests. */
export function setup(): void {
  if (isThere()) return;
  const install = ["install", "-y", "-q", "--no-install-recommends", ...packages];
  // A fresh image has no list of packages.
  if (process.getuid?.() === 0 && !apt(...install) && apt("update", "-q")) apt(...install);
  if (!isThere()) console.warn(`${whatIsMissing}: the tests that need it ${isCi ? "fail" : "are skipped"}`);
}

/**
 * Why the tests that need Go are skipped; undefined where Go and its packages are installed.
 *
 * @throws Error in CI, where they must be
 */
export function whyNoGo(): string | undefined {
  if (isThere()) return undefined;
  if (isCi) throw new Error(`${whatIsMissing}, and in CI these tests may not be skipped`);
  return whatIsMissing;
}

/** What the Go program answered: its one line of JSON, or why it refused. */
export type GoAnswer<T> =
  | { readonly accepted: true; readonly report: T }
  | { readonly accepted: false; readonly reason: string };

/** Runs `test/interop/go` with these arguments and this input. */
export type LogCheck = <T = unknown>(args: readonly string[], input?: unknown) => Promise<GoAnswer<T>>;

function run<T>(program: string, args: readonly string[], input: string): Promise<GoAnswer<T>> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 2 ** 27 }, (error, out, reason) => {
      if (!error) resolve({ accepted: true, report: JSON.parse(out) as T });
      else if (error.code === 1 && !reason.startsWith("usage")) resolve({ accepted: false, reason });
      else reject(new Error(`the Go program broke: ${reason}`, { cause: error }));
    });
    // A program that wants no input may be gone before it is written.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Builds a Go program without any network. @returns its path @throws Error with what the compiler says */
export function buildGo(cwd: string, program: string): string {
  const env = {
    ...process.env,
    GO111MODULE: "off",
    GOPATH: gopath,
    GOFLAGS: "",
    GOCACHE: process.env["GOCACHE"] ?? join(tmpdir(), "settlement-go-cache"),
  };
  const built = spawnSync(compiler, ["build", "-o", program, "."], { cwd, env, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the Go program does not build: ${built.stderr}`);
  return program;
}

/** Builds the program that checks logs in a folder. @throws Error as {@link buildGo} */
export function buildLogCheck(folder: string): LogCheck {
  const program = buildGo(fileURLToPath(new URL("go", import.meta.url)), join(folder, "logcheck"));
  return (args, input = "") => run(program, args, typeof input === "string" ? input : JSON.stringify(input));
}
