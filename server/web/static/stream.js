// @ts-check
/** A stream of events that reconnects. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** Milliseconds between two attempts to connect after the browser has given up. */
const AGAIN = 3000;

/**
 * Follows a stream until the returned function is called, or until a final error.
 * @param {string} path
 * @param {Record<string, (data: any, isLogged: boolean, session: string) => void>} tells functions by the type of
 *   the event: they get its data, whether it is of the log, which has no codes, and the id of its session
 * @param {{open: () => void, lost: () => void, refused: (error: unknown) => void, needs?: string}} fate needs:
 *   what the page reads besides: if that is refused too, its reason is the one to show
 */
export function follow(path, tells, { open, lost, refused, needs }) {
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
      source.addEventListener(name, (event) => {
        const { data, cursor, sessionId } = JSON.parse(event.data);
        tell(data, cursor !== null, sessionId);
      });
    }
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return lost();
      timer = setTimeout(begin, AGAIN);
      void why();
    });
  }

  /** Sends the request again to learn why the stream was refused: an EventSource does not say. */
  async function why() {
    try {
      for (const read of needs ? [needs, path] : [path]) await (await ask("GET", read)).body?.cancel();
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
