import { byId } from "../../dom.ts";
import { judgeInWorker, serveJudge } from "../../judge-worker.ts";
import { startConsole } from "../console.ts";
import { copyData } from "./copy-data.ts";

function start(): void {
  const data = copyData(new URL(".", window.location.href));
  startConsole({ data, open: judgeInWorker(document.currentScript?.textContent ?? "") });
  // Why it failed is told by the page itself.
  data.copied().then(
    (copied) => {
      byId("live").textContent = `copy of ${copied?.at.slice(0, 10)}`;
    },
    () => undefined,
  );
}

// One script is the console's and its worker's, as on the page that verifies.
if (typeof document === "undefined") serveJudge();
else start();
