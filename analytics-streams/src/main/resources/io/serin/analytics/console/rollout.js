/** One rollout: what it waits for, what fired, the evidence over time, who did what. */
import {buttons} from './actions.js';
import {get} from './api.js';
import {chart} from './charts.js';
import {fill, h} from './dom.js';
import {badge, evidenceBar, splitBar} from './rollouts.js';
import {ago, DECISIONS, estimate, metric, number, percent, time, words} from './text.js';

const BAD = ['ROLLED_BACK', 'FAILED', 'ROUTER_TRIPPED', 'INVESTIGATE', 'ROLLBACK_UNCONFIRMED'];
const tone = kind => (BAD.includes(kind) ? '--bad' : ['FROZEN', 'FLAGGED', 'HELD'].includes(kind) ? '--warn' : '--muted');

/**
 * The page of one rollout.
 *
 * @param {string} name
 * @param {string|null} guard to be shown first, from a deep link
 * @param {(text: string) => void} say
 */
export function rolloutPage(name, guard, say) {
  const part = {};
  for (const id of ['top', 'incident', 'next', 'guards', 'split', 'routers', 'history', 'file']) part[id] = h('section', {id: `part-${id}`});
  const element = h('div', {}, Object.values(part));
  const path = `/v1/rollouts/${encodeURIComponent(name)}`;
  let past = null;
  let asked = 0;
  let open = guard;
  let last = null;
  let drawn = {};

  function draw(rollout) {
    last = rollout;
    fill(part.top, top(rollout, say));
    fill(part.incident, incident(rollout));
    fill(part.next, h('h2', {}, 'What happens next'), rollout.next.length
      ? h('ul.plain', {}, rollout.next.map(text => h('li', {}, text))) : h('p.muted', {}, 'Nothing is pending.'));
    fill(part.guards, guards(rollout));
    fill(part.routers, routers(rollout));
    if (Date.now() - asked > 10000) load(rollout);
  }

  async function load(rollout) {
    asked = Date.now();
    try {
      const [evidence, history, file] = await Promise.all([get(`${path}/evidence`), get(`${path}/history`), get(`${path}/file`).catch(() => null)]);
      past = evidence;
      fill(part.guards, guards(rollout));
      fill(part.split, split(history));
      fill(part.history, steps(history));
      if (file && !part.file.childElementCount) {
        fill(part.file, h('h2', {}, 'The file'), h('p.muted', {}, `Applied by ${file.appliedBy}, ${time(file.appliedAt)}.`),
          h('pre', {tabindex: '0'}, file.file));
      }
    } catch (error) {
      say(`The past could not be read: ${error.message}`);
    }
  }

  function guards(rollout) {
    const all = [...rollout.guards].sort((a, b) => rank(b) - rank(a));
    return [h('h2', {}, 'Guards'), all.length
      ? h('ul.guards', {}, all.map(one => guardCard(rollout, one)))
      : h('p.muted', {}, 'No guard has seen an answer yet.')];
  }

  function guardCard(rollout, one) {
    const key = `${one.metric}/${one.candidate}`;
    const [label, style] = one.metric === 'promotion' && one.decision === 'CONTINUE'
      ? ['Not yet', 'calm'] : DECISIONS[one.decision] ?? DECISIONS.UNKNOWN;
    const history = past?.guards.find(each => each.metric === one.metric && each.candidate === one.candidate);
    const details = h('details.guard', {open: open === key, 'data-key': key},
      h('summary', {'data-key': `open-${key}`},
        h('span.name', {}, metric(one.metric), rollout.variants.length > 2 && ` of ${one.candidate}`),
        h(`span.badge.${style}`, {}, label),
        one.threshold > 0 && evidenceBar(one)),
      h('p', {}, one.text),
      h('dl.figures', {},
        pair('Candidate', estimate(one.metric, one.candidateEstimate), `${one.candidateUnits.toLocaleString('en')} users`),
        pair('Control', estimate(one.metric, one.controlEstimate), `${one.controlUnits.toLocaleString('en')} users`),
        pair('Error share', `${Number((one.alpha * one.weight).toPrecision(2))}`, 'false rollbacks at most, over the whole run'),
        pair('Since', ago(one.at), time(one.at))),
      open === key && history && history.at.length > 0 && chartsOnce(rollout, one, history));
    details.addEventListener('toggle', () => {
      if (details.open === (open === key)) return;
      open = details.open ? key : open === key ? null : open;
      const address = `#/rollouts/${encodeURIComponent(name)}${open ? `/${encodeURIComponent(open)}` : ''}`;
      window.history.replaceState(null, '', address);
      if (details.open) fill(part.guards, guards(last));
    });
    return h('li', {}, details);
  }

  /** The same charts until there is newer evidence: what the cursor stands on stays. */
  function chartsOnce(rollout, one, history) {
    if (drawn.history !== history) drawn = {history, node: charts(rollout, one, history)};
    return drawn.node;
  }

  return {element, draw};
}

