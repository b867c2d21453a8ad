/** The console: picks the page that the address names, and keeps it live. */
import {askToken} from './actions.js';
import {follow, get} from './api.js';
import {fill, h} from './dom.js';
import {listPage, routersPage} from './rollouts.js';
import {rolloutPage} from './rollout.js';
import {span, zone} from './text.js';

const main = document.getElementById('main');
const live = document.getElementById('live');
let stop = () => {};
let lost = 0;

function state(now, error) {
  if (now === 'live') {
    lost = 0;
    live.textContent = 'Live';
    live.className = 'live good';
    return;
  }
  lost ||= Date.now();
  live.textContent = 'Reconnecting…';
  live.className = 'live bad';
  if (error?.status === 401 || error?.status === 403) askToken(error.message, open);
  else if (error?.status === 404) fill(main, h('div.empty', {}, h('p', {}, error.message), h('a', {href: '#/'}, 'All rollouts')));
}

setInterval(() => {
  if (lost) live.textContent = `Not connected for ${span((Date.now() - lost) / 1000)}; what you see may be old`;
}, 1000);

function say(text) {
  const note = h('div.toast', {role: 'status'}, text);
  document.getElementById('dialogs').append(note);
  setTimeout(() => note.remove(), 6000);
}

function open() {
  stop();
  const [page, name, guard] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  document.querySelectorAll('nav a').forEach(link => link.toggleAttribute('aria-current', link.hash === (page === 'routers' ? '#/routers' : '#/')));
  if (page === 'routers') {
    document.title = 'Routers – Serin';
    const each = () => get('/v1/routers').then(answer => { state('live'); fill(main, routersPage(answer.routers)); }, error => state('lost', error));
    each();
    const timer = setInterval(each, 2000);
    stop = () => clearInterval(timer);
  } else if (page === 'rollouts' && name) {
    document.title = `${name} – Serin`;
    const view = rolloutPage(name, guard ?? null, say);
    fill(main, view.element);
    stop = follow(`/v1/rollouts/${encodeURIComponent(name)}/watch`, rollout => {
      view.draw(rollout);
      document.title = `${rollout.state === 'RUNNING' ? '' : `${rollout.state.toLowerCase().replace('_', ' ')}: `}${name} – Serin`;
    }, state);
  } else {
    document.title = 'Rollouts – Serin';
    const view = listPage(say);
    const rows = new Map();
    let frozen = null;
    fill(main, view.element);
    stop = follow('/v1/watch', (list, fresh) => {
      if (fresh) rows.clear();
      list.rollouts.forEach(row => rows.set(row.rollout, row));
      list.gone?.forEach(gone => rows.delete(gone));
      frozen = list.frozen ?? null;
      view.draw([...rows.values()], frozen);
    }, state);
  }
}

const zoneButton = document.getElementById('zone');
const nameZone = () => { zoneButton.textContent = zone.name(); zoneButton.title = 'Switch between local time and UTC'; };
zoneButton.addEventListener('click', () => { zone.toggle(); nameZone(); open(); });
nameZone();

const theme = localStorage.getItem('serin.theme');
if (theme) document.documentElement.dataset.theme = theme;
document.getElementById('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('serin.theme', document.documentElement.dataset.theme);
  open();
});

addEventListener('hashchange', () => { open(); main.focus({preventScroll: true}); scrollTo(0, 0); });
open();
