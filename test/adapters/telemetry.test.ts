import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openJobBackend } from "../../src/adapters/job-backend.ts";
import { type OpenTelemetry, openTelemetry } from "../../src/adapters/telemetry.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number };
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly Span[] }[];
  }[];
}

function resourceSpans({ received }: Receiver): Export["resourceSpans"] {
  return received.flatMap(({ body }) => (JSON.parse(body) as Export).resourceSpans);
}

/** Runs one job that succeeds and one that fails for good, with telemetry. */
async function runJobs({ telemetry, close }: OpenTelemetry): Promise<void> {
  const backend = await openJobBackend({ kind: "embedded", folder: temporaryFolder() });
  const queue = backend.queue("lane", { telemetry });
  const ended = new Promise<void>((resolve) => {
    let left = 2;
    const worker = backend.worker(
      "lane",
      async ({ name }) => {
        if (name === "bad") throw new Error("no");
      },
      { telemetry },
    );
    const end = (): void => void (--left === 0 && resolve());
    worker.on("completed", end).on("failed", end);
  });
  await queue.add("good", {});
  await queue.add("bad", {}, { attempts: 1 });
  await ended;
  // A span ends after whoever waits for its job was told.
  await backend.close();
  await close();
}

test("spans of jobs that ran come to the collector of the environment", async () => {
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test%20lab,broken",
  };
  const opened = await openTelemetry(env, "1.2.3");
  if (!opened) throw new Error("telemetry is on");
  await runJobs(opened);
  expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(["/v1/traces"]));
  const all = resourceSpans(receiver);
  const attributes = Object.fromEntries(
    all[0]?.resource.attributes.map(({ key, value }) => [key, value.stringValue]) ?? [],
  );
  expect(attributes).toEqual({
    "service.name": "repomesh-settlement",
    "service.version": "1.2.3",
    "deployment.environment": "test lab",
  });
  const spans = all.flatMap(({ scopeSpans }) => scopeSpans).flatMap((each) => each.spans);
  const processed = spans.filter(({ name }) => name.startsWith("process lane"));
  expect(processed).toHaveLength(2);
  // What ran a job is of the same trace as what queued it.
  const added = spans.filter(({ name }) => name.startsWith("add lane"));
  expect(new Set(processed.map(({ traceId }) => traceId))).toEqual(new Set(added.map(({ traceId }) => traceId)));
});

test("the endpoint of traces alone, and the name of the service, are taken as they are", async () => {
  const receiver = await startReceiver();
  const opened = await openTelemetry(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/spans`,
      OTEL_SERVICE_NAME: "settler",
    },
    "1.2.3",
  );
  const { tracer, contextManager } = opened?.telemetry ?? {};
  tracer?.startSpan("x", { kind: 0 }, contextManager?.active()).end();
  await opened?.close();
  expect(receiver.received.map(({ path }) => path)).toEqual(["/spans"]);
  expect(receiver.received[0]?.body).toContain('{"key":"service.name","value":{"stringValue":"settler"}}');
});

test("a collector that is down holds nothing up", async () => {
  const opened = await openTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }, "1.2.3");
  if (!opened) throw new Error("telemetry is on");
  await expect(runJobs(opened)).resolves.toBeUndefined();
});

test("without a collector nothing of OpenTelemetry is loaded", () => {
  const script = `
    import { createRequire } from "node:module";
    import { openTelemetry } from ${JSON.stringify(new URL("../../src/adapters/telemetry.ts", import.meta.url).href)};
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).filter((path) => /opentelemetry/.test(path)).length;
    const envs = [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://x", OTEL_SDK_DISABLED: "true" }];
    const opened = await Promise.all(envs.map((env) => openTelemetry(env, "1")));
    const before = loaded();
    const last = await openTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }, "1");
    await last.close();
    console.log(JSON.stringify([opened.filter(Boolean).length, before, loaded() > 50]));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(JSON.parse(out)).toEqual([0, 0, true]);
});