const rank = guard => (DECISIONS[guard.decision]?.[1] === 'bad' ? 100 : DECISIONS[guard.decision]?.[1] === 'warn' ? 50 : 0)
  + (guard.threshold > 0 ? guard.logE / guard.threshold : -1);

const pair = (name, value, title) => h('div', {title}, h('dt', {}, name), h('dd', {}, value), h('dd.muted', {}, title));

function top(rollout, say) {
  return [
    h('p.crumbs', {}, h('a', {href: '#/'}, 'Rollouts'), ' / '),
    h('div.head', {}, h('h1', {}, rollout.rollout), badge(rollout.state), h('span.spacer'), h('div.actions', {}, buttons(rollout, say))),
    h('p.muted', {}, `Revision ${rollout.revision}, ${rollout.cause}. `,
      rollout.appliedBy && `Applied by ${rollout.appliedBy}, ${time(rollout.appliedAt)}${rollout.reason ? `: ${rollout.reason}` : ''}.`),
    splitBar(rollout.split, rollout.variants.find(variant => variant.role === 'CONTROL')?.name),
    rollout.stages.length > 0 && h('ol.stages', {}, rollout.stages.map(stage => h(`li.${stage.is}`, {'aria-current': stage.is === 'current' ? 'step' : null},
      h('strong', {}, stage.name), h('span.muted', {}, stage.for ? ` for ${stage.for}` : '')))),
  ];
}

/** Of the newest run: why it was taken out, whom it hit, what to do. */
function incident(rollout) {
  if (!['ROLLED_BACK', 'FAILED', 'FROZEN'].includes(rollout.state)) return null;
  const newest = kinds => [...rollout.events].reverse().find(event => kinds.includes(event.kind));
  const why = newest(rollout.state === 'FROZEN' ? ['FROZEN'] : [rollout.state]);
  if (!why) return null;
  const after = rollout.events.filter(event => ['ROLLBACK_CONFIRMED', 'ROLLBACK_UNCONFIRMED', 'ROLLBACK_COUNTED', 'ROUTER_TRIPPED'].includes(event.kind) && event.at >= why.at);
  return h(`div.incident.${rollout.state === 'FROZEN' ? 'warn' : 'bad'}`, {},
    h('h2', {}, rollout.state === 'FROZEN' ? 'Why it is frozen' : 'What happened'),
    h('p.lead', {}, why.text),
    h('p.muted', {title: time(why.at)}, `${time(why.at)}, ${ago(why.at)}`),
    h('ul.plain', {}, after.map(event => h('li', {}, event.text))),
    rollout.state === 'ROLLED_BACK' && h('p', {}, 'Every user is on control. Look at the guard that fired and at examples, then apply a corrected file; or retire the run.'));
}

function charts(rollout, one, history) {
  const moments = rollout.events.map(event => ({at: Date.parse(event.at), colour: tone(event.kind)}));
  const lines = [{at: history.threshold, text: history.action === 'flag' ? 'flags' : 'rolls back', colour: '--bad'}];
  if (history.signal > 0 && history.signal < history.threshold) lines.push({at: history.signal, text: 'freezes', colour: '--warn'});
  const evidence = history.threshold > 0 && chart({
    label: `Evidence of ${metric(one.metric)} against ${one.candidate}, natural logarithm of the e-value`,
    at: history.at, lines, moments, range: [0, 0], show: value => number(value, 1),
    series: [{name: 'evidence', colour: '--v1', values: history.logE}],
  });
  const values = history.candidateEstimate.some(value => value !== null) && chart({
    label: `${metric(one.metric)} of ${one.candidate} and of control`,
    at: history.at, moments, range: [0, 0], show: value => estimate(one.metric, value),
    series: [{name: 'control', colour: '--v0', values: history.controlEstimate}, {name: one.candidate, colour: '--v1', values: history.candidateEstimate}],
  });
  return h('div.charts', {},
    evidence && h('div', {}, h('h3', {}, 'Evidence (ln e-value)'), evidence),
    values && h('div', {}, h('h3', {}, 'Observed'), values));
}

