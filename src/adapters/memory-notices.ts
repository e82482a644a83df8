import { SettlementError } from "../core/error.ts";
import type { JsonObject } from "../core/json.ts";
import type { Notice, Notices } from "../ports.ts";
import { requireStorable } from "./state-texts.ts";

interface Kept extends Omit<Notice, "body"> {
  /** As text, so that it changes no more. */
  readonly body: string;
  readonly deliveries: Map<string, { readonly tries: number; readonly isDelivered: boolean }>;
}

/** Notices that live as long as the process. */
export function memoryNotices(): Notices {
  const notices = new Map<string, Kept>();
  return {
    async record({ id, type, createdUnixMs, body }) {
      requireStorable(id);
      if (notices.has(id)) return;
      notices.set(id, { id, type, createdUnixMs, body: JSON.stringify(body), deliveries: new Map() });
    },
    async undelivered(endpoint, maxTries) {
      const due = [...notices.values()].flatMap(({ deliveries, body, ...notice }) => {
        const { tries, isDelivered } = deliveries.get(endpoint) ?? { tries: 0, isDelivered: false };
        return isDelivered || tries >= maxTries ? [] : [{ ...notice, body: JSON.parse(body) as JsonObject, tries }];
      });
      return due.toSorted((a, b) => a.createdUnixMs - b.createdUnixMs);
    },
    async tried(noticeId, endpoint, _atUnixMs, fault) {
      requireStorable(noticeId, endpoint);
      const deliveries = notices.get(noticeId)?.deliveries;
      if (!deliveries) throw new SettlementError("STATE_UNAVAILABLE", `there is no notice ${noticeId} to deliver`);
      const { tries = 0, isDelivered = false } = deliveries.get(endpoint) ?? {};
      deliveries.set(endpoint, { tries: tries + 1, isDelivered: isDelivered || fault === undefined });
    },
  };
}
