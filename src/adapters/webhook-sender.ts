import { Webhook } from "standardwebhooks";
import type { Delivery, SendNotice } from "../ports.ts";
import { errnoOf } from "./file-system.ts";

export interface WebhookSenderOptions {
  /** Such as `repomesh-settlement/1.0.0`. */
  readonly userAgent: string;
  /** {@link webhookTimeoutMs} when left out. */
  readonly timeoutMs?: number;
}

/** Time an endpoint has to answer, milliseconds. */
const webhookTimeoutMs = 15_000;

const ownMachine: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** May notices go there? By https, or to this machine; credentials belong into no URL. */
export function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && ownMachine.has(hostname));
}

function statusFault(status: number): string {
  return status >= 300 && status < 400 ? `HTTP ${status}; redirects are not followed` : `HTTP ${status}`;
}

/** Why there was no answer, in words that hold neither URL nor secret. */
function networkFault(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { readonly name?: unknown; readonly cause?: unknown };
  if (name === "TimeoutError") return `no answer within ${timeoutMs / 1000} seconds`;
  const code = errnoOf(cause);
  return code === "" ? "the connection failed" : `the connection failed (${code})`;
}

/**
 * Sends notices by Standard Webhooks: one POST, signed by every secret of the endpoint, with the id of the notice and the
 * time of this try. Redirects are not followed, and of the answer nothing but its status is read.
 */
export function webhookSender({ userAgent, timeoutMs = webhookTimeoutMs }: WebhookSenderOptions): SendNotice {
  return async ({ url, secrets }, { id, body }): Promise<Delivery> => {
    if (!isWebhookUrl(url)) return { state: "failed", fault: "its URL is not https" };
    const now = new Date();
    const headers = {
      "Content-Type": "application/json",
      "User-Agent": userAgent,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(" "),
    };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      if (response.ok) return { state: "delivered" };
      return { state: response.status === 410 ? "gone" : "failed", fault: statusFault(response.status) };
    } catch (error) {
      return { state: "failed", fault: networkFault(error, timeoutMs) };
    }
  };
}