/** The split over time, from the events that changed it. */
function split(history) {
  const at = [];
  const shares = {};
  for (const entry of history.entries) {
    const weights = Object.entries(entry.details ?? {}).filter(([key]) => key.startsWith('weight.'));
    const out = ['ROLLED_BACK', 'ABORTED', 'FAILED'].includes(entry.kind);
    if (!weights.length && !(out && at.length)) continue;
    at.push(Date.parse(entry.at));
    if (out) Object.keys(shares).forEach(name => shares[name].push(name === 'control' ? 1 : 0));
    else weights.forEach(([key, value]) => {
      const name = key.slice(7);
      shares[name] ??= Array(at.length - 1).fill(null);
      shares[name].push(Number(value) / 10000);
    });
    Object.values(shares).forEach(list => { while (list.length < at.length) list.push(0); });
  }
  if (!at.length) return null;
  at.push(Date.now());
  Object.values(shares).forEach(list => list.push(list.at(-1)));
  const names = Object.keys(shares).sort((a, b) => (a === 'control' ? -1 : b === 'control' ? 1 : a.localeCompare(b)));
  return [h('h2', {}, 'Split over time'), chart({
    label: 'Share of each variant', at, range: [0, 1], show: percent, height: 150,
    series: names.map((name, i) => ({name, colour: `--v${i}`, values: shares[name], stepped: true})),
  })];
}

function routers(rollout) {
  if (!rollout.routers.length) return [h('h2', {}, 'Routers'), h('p.muted', {}, 'No router has reported yet.')];
  return [h('h2', {}, 'Routers'), h('div.scroll', {tabindex: '0', role: 'region', 'aria-label': 'Routers'}, h('table', {},
    h('thead', {}, h('tr', {}, ['Router', 'Serves', 'Revision', 'Backlog', 'Notes'].map(name => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, rollout.routers.map(router => h('tr', {},
      h('th', {scope: 'row'}, router.router),
      h('td', {}, h(`span.badge.${router.serves ? 'good' : 'bad'}`, {}, router.serves ? 'Newest' : router.live ? 'Behind' : 'Silent')),
      h('td.number', {}, router.revision ?? '–'), h('td.number', {}, router.backlog),
      h('td', {}, notes(router).join(' ') || '–'))))))];
}

function notes(router) {
  const notes = router.refused.map(one => `Refused ${one.variant ?? 'revision'}: ${one.reason}.`);
  if (router.trips.length) notes.push(`Tripped: ${router.trips.join(', ')}.`);
  if (router.lapsed) notes.push('Serves control alone: the lease has lapsed.');
  if (router.forced) notes.push('Forced to control by hand.');
  if (router.dropped) notes.push(`${router.dropped} records lost.`);
  return notes;
}

function steps(history) {
  return [h('h2', {}, 'History'), h('ol.steps', {}, [...history.entries].reverse().map(entry => h('li', {},
    h('time', {datetime: entry.at, title: ago(entry.at)}, time(entry.at)),
    h(`span.kind`, {style: {color: `var(${tone(entry.kind)})`}}, words(entry.kind)),
    h('div', {}, h('p', {}, entry.text),
      entry.diff && h('details', {}, h('summary', {}, 'What changed in the file'), h('pre', {tabindex: '0'}, entry.diff)),
      entry.evidence?.length > 0 && h('p.muted', {}, `Evidence: ${entry.evidence.map(one => `${metric(one.metric)} ${number(one.logE, 1)} of ${number(one.threshold, 1)}`).join(', ')}`)))))];
}
