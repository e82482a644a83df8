// A signer of its own process, as an operator would put in front of an HSM: a request comes in, a signature goes out.
// Arguments: what it does, and the seed that stands for the device.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { deriveKeypair, sign } from "ripple-keypairs";

const [, , behaviour = "", seed = "", file = ""] = process.argv;
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

interface Request {
  readonly signingBytes: string;
}

function read(): Request {
  const text = readFileSync(0, "utf8");
  if (file !== "") writeFileSync(file, text);
  return JSON.parse(text) as Request;
}

function good(): string {
  return sign(read().signingBytes, deriveKeypair(seed).privateKey);
}

/** The other signature of the same message: s becomes the order minus s. */
function highS(der: string): string {
  const rLength = 2 * Number.parseInt(der.slice(6, 8), 16);
  const r = der.slice(4, 8 + rLength);
  const s = BigInt(`0x${der.slice(12 + rLength)}`);
  const high = `00${(order - s).toString(16).padStart(64, "0")}`;
  const body = `${r}0221${high}`;
  return `30${(body.length / 2).toString(16)}${body}`;
}

function sleep(): void {
  setInterval(() => undefined, 1000);
}

const behaviours: Readonly<Record<string, () => void>> = {
  good: () => process.stdout.write(`${good().toLowerCase()}\n`),
  "high-s": () => process.stdout.write(highS(good())),
  slow: sleep,
  // The program ends, and what it started keeps its output open.
  "slow-child": () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], {
      stdio: ["ignore", "inherit", "ignore"],
    });
    writeFileSync(file, String(child.pid));
    child.unref();
  },
  fails: () => {
    process.stdout.write(good());
    process.exitCode = 3;
  },
  dies: () => process.kill(process.pid, "SIGTERM"),
  deaf: () => process.stdin.destroy(),
  silent: () => void read(),
  garbage: () => process.stdout.write("Enter PIN: hunter2"),
  short: () => process.stdout.write(good().slice(0, -2)),
  flipped: () => process.stdout.write(good().replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))),
  endless: () => {
    const timer = setInterval(() => process.stdout.write("A".repeat(1000)), 1);
    process.stdout.on("error", () => clearInterval(timer));
  },
};

behaviours[behaviour]?.();
