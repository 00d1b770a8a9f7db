// The changes of all jobs, pushed by the gateway.
const kinds = ['state', 'removed'];
const connection = document.getElementById('connection');
const listeners = new Set();
let source = null;

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A status is announced whenever it is written, so it is written only when it says something new.
function say(text, isLive) {
  if (connection.textContent !== text) connection.textContent = text;
  connection.classList.toggle('on', isLive);
}

function connect() {
  source = new EventSource('/queue/events');
  source.onopen = () => {
    say('Live', true);
    tell(null); // What happened before was not heard.
  };
  source.onerror = () => {
    say('Connection lost; trying again …', false);
    // After an answer that is no stream the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(reconnect, 2000);
  };
  for (const kind of kinds) source.addEventListener(kind, event => tell({ kind, ...JSON.parse(event.data) }));
}

function reconnect() {
  if (source?.readyState === EventSource.CLOSED) connect();
}

function tell(change) {
  for (const listener of listeners) listener(change);
}

// A browser has only six connections to one host: a tab that nobody looks at gives its own back.
function follow() {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (!source) {
    connect();
  }
}

document.addEventListener('visibilitychange', follow);
follow();
