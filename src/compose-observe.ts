import { type Metrics, openMetrics } from "./adapters/metrics.ts";
import { logStyle, openLog } from "./adapters/pino-log.ts";
import { type OpenTelemetry, openTelemetry } from "./adapters/telemetry.ts";
import { removeWorkerStatus, type WorkerStatus, writeWorkerStatus } from "./adapters/worker-file.ts";
import { readSecret } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import type { Log, LogEntry } from "./ports.ts";
import { version } from "./version.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Values that must not come into a log, however they got into a message. */
function secretsOf(config: Config): readonly string[] {
  const given = [config.seed, config.key, config.stateUrl, config.redis];
  const files = [config.seedFile, config.keyFile, config.stateUrlFile, config.redisFile].map((path) => secretIn(path));
  return [...given, ...files].filter((value) => value !== undefined);
}

/** A file that cannot be read is told of by whoever needs it. */
function secretIn(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readSecret(path, "secret", "its setting");
  } catch {
    return undefined;
  }
}

/** The log of a running node: lines for people on a terminal, JSON elsewhere. */
export function nodeLog(
  config: Config,
  {
    env,
    isTerminal,
    write,
  }: { readonly env: Env; readonly isTerminal: boolean; readonly write: (text: string) => void },
): Log {
  const level = config.logLevel as LogEntry["level"];
  return openLog({ level, style: logStyle(isTerminal, env), write, secrets: secretsOf(config) });
}

/** What a running node is seen by from outside: metrics, and traces where the environment asks for them. */
export interface Observed {
  readonly metrics: Metrics;
  readonly traces: OpenTelemetry | undefined;
}

export async function observe(env: Env): Promise<Observed> {
  return { metrics: openMetrics(), traces: await openTelemetry(env, version) };
}

/** The file in the data folder by which `settlement status` sees a running worker. */
export function workerFile({ data }: Config): { write(status: WorkerStatus): void; remove(): void } {
  return { write: (status) => writeWorkerStatus(data, status), remove: () => removeWorkerStatus(data) };
}

export type { WorkerStatus };
