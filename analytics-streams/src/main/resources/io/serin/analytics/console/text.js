/** Words, times and numbers, as people read them. */

export const STATES = {
  RUNNING: ['Running', 'good', '▶'],
  PAUSED: ['Paused', 'calm', '❚❚'],
  FROZEN: ['Frozen', 'warn', '❄'],
  ROLLED_BACK: ['Rolled back', 'bad', '↩'],
  ABORTED: ['Aborted', 'calm', '■'],
  PROMOTED: ['Promoted', 'good', '✓'],
  RETIRED: ['Retired', 'calm', '–'],
  FAILED: ['Failed', 'bad', '!'],
  UNKNOWN: ['Unknown', 'warn', '?'],
};

export const DECISIONS = {
  CONTINUE: ['No sign of harm', 'good'],
  PROMOTE: ['Passed', 'good'],
  HOLD: ['Holds the stage', 'warn'],
  FREEZE: ['Freezes the ramp', 'warn'],
  ROLLBACK: ['Rolled back', 'bad'],
  FLAG: ['Flagged', 'warn'],
  INVESTIGATE: ['Split is broken', 'bad'],
  NOT_APPLICABLE: ['Nothing to compare', 'calm'],
  INCONCLUSIVE: ['Inconclusive', 'calm'],
  UNKNOWN: ['Unknown', 'calm'],
};

/** "latency.p95" → "Latency p95" */
export function metric(name) {
  const known = {
    'error.rate': 'Errors', 'refusal.rate': 'Refusals', 'cache.hit': 'Cache hits', feedback: 'Feedback',
    promotion: 'Promotion', tokens: 'Tokens', 'sample.ratio': 'Sample ratio',
  };
  const text = known[name] ?? name.replaceAll('.', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a person calls an event: "ROUTER_TRIPPED" → "Router tripped". */
export const words = kind => {
  const text = kind.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** A share 0 … 1 as "25 %", "0.05 %". */
export function percent(share) {
  const value = share * 100;
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `${Number(value.toFixed(digits))} %`;
}

/** A number without "-0". */
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

export const zone = {
  utc: localStorage.getItem('serin.zone') === 'utc',
  toggle() {
    zone.utc = !zone.utc;
    localStorage.setItem('serin.zone', zone.utc ? 'utc' : 'local');
  },
  name: () => (zone.utc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone),
};

/** "28 Nov 2026, 12:25:18 UTC" */
export function time(at) {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium', timeStyle: 'medium', timeZone: zone.utc ? 'UTC' : undefined,
  }).format(new Date(at)) + (zone.utc ? ' UTC' : '');
}

/** "12 s ago", "3 h ago" */
export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
  if (seconds < 5) return 'just now';
  return `${span(seconds)} ago`;
}

/** "12 s", "4 min", "3 h", "2 d" */
export function span(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** An estimate in the metric's own unit. */
export function estimate(name, value) {
  if (value === null || value === undefined) return '–';
  if (/latency|ttft|duration|tpot/.test(name)) {
    const ms = value / 1000;
    return ms >= 10000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
  }
  if (/rate|hit|feedback|ratio/.test(name)) return percent(value);
  return Number(value.toPrecision(3)).toString();
}
