/** Charts over time, by uPlot. Colours come from the page's theme; a table beside each holds the same figures. */
import uPlot from './uplot.js';
import {h} from './dom.js';
import {number, time, zone} from './text.js';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const instant = seconds => (zone.utc ? uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC') : new Date(seconds * 1e3));

/** "12:05", with the date where a new day begins or whole days are shown. */
function clock(tick, before, step) {
  const zoned = zone.utc ? 'UTC' : undefined;
  const date = seconds => new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', timeZone: zoned}).format(seconds * 1e3);
  if (step >= 86400) return date(tick);
  const text = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: step < 60 ? '2-digit' : undefined, timeZone: zoned}).format(tick * 1e3);
  return before === undefined || date(before) !== date(tick) ? `${text}\n${date(tick)}` : text;
}

/** Horizontal lines and vertical marks, drawn over a chart. */
function marks(lines, moments) {
  return {
    hooks: {
      draw: [u => {
        const {ctx, bbox} = u;
        const ratio = devicePixelRatio || 1;
        ctx.save();
        ctx.font = `${11 * ratio}px system-ui, sans-serif`;
        ctx.textAlign = 'left';
        ctx.textBaseline = 'alphabetic';
        for (const line of lines) {
          const y = u.valToPos(line.at, 'y', true);
          if (y < bbox.top || y > bbox.top + bbox.height) continue;
          ctx.strokeStyle = ctx.fillStyle = colour(line.colour);
          ctx.setLineDash([6 * ratio, 4 * ratio]);
          ctx.lineWidth = 1.5 * ratio;
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          ctx.fillText(line.text, bbox.left + 6 * ratio, y - 4 * ratio);
        }
        ctx.setLineDash([2 * ratio, 3 * ratio]);
        for (const moment of moments) {
          const x = u.valToPos(moment.at / 1e3, 'x', true);
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          ctx.strokeStyle = colour(moment.colour);
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.restore();
      }],
    },
  };
}

/**
 * @param {object} chart
 * @param {string} chart.label what a screen reader says of it
 * @param {number[]} chart.at milliseconds since the epoch
 * @param {{name: string, colour: string, values: (number|null)[], stepped?: boolean}[]} chart.series
 * @param {{at: number, text: string, colour: string}[]} [chart.lines]
 * @param {{at: number, colour: string}[]} [chart.moments]
 * @param {(value: number) => string} [chart.show]
 * @param {[number, number]} [chart.range] of the y axis, at least
 */
export function chart({label, at, series, lines = [], moments = [], show = number, range, height = 190}) {
  const box = h('figure.chart', {'aria-label': label});
  const axis = {stroke: () => colour('--muted'), grid: {stroke: () => colour('--line'), width: 1}, ticks: {show: false}, font: '12px system-ui, sans-serif'};
  const options = {
    width: 320, height,
    tzDate: instant,
    legend: {show: series.length > 1, live: false},
    cursor: {y: false, points: {size: 7}},
    padding: [10, 12, 0, 0],
    scales: {
      x: {range: (u, first, last) => (first === last ? [first - 60, last + 60] : [first, last])},
      y: {
        range: (u, low, high) => {
          const values = [low ?? 0, high ?? 0, ...lines.map(line => line.at), ...(range ?? [])];
          const top = Math.max(...values);
          const bottom = Math.min(...values);
          const room = (top - bottom || 1) * 0.12;
          return [bottom < 0 ? bottom - room : bottom, top + room];
        },
      },
    },
    axes: [{...axis, space: 80, values: (u, ticks, index, space, step) => ticks.map((tick, i) => clock(tick, ticks[i - 1], step))}, {...axis, size: 56, values: (u, ticks) => ticks.map(show)}],
    series: [{}, ...series.map(one => ({
      label: one.name,
      stroke: () => colour(one.colour),
      width: 2,
      spanGaps: true,
      paths: one.stepped ? uPlot.paths.stepped({align: 1}) : undefined,
      points: {show: at.length < 3},
    }))],
    plugins: [marks(lines, moments), tip(box, series, show)],
  };
  const plot = new uPlot(options, [at.map(ms => ms / 1e3), ...series.map(one => one.values)], box);
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width > 0 && width !== plot.width) plot.setSize({width, height});
  }).observe(box);
  box.append(table(label, at, series, show));
  return box;
}

/** What the cursor stands on, in words under the chart. */
function tip(box, series, show) {
  const line = h('figcaption.tip', {}, ' ');
  return {
    hooks: {
      init: [() => box.append(line)],
      setCursor: [u => {
        const index = u.cursor.idx;
        line.textContent = index === null || index === undefined
          ? ' '
          : `${time(u.data[0][index] * 1e3)} · ${series.map((one, i) => `${one.name} ${u.data[i + 1][index] === null ? '–' : show(u.data[i + 1][index])}`).join(' · ')}`;
      }],
    },
  };
}

function table(label, at, series, show) {
  const details = h('details.figures', {}, h('summary', {}, 'Figures'));
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    const rows = at.map((ms, i) => h('tr', {}, h('td', {}, time(ms)), series.map(one => h('td.number', {}, one.values[i] === null ? '–' : show(one.values[i])))));
    details.append(h('div.scroll', {tabindex: '0', role: 'region', 'aria-label': label},
      h('table', {}, h('thead', {}, h('tr', {}, h('th', {}, 'Time'), series.map(one => h('th.number', {}, one.name)))), h('tbody', {}, rows.reverse()))));
  });
  return details;
}
