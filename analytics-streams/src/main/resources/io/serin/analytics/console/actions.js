/** What a person may do with a rollout: each action says what will happen and asks for a reason. */
import {ApiError, post, signIn} from './api.js';
import {h} from './dom.js';
import {percent} from './text.js';

const candidates = rollout => rollout.variants.filter(variant => variant.role === 'CANDIDATE').map(variant => variant.name);
const share = rollout => candidates(rollout).reduce((sum, name) => sum + (rollout.split[name] ?? 0), 0);
const serving = rollout => ['RUNNING', 'PAUSED', 'FROZEN'].includes(rollout.state);

/** careful: refused if the rollout has changed since the page was drawn. What takes share away never is. */
const ACTIONS = [
  {
    kind: 'rollback', label: 'Roll back', style: 'danger',
    when: rollout => serving(rollout) || rollout.state === 'PROMOTED',
    says: rollout => `The ${percent(share(rollout))} of users on ${candidates(rollout).join(', ')} move to control at once, on every router.`,
  },
  {
    kind: 'pause', label: 'Pause',
    when: rollout => rollout.state === 'RUNNING' || rollout.state === 'FROZEN',
    says: () => 'The split stays as it is and no stage begins. Guards keep watching and can still roll back.',
  },
  {
    kind: 'resume', careful: true, label: 'Resume',
    when: rollout => rollout.state === 'PAUSED',
    says: () => 'The stage continues where it was paused.',
  },
  {
    kind: 'promote', careful: true, label: 'Promote',
    when: rollout => serving(rollout),
    says: rollout => {
      const next = rollout.stages.find(stage => stage.is === 'ahead');
      const goal = next ? `Stage ${next.name} begins at once` : 'Every user moves to the candidate at once';
      const open = rollout.guards.filter(guard => guard.metric === 'promotion' && guard.decision !== 'PROMOTE');
      return open.length ? `${goal}, before the evidence is complete: ${open[0].text}` : `${goal}.`;
    },
  },
  {
    kind: 'abort', label: 'Abort',
    when: serving,
    says: () => 'The run ends without a verdict and every user goes to control. Its evidence ends with it.',
  },
  {
    kind: 'retire', careful: true, label: 'Retire',
    when: rollout => ['PROMOTED', 'ROLLED_BACK', 'ABORTED', 'FAILED'].includes(rollout.state),
    says: () => 'Routers no longer call variants without a share, not even as a fallback: those model servers can be shut down.',
  },
];

/** The buttons that fit the rollout's state. */
export function buttons(rollout, done) {
  return ACTIONS.filter(action => action.when(rollout)).map(action =>
    h(`button${action.style ? `.${action.style}` : ''}`, {type: 'button', 'data-key': action.kind, onclick: () => ask({
      title: `${action.label} ${rollout.rollout}?`,
      text: action.says(rollout),
      label: action.label,
      style: action.style,
      send: (reason, key) => post(`/v1/rollouts/${encodeURIComponent(rollout.rollout)}/actions`, {
        kind: action.kind, reason, idempotencyKey: key, who: 'console',
        ...(action.careful ? {expectedRevision: rollout.revision} : {}),
      }),
      done,
    })}, action.label));
}

/** Pauses all rollouts, or resumes those that a freeze paused. */
export function freezeButton(frozen, count, done) {
  return h('button', {type: 'button', 'data-key': 'freeze', onclick: () => ask({
    title: frozen ? 'Lift the freeze?' : 'Freeze all rollouts?',
    text: frozen
      ? 'Rollouts that the freeze paused continue. Those that a person paused by name stay paused.'
      : `All ${count} rollouts stop where they are. Guards keep watching and can still roll back. A rollout applied meanwhile starts paused.`,
    label: frozen ? 'Lift the freeze' : 'Freeze all',
    send: reason => post(frozen ? '/v1/unfreeze' : '/v1/freeze', undefined, {
      'x-serin-who': 'console', ...(reason ? {'x-serin-reason': encodeURIComponent(reason)} : {}),
    }),
    done,
  })}, frozen ? 'Lift the freeze' : 'Freeze all…');
}

function ask({title, text, label, style, send, done}) {
  const key = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  const reason = h('input', {id: 'reason', autocomplete: 'off', maxlength: '500'});
  const error = h('p.error', {role: 'alert'});
  const confirm = h(`button${style ? `.${style}` : '.primary'}`, {type: 'submit'}, label);
  const dialog = show(title, async () => {
    confirm.disabled = true;
    error.textContent = '';
    try {
      const answer = await send(reason.value, key);
      dialog.close();
      done(answer.outcome === 'pending' ? `${label}: asked for; the controller has not acted yet.` : `${label}: done.`);
    } catch (problem) {
      error.textContent = problem instanceof ApiError ? problem.message : `The control API did not answer: ${problem.message}`;
      confirm.disabled = false;
    }
  },
  h('p', {}, text),
  h('label', {for: 'reason'}, 'Reason, for the audit (optional)'), reason, error,
  h('div.actions', {}, h('button', {type: 'button', onclick: () => dialog.close()}, 'Cancel'), confirm));
  reason.focus();
}

/** Asks for a token, and keeps it in this tab. */
export function askToken(message, done) {
  if (document.querySelector('dialog[open]')) return;
  const token = h('input', {id: 'token', type: 'password', autocomplete: 'off', required: true});
  const dialog = show('Sign in', () => {
    signIn.set(token.value.trim());
    dialog.close();
    done();
  },
  h('p', {}, message),
  h('label', {for: 'token'}, 'Token'), token,
  h('div.actions', {}, h('button.primary', {type: 'submit'}, 'Sign in')));
  token.focus();
}

function show(title, submit, ...children) {
  const dialog = h('dialog', {'aria-labelledby': 'dialog-title'},
    h('form', {onsubmit: event => { event.preventDefault(); submit(); }}, h('h2', {id: 'dialog-title'}, title), children));
  dialog.addEventListener('close', () => dialog.remove());
  document.getElementById('dialogs').append(dialog);
  dialog.showModal();
  return dialog;
}
