import { execFileSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type LogOptions, logStyle, openLog } from "../../src/adapters/pino-log.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { HttpLogEntry } from "../../src/http/context.ts";
import type { Log, LogEntry } from "../../src/ports.ts";

const clock = (): number => Date.UTC(2026, 2, 1, 12, 34, 56, 789);
const seed = "sEdSPx8CLbFUna3DJdvJ74aQPLdemqu";
const pemBody = "MC4CAQAwBQYDK2VwBCIEIJ0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
const pem = `-----BEGIN PRIVATE KEY-----\n${pemBody}\n-----END PRIVATE KEY-----\n`;
const stateUrl = "postgres://settler:p%40ss-w0rd@db.internal:5432/state";
const secrets = [seed, `${pem}\n`, stateUrl, "short"];

function logged(entries: readonly LogEntry[], change: Partial<LogOptions> = {}): string {
  let out = "";
  const write = (text: string): void => {
    out += text;
  };
  const log = openLog({ level: "debug", style: "json", write, secrets, clock, ...change });
  for (const entry of entries) log(entry);
  return out;
}

function json(entry: LogEntry): Record<string, unknown> {
  return JSON.parse(logged([entry])) as Record<string, unknown>;
}

describe("as JSON", () => {
  test("an entry is one line of time, level, message and fields", () => {
    const out = logged([
      { level: "info", message: "anchored", month: "2026-03", ledgerIndex: 7, feeDrops: 12n },
      { level: "warn", message: "two\nlines" },
    ]);
    expect(out.split("\n").map((line) => (line === "" ? "" : (JSON.parse(line) as unknown)))).toEqual([
      {
        time: "2026-03-01T12:34:56.789Z",
        level: "info",
        message: "anchored",
        month: "2026-03",
        ledgerIndex: 7,
        feeDrops: "12",
      },
      { time: "2026-03-01T12:34:56.789Z", level: "warn", message: "two\nlines" },
      "",
    ]);
  });

  test("entries below the level are left out", () => {
    const entries = (["debug", "info", "warn", "error"] as const).map((level) => ({ level, message: level }));
    const levels = logged(entries, { level: "warn" }).match(/"level":"\w+"/g);
    expect(levels).toEqual(['"level":"warn"', '"level":"error"']);
    expect(logged(entries, { level: "warn", style: "text" }).split("\n")).toHaveLength(3);
  });

  test("every kind of value has a form, and none is endless", () => {
    const loop: Record<string, unknown> = {};
    loop["loop"] = loop;
    const { fields } = json({
      level: "info",
      message: "x",
      fields: {
        bytes: Uint8Array.of(1, 255),
        date: new Date(0),
        map: new Map([["a", 1n]]),
        set: new Set(["b"]),
        none: null,
        long: "x".repeat(10_000),
        many: Array.from({ length: 1000 }, (_, at) => at),
        loop,
        act: () => 1,
      },
    });
    expect(fields).toMatchObject({
      bytes: "01ff",
      date: "1970-01-01T00:00:00.000Z",
      map: { a: "1" },
      set: ["b"],
      none: null,
    });
    const { long, many, act } = fields as { long: string; many: unknown[]; act?: unknown };
    expect([long.length, many.length, act]).toEqual([4001, 100, undefined]);
  });

  test("a field that cannot be read leaves the rest of the log alone", () => {
    const bad = Object.defineProperty({}, "x", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    expect(json({ level: "info", message: "still", bad })).toMatchObject({ message: "still" });
  });
});

describe("errors", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" });
  const both = new AggregateError([cause, new Error("connect ENETUNREACH ::1")], "");

  test("of ours have code, message and causes, and no stack", () => {
    const error = new SettlementError("QUEUE_UNAVAILABLE", "the queue does not answer", {
      cause: new Error("closed", { cause: both }),
    });
    expect(json({ level: "error", message: "job failed", error })["error"]).toEqual({
      code: "QUEUE_UNAVAILABLE",
      message: "the queue does not answer",
      causes: ["Error: closed", "AggregateError: connect ECONNREFUSED 127.0.0.1:6379; connect ENETUNREACH ::1"],
    });
  });

  test("that are bugs have their stack", () => {
    const { error } = json({ level: "error", message: "x", error: new TypeError("y is not a function") }) as {
      error: Record<string, string>;
    };
    expect(error).toMatchObject({ code: "TypeError", message: "y is not a function" });
    expect(error["stack"]).toMatch(/pino-log\.test\.ts:\d+/);
  });

  test("that cause themselves come to an end", () => {
    const error = new Error("a");
    error.cause = error;
    const logged = json({ level: "error", message: "x", error })["error"] as { causes: string[] };
    expect(logged.causes).toHaveLength(8);
  });
});

