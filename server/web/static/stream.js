// @ts-check
/** A stream of events that comes back by itself. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** Milliseconds between two tries, where the browser has given up. */
const AGAIN = 3000;

/**
 * Follow a stream until the function that is returned is called, or a refusal is final.
 * @param {string} path
 * @param {Record<string, (document: any) => void>} tells by the name of the event
 * @param {{open: () => void, lost: () => void, refused: (error: unknown) => void}} fate
 */
export function follow(path, tells, { open, lost, refused }) {
  /** @type {EventSource} */
  let source;
  let timer = 0;
  let isOver = false;
  begin();
  return end;

  function begin() {
    source = new EventSource(path);
    source.addEventListener("open", () => open());
    for (const [name, tell] of Object.entries(tells)) {
      source.addEventListener(name, (event) => tell(JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return lost();
      timer = setTimeout(begin, AGAIN);
      void why();
    });
  }

  /** A browser does not say why a stream was refused: the same request, made once more, does. */
  async function why() {
    try {
      await (await ask("GET", path)).body?.cancel();
      if (!isOver) lost();
    } catch (error) {
      if (isOver) return;
      if (error instanceof Problem && error.isFinal) end();
      refused(error);
    }
  }

  function end() {
    isOver = true;
    clearTimeout(timer);
    source.close();
  }
}
