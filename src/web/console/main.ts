import { judgeInWorker, serveJudge } from "../judge-worker.ts";
import { startConsole } from "./console.ts";
import { operatorPage } from "./operator-page.ts";
import { operatorData, servedData } from "./served-data.ts";

function start(): void {
  const base = new URL(".", window.location.href);
  startConsole({
    data: servedData(base),
    open: judgeInWorker(document.currentScript?.textContent ?? ""),
    operator: { page: operatorPage, dataOf: (token) => operatorData(base, token) },
  });
}

// One script is the console's and its worker's, as on the page that verifies.
if (typeof document === "undefined") serveJudge();
else start();
