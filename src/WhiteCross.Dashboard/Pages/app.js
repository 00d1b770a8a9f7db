import { get } from './api.js';
import { h, morph } from './dom.js';
import { clock } from './format.js';
import { listenToKeys } from './keys.js';
import { onChange } from './live.js';
import { may, setCaller } from './role.js';
import { setUpTheme } from './theme-button.js';
import addJob from './views/add-job.js';
import audit from './views/audit.js';
import batches from './views/batches.js';
import deadLetters from './views/dead-letters.js';
import job from './views/job.js';
import feed from './views/feed.js';
import find from './views/find.js';
import overview from './views/overview.js';
import queue from './views/queue.js';
import recipients from './views/recipients.js';
import schedule from './views/schedule.js';
import schedules from './views/schedules.js';
import unknown from './views/unknown.js';
import workers from './views/workers.js';

// A view is made for an address: { title, load() reads what it shows, render() says what the page should be, close?(), change?(event), atLeastEvery?() }.
const routes = [
  [/^\/$/, overview],
  [/^\/queues\/(?<queue>[^/]+)$/, queue],
  [/^\/queues\/(?<queue>[^/]+)\/add$/, addJob],
  [/^\/queues\/(?<queue>[^/]+)\/jobs\/(?<id>.+)$/, job],
  [/^\/dead-letters$/, deadLetters],
  [/^\/batches$/, batches],
  [/^\/recipients\/(?<id>[^/]+)$/, recipients],
  [/^\/schedules$/, schedules],
  [/^\/schedules\/new$/, schedule],
  [/^\/schedules\/(?<queue>[^/]+)\/(?<id>.+)$/, schedule],
  [/^\/find$/, find],
  [/^\/workers$/, workers],
  [/^\/audit$/, audit],
  [/^\/live$/, feed],
];
const atMostEvery = 800; // From the beginning of a load to that of the next: with what it takes, still once a second.
const atLeastEvery = 10_000;
const whileAwayEvery = 2000;
const awayStatuses = [0, 502, 503, 504];

const main = document.getElementById('main');
let settings = null;
let view = null;
let problem = null;
let readAt = null; // When what is shown was read.
let isLoading = false;
let isAskedAgain = false;
let lastLoad = 0;
let loadBegan = 0;
let timer = null;

async function open(isNewPage = true) {
  const opened = location.pathname + location.search;
  const route = routes.find(([pattern]) => pattern.test(location.pathname)) ?? [/./, unknown];
  const params = Object.fromEntries(Object.entries(route[0].exec(location.pathname)?.groups ?? {})
    .map(([name, value]) => [name, decodeURIComponent(value)]));
  view?.close?.();
  view = route[1]({ params, query: new URLSearchParams(location.search), settings, go, draw, reload: load });
  [problem, readAt] = [null, null];
  document.title = `${view.title} · White Cross queues`;
  for (const link of document.querySelectorAll('nav[aria-label=Views] a')) {
    if (link.pathname === location.pathname) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  await load();
  if (isNewPage && opened === location.pathname + location.search) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

/** Goes to another address of the dashboard. */
function go(address, { replace = false } = {}) {
  const isNewPage = new URL(address, location).pathname !== location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  return open(isNewPage);
}

// One load at a time, so that an older answer never overwrites a newer one; who asks meanwhile gets one more.
async function load() {
  isAskedAgain = isLoading;
  if (isLoading) return;
  isLoading = true;
  loadBegan = Date.now();
  do {
    isAskedAgain = false;
    const loaded = view;
    try {
      await loaded.load();
      loaded.isLoaded = true;
      if (loaded === view) [problem, readAt] = [null, Date.now()];
    } catch (refusal) {
      if (loaded === view) problem = refusal;
    }
    isAskedAgain ||= loaded !== view;
  } while (isAskedAgain);
  isLoading = false;
  lastLoad = Date.now();
  draw();
}

// Many changes at once become one look.
function loadSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    load();
  }, Math.max(50, loadBegan + atMostEvery - Date.now()));
}

function draw() {
  // Until a view has something to show, what was there before stays: whoever types in its search goes on typing.
  if (!view?.isLoaded && !problem) return;
  const banner = problem && h('p', { class: 'alert problem', role: 'alert', key: 'problem' }, wordsOf(problem));
  morph(main, h('main', { id: 'main', tabindex: '-1' }, banner, view.render()));
}

// What goes away comes back: then the page does, too. Until it does, what was read last is better than nothing, if one knows how old it is.
function wordsOf({ status, type, message }) {
  if (!awayStatuses.includes(status)) return message;
  const what = type.endsWith(':job-store-away') ? 'Redis, which holds all jobs, is away: nothing is added and nothing begins until it is back.' : message;
  return `${what} ${readAt ? `What is shown is from ${clock(readAt)}; this page` : 'This page'} looks again by itself.`;
}

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[href]');
  const isOurs = link && link.origin === location.origin && !link.target && routes.some(([pattern]) => pattern.test(link.pathname));
  if (!isOurs || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.classList.contains('skip')) main.focus();
  else go(link.pathname + link.search);
});
addEventListener('popstate', () => open());
onChange(change => {
  if (!view) return;
  if (change) view.change?.(change);
  if (!change || !view.ignores?.(change)) loadSoon();
});
setUpTheme();
listenToKeys({ go, settings: () => settings });

settings = await get('/dashboard/settings').catch(refusal => {
  morph(main, h('main', { id: 'main', tabindex: '-1' }, h('p', { class: 'alert problem', role: 'alert' }, refusal.message)));
  throw refusal;
});
setCaller(settings.caller);
const signedIn = document.getElementById('caller');
if (settings.caller) {
  signedIn.append(h('span', {}, `${settings.caller.name} · ${settings.caller.role}`), ' ', h('a', { href: '/dashboard/sign-out' }, 'Sign out'));
  signedIn.hidden = false;
}
for (const link of document.querySelectorAll('nav [data-needs]')) link.hidden = !may(link.dataset.needs);
const notice = document.getElementById('notice');
notice.textContent = settings.notice ?? '';
notice.hidden = !settings.notice;
await open();
// Ages grow while nothing changes; and what was not pushed is found all the same.
setInterval(() => {
  if (document.hidden) return;
  const every = problem && awayStatuses.includes(problem.status) ? whileAwayEvery : Math.min(atLeastEvery, view?.atLeastEvery?.() ?? atLeastEvery);
  if (Date.now() - lastLoad > every) load();
  else draw();
}, 1000);
