// @ts-check
/** A stream of events that comes back by itself. */

/** Milliseconds between two tries, where the browser has given up. */
const AGAIN = 3000;

/**
 * Follow a stream until the function that is returned is called.
 * @param {string} path
 * @param {Record<string, (document: any) => void>} tells by the name of the event
 * @param {{open?: () => void, lost?: () => void, refused?: () => void}} fate
 */
export function follow(path, tells, { open, lost, refused }) {
  /** @type {EventSource} */
  let source;
  let timer = 0;
  begin();
  return end;

  function begin() {
    source = new EventSource(path);
    source.addEventListener("open", () => open?.());
    for (const [name, tell] of Object.entries(tells)) {
      source.addEventListener(name, (event) => tell(JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      lost?.();
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(begin, AGAIN);
      refused?.();
    });
  }

  function end() {
    clearTimeout(timer);
    source.close();
  }
}
