import { setTimeout as sleep } from "node:timers/promises";
import type { Attributes } from "@opentelemetry/api";
import type { NodeTracerConfig } from "@opentelemetry/sdk-trace-node";
import type { Telemetry } from "bullmq";

/** Spans of the queue, on their way to a collector. */
export interface OpenTelemetry {
  /** For BullMQ's queues and workers. */
  readonly telemetry: Telemetry;
  /** Sends what is left, and waits for it a few seconds at the most. */
  close(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;
type Resource = NonNullable<NodeTracerConfig["resource"]>;

const serviceName = "repomesh-settlement";

/** Time for what is left when the process ends, milliseconds. */
const flushMs = 5000;

/** Where spans go, by the variables of the OpenTelemetry specification; undefined when nobody wants them. */
function tracesUrl(env: Env): string | undefined {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_TRACES_EXPORTER"] === "none") return undefined;
  const own = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  if (own !== undefined && own !== "") return own;
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  return base === undefined || base === "" ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`;
}

/** `key=value,key=value`, values percent-encoded. */
function stated(env: Env): Attributes {
  const pairs = (env["OTEL_RESOURCE_ATTRIBUTES"] ?? "").split(",").map((pair) => pair.split("="));
  return Object.fromEntries(
    pairs
      .filter(([key, value]) => key !== "" && value !== undefined)
      .map(([key = "", value = ""]) => [key.trim(), unescaped(value.trim())]),
  );
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function resourceOf(attributes: Attributes): Resource {
  return {
    attributes,
    getRawAttributes: () => Object.entries(attributes),
    merge: (other) => resourceOf({ ...attributes, ...other?.attributes }),
  };
}

/**
 * Sends spans of every job to the collector that the environment names (`OTEL_EXPORTER_OTLP_ENDPOINT` or
 * `…_TRACES_ENDPOINT`, OTLP over HTTP). Without one, nothing of OpenTelemetry is even loaded.
 *
 * @param version - of this program
 */
export async function openTelemetry(env: Env, version: string): Promise<OpenTelemetry | undefined> {
  const url = tracesUrl(env);
  if (url === undefined) return undefined;
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const { BullMQOtel } = await import("bullmq-otel");
  const api = await import("@opentelemetry/api");
  const name = env["OTEL_SERVICE_NAME"];
  const provider = new NodeTracerProvider({
    resource: resourceOf({
      "service.name": serviceName,
      "service.version": version,
      ...stated(env),
      ...(name === undefined || name === "" ? {} : { "service.name": name }),
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  return {
    telemetry: new BullMQOtel({ tracerName: serviceName, version }),
    async close() {
      const timer = new AbortController();
      const late = sleep(flushMs, undefined, { signal: timer.signal, ref: false });
      // A collector that is down takes its spans with it; the node ends all the same.
      await Promise.race([provider.shutdown(), late]).catch(() => undefined);
      timer.abort();
      await late.catch(() => undefined);
      for (const each of [api.trace, api.context, api.propagation]) each.disable();
    },
  };
}
