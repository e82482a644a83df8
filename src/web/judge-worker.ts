import { openFiles, type Opened, type OpenRequest } from "./judge-file.ts";

/** Judges files; undefined when others were handed in before it was done. */
export type Open = (request: OpenRequest) => Promise<Opened | undefined>;

/** Lets the page be drawn before the thread is taken. */
function afterPaint(): Promise<void> {
  return new Promise((resolve) => window.requestAnimationFrame(() => window.setTimeout(resolve)));
}

/** Runs in the worker, where it serves the page. */
export function serveJudge(): void {
  self.onmessage = ({ data }: MessageEvent<OpenRequest>) => self.postMessage(openFiles(data), { transfer: [] });
}

/**
 * Judges in a thread of its own, which takes a second or so on a slow device and several on a hostile file. Where a
 * browser allows no such thread (some do not for a saved page) the page's own has to do.
 *
 * @param script - source of this very script, which is the worker's too
 */
export function judgeInWorker(script: string): Open {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  let supersede = (): void => undefined;
  return (request) => {
    supersede();
    return new Promise((resolve, reject) => {
      const onThisThread = (): void => void afterPaint().then(() => resolve(openFiles(request)), reject);
      try {
        const worker = new Worker(url);
        supersede = () => {
          worker.terminate();
          resolve(undefined);
        };
        worker.addEventListener("message", ({ data }: MessageEvent<Opened>) => {
          worker.terminate();
          resolve(data);
        });
        worker.addEventListener("error", (event) => {
          event.preventDefault();
          worker.terminate();
          onThisThread();
        });
        worker.postMessage(request, { transfer: [] });
      } catch {
        onThisThread();
      }
    });
  };
}