describe("secrets", () => {
  const leaks: readonly (readonly [what: string, fields: object])[] = [
    ["in a field", { reason: `the seed ${seed} is bad` }],
    ["deep inside", { a: [{ b: { c: seed } }] }],
    ["as the name of a field", { [seed]: 1 }],
    ["in an error", { error: new SettlementError("SEED_MALFORMED", `bad ${seed}`) }],
    ["in a cause", { error: new SettlementError("SEED_MALFORMED", "bad", { cause: new Error(seed) }) }],
    ["in the stack of a bug", { error: new TypeError(`${seed}\n  at x`) }],
    ["a line of a PEM", { text: `key ${pemBody} end` }],
    ["a whole PEM", { text: pem }],
    ["the password of an address", { text: "wrong password p%40ss-w0rd" }],
    ["the same, decoded", { text: "wrong password p@ss-w0rd" }],
    [
      "by the name of the field",
      { adminToken: "0123-any", Authorization: "Bearer 0123-any", nested: { password: "0123-any" } },
    ],
  ];
  test.for(leaks)("%s", ([, fields]) => {
    for (const style of ["json", "colours"] as const) {
      const out = logged([{ level: "info", message: `about ${seed}`, ...fields }], { style });
      expect(out).not.toMatch(/sEdSPx8|MC4CAQ|w0rd|0123-any/);
      expect(out).toContain("[secret]");
    }
  });

  test("a short one is not looked for, since it stands in other words", () => {
    expect(logged([{ level: "info", message: "shortly" }])).toContain("shortly");
  });

  test("addresses show their host alone", () => {
    const message = `from ${stateUrl}, https://hooks.example.org/services/T0/abc?x=1 (wss://u:p@xrpl.example:6006/x). http://h`;
    const { message: shown } = json({ level: "info", message });
    expect(shown).toBe("from [secret], https://hooks.example.org (wss://xrpl.example:6006). http://h");
    expect(json({ level: "info", message: "redis://:pa/ss@h/0" })["message"]).toBe("redis://[secret]");
  });
});

describe("for people", () => {
  const hash = "ab".repeat(32);
  test("lines are aligned: time, level, message, then month and the rest", () => {
    const out = logged(
      [
        { level: "info", message: "anchored", root: hash, transactionHash: hash.toUpperCase(), month: "2026-03" },
        { level: "warn", message: "low", reason: "send XRP", left: 3n, none: undefined },
      ],
      { style: "text" },
    );
    expect(out).toBe(
      `12:34:56.789 INFO  anchored                   month=2026-03 root=abababababababab… transactionHash=${hash.toUpperCase()}\n` +
        `12:34:56.789 WARN  low                        reason="send XRP" left=3\n`,
    );
  });

  test("an error is below its line, with causes, and frames when it is a bug", () => {
    const cause = new Error("socket closed");
    const out = logged(
      [
        { level: "error", message: "failed", error: new SettlementError("CHAIN_UNREACHABLE", "no answer", { cause }) },
        { level: "error", message: "bug", error: new TypeError("x") },
      ],
      { style: "text" },
    );
    expect(out).toMatch(/ERROR failed\n {6}CHAIN_UNREACHABLE: no answer\n {6}caused by Error: socket closed\n12:/);
    expect(out).toMatch(/ERROR bug\n {6}TypeError: x\n {6}at .*pino-log\.test\.ts/);
  });

  test("strangers cannot steer the terminal", () => {
    const path = "/v1/\u001b[2J\u202e\r\nfake";
    const out = logged([{ level: "info", message: `x${path}`, path, "\u0007": 1 }], { style: "text" });
    expect(out.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(out).toContain("\\u{1b}");
  });

  test("colours come on a terminal alone, and not against NO_COLOR", () => {
    const styles = [
      logStyle(false, {}),
      logStyle(true, {}),
      logStyle(true, { NO_COLOR: "1" }),
      logStyle(true, { NO_COLOR: "" }),
    ];
    expect(styles).toEqual(["json", "colours", "text", "colours"]);
    const entry: LogEntry = { level: "error", message: "x", month: "2026-03" };
    const [coloured, plain] = (["colours", "text"] as const).map((style) => logged([entry], { style }));
    expect(stripVTControlCharacters(coloured ?? "")).toBe(plain);
    expect(coloured).toContain("\u001b[31mERROR");
  });
});

test("it takes what the API logs", () => {
  const log: Log = openLog({ level: "info", style: "json", write: () => undefined });
  const ofApi: (entry: HttpLogEntry) => void = log;
  expect(() =>
    ofApi({ level: "error", message: "own data failed", error: new SettlementError("LEDGER_REFUTED", "") }),
  ).not.toThrow();
});

test("lines are out when the process ends", () => {
  const module = new URL("../../src/adapters/pino-log.ts", import.meta.url).href;
  const script = `import { openLog } from ${JSON.stringify(module)};
    const log = openLog({ level: "info", style: "json", write: (text) => process.stdout.write(text) });
    for (let at = 0; at < 2000; at++) log({ level: "info", message: "line", at });`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(out.trimEnd().split("\n")).toHaveLength(2000);
});
