/** The list of all rollouts, and the routers. */
import {freezeButton} from './actions.js';
import {fill, h} from './dom.js';
import {ago, DECISIONS, metric, number, percent, STATES, time} from './text.js';

export function badge(state) {
  const [label, tone, sign] = STATES[state] ?? STATES.UNKNOWN;
  return h(`span.badge.${tone}`, {}, h('span', {'aria-hidden': 'true'}, sign), ' ', label);
}

/** Who has which share: control first, each with its name and figure. */
export function splitBar(split, control = 'control') {
  const parts = Object.entries(split).sort(([a], [b]) => (a === control ? -1 : b === control ? 1 : a.localeCompare(b)));
  const label = parts.map(([name, share]) => `${name} ${percent(share)}`).join(', ');
  return h('div.split', {},
    h('div.track', {role: 'img', 'aria-label': label},
      parts.map(([, share], i) => share > 0 && h(`span.part.v${i}`, {style: {width: `${share * 100}%`}}))),
    h('div.names', {}, parts.map(([name, share], i) => h('span', {}, h(`i.v${i}`, {'aria-hidden': 'true'}), `${name} ${percent(share)}`))));
}

/** How far the evidence is on its way to the threshold. */
export function evidenceBar(guard) {
  const part = Math.max(0, Math.min(1, guard.threshold > 0 ? guard.logE / guard.threshold : 0));
  const tone = DECISIONS[guard.decision]?.[1] ?? 'calm';
  return h('div.evidence', {},
    h(`div.track`, {role: 'img', 'aria-label': `evidence ${number(guard.logE, 1)} of ${number(guard.threshold, 1)}`},
      h(`span.fill.${tone}`, {style: {width: `${part * 100}%`}})),
    h('span.figure', {}, `${number(Math.max(0, guard.logE), 1)} of ${number(guard.threshold, 1)}`));
}

const ORDER = ['FAILED', 'ROLLED_BACK', 'FROZEN', 'RUNNING', 'PAUSED', 'ABORTED', 'PROMOTED', 'RETIRED', 'UNKNOWN'];

/** The page of all rollouts. Its filter outlives each redrawing. */
export function listPage(say) {
  let filter = '';
  let shown = '';
  const page = h('div', {});
  function draw(rows, frozen) {
    const counts = {};
    rows.forEach(row => { counts[row.state] = (counts[row.state] ?? 0) + 1; });
    const found = rows
      .filter(row => row.rollout.toLowerCase().includes(filter.toLowerCase()) && (!shown || row.state === shown))
      .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.rollout.localeCompare(b.rollout));
    fill(page,
      h('div.head', {}, h('h1', {}, 'Rollouts'), h('span.spacer'), freezeButton(!!frozen, rows.length, say)),
      frozen && h('p.notice.warn', {role: 'status'}, `All rollouts are frozen since ${time(frozen.at)} by ${frozen.who}${frozen.reason ? `: ${frozen.reason}` : ''}.`),
      h('div.tools', {},
        h('label.sr', {for: 'search'}, 'Search by name'),
        h('input', {id: 'search', 'data-key': 'search', type: 'search', placeholder: 'Search by name', value: filter, oninput: event => { filter = event.target.value; draw(rows, frozen); }}),
        ORDER.filter(state => counts[state]).map(state => h('button.chip', {
          type: 'button', 'data-key': `state-${state}`, 'aria-pressed': String(shown === state),
          onclick: () => { shown = shown === state ? '' : state; draw(rows, frozen); },
        }, `${STATES[state][0]} ${counts[state]}`))),
      !rows.length
        ? h('div.empty', {}, h('p', {}, 'No rollout is applied yet.'), h('pre', {}, 'serin rollout apply my-rollout.yaml --by ann --reason "new model"'))
        : !found.length
          ? h('p.empty', {}, 'No rollout matches.')
          : h('ul.rows', {}, found.map(rowOf)));
  }
  return {element: page, draw};
}

function rowOf(row) {
  return h('li.row', {},
    h('div.who', {}, h('a', {href: `#/rollouts/${encodeURIComponent(row.rollout)}`, 'data-key': `row-${row.rollout}`}, row.rollout), badge(row.state)),
    h('div.share', {}, splitBar(row.split, row.control), h('span.muted', {}, `stage ${row.stageName}`)),
    h('div.now', {}, h('p', {}, row.next ?? ''),
      row.lastEvent && h('p.muted', {title: time(row.lastEvent.at)}, `${ago(row.lastEvent.at)}: ${row.lastEvent.text}`)),
    h('div.worst', {}, row.guard && [h('span.muted', {}, metric(row.guard.metric)), evidenceBar(row.guard)]));
}

/** The page of all routers. */
export function routersPage(routers) {
  return h('div', {}, h('h1', {}, 'Routers'),
    routers.length
      ? h('div.scroll', {tabindex: '0', role: 'region', 'aria-label': 'Routers'}, h('table', {},
        h('thead', {}, h('tr', {}, ['Router', 'Address', 'State', 'In flight', 'Serves'].map(name => h('th', {scope: 'col'}, name)))),
        h('tbody', {}, routers.map(router => h('tr', {},
          h('th', {scope: 'row'}, router.router), h('td', {}, router.url),
          h('td', {}, h(`span.badge.${router.live ? 'good' : 'bad'}`, {}, router.live ? 'Live' : 'Silent')),
          h('td.number', {}, router.inFlight),
          h('td', {}, Object.entries(router.revisions).map(([name, revision]) => `${name} at revision ${revision}`).join(', ')))))))
      : h('p.empty', {}, 'No router has reported yet.'));
}
