/** Calls the control API on this port. The token, where one is needed, lives in this tab only. */

const KEY = 'serin.token';
export const signIn = {
  token: () => sessionStorage.getItem(KEY),
  set: token => (token ? sessionStorage.setItem(KEY, token) : sessionStorage.removeItem(KEY)),
};

/** An answer other than 2xx: its status and the API's own sentence. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function headers(more = {}) {
  const token = signIn.token();
  return token ? {...more, authorization: `Bearer ${token}`} : more;
}

async function refused(response) {
  let message = `HTTP ${response.status}`;
  try {
    message = (await response.json()).error.message;
  } catch { /* The status says enough. */ }
  return new ApiError(response.status, message);
}

export async function get(path) {
  const response = await fetch(path, {headers: headers()});
  if (!response.ok) throw await refused(response);
  return response.json();
}

export async function post(path, body, more = {}) {
  const response = await fetch(path, {
    method: 'POST',
    headers: headers({'content-type': 'application/json', ...more}),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw await refused(response);
  return response.json();
}

/**
 * Follows a stream of server-sent events, and connects again when it ends. EventSource cannot send a token.
 *
 * @param {string} path
 * @param {(datum: object, fresh: boolean) => void} each fresh: the first datum of a connection
 * @param {(state: 'live'|'lost', error?: Error) => void} state
 * @returns {() => void} stops it
 */
export function follow(path, each, state) {
  const stop = new AbortController();
  const QUIET = 15000;
  (async () => {
    let pause = 500;
    while (!stop.signal.aborted) {
      const connection = new AbortController();
      const end = () => connection.abort();
      stop.signal.addEventListener('abort', end);
      let watchdog = setTimeout(end, QUIET);
      try {
        const response = await fetch(path, {headers: headers(), signal: connection.signal});
        if (!response.ok) throw await refused(response);
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let buffer = '';
        let fresh = true;
        for (;;) {
          const {done, value} = await reader.read();
          if (done) break;
          clearTimeout(watchdog);
          watchdog = setTimeout(end, QUIET);
          state('live');
          pause = 500;
          buffer += value;
          const events = buffer.split('\n\n');
          buffer = events.pop();
          for (const event of events) {
            const data = event.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
            if (data) {
              each(JSON.parse(data), fresh);
              fresh = false;
            }
          }
        }
        state('lost');
      } catch (error) {
        if (stop.signal.aborted) return;
        state('lost', error);
        if (error instanceof ApiError && [401, 403, 404].includes(error.status)) return;
      } finally {
        clearTimeout(watchdog);
        stop.signal.removeEventListener('abort', end);
      }
      await new Promise(resume => setTimeout(resume, pause));
      pause = Math.min(pause * 2, 5000);
    }
  })();
  return () => stop.abort();
}
