import { h, svg } from './dom.js';
import { clock, count, dateTime, duration } from './format.js';

const step = 5;
const height = 48;
const spansOfTime = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 20e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1200e3, 1800e3, 3600e3, 7200e3, 21600e3, 43200e3, 86400e3, 172800e3, 604800e3];

/** What ended in each minute, as bars: completed above failed. */
export function endedChart(minutes, label) {
  const most = mostEnded(minutes);
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  return frame(minutes, `${label}: ${count(completed)} completed and ${count(failed)} failed in the last hour; at most ${count(most)} a minute`, minute => {
    const [down, up] = [minute.failed, minute.completed].map(jobs => sized(jobs, most));
    return [bar('failed', height - down, down), bar('completed', height - down - up, up)];
  }, minute => `${clock(minute.minute)}: ${count(minute.completed)} completed, ${count(minute.failed)} failed`);
}

/** The most jobs that ended in one of the minutes. */
export const mostEnded = minutes => Math.max(0, ...minutes.map(minute => minute.completed + minute.failed));

/** How many failed in each hour, the present one last. */
export function hoursChart(hours, now, label) {
  const most = Math.max(1, ...hours);
  const bars = hours.map((failed, i) => ({ failed, from: now - (hours.length - 1 - i) * 3600e3 }));
  return frame(bars, `${label}: ${count(hours.reduce((sum, failed) => sum + failed, 0))} in the last ${hours.length} hours; at most ${count(most)} an hour`, hour => {
    const size = sized(hour.failed, most);
    return bar('failed', height - size, size);
  }, hour => `${clock(hour.from).slice(0, 2)}:00: ${count(hour.failed)} failed`);
}

/**
 * One kind of number over time, with its scale, its legend and its times. `series`: [field, name]; they stand on each other, or, when `isNested`, each within the
 * one before. A step without the number `known` is one that nobody looked at: a gap.
 */
export function plot(trend, title, series, { isTime = false, isNested = false, known = series[0][0] } = {}) {
  const { steps } = trend;
  const isKnown = one => (one[known] ?? null) !== null;
  const heights = steps.filter(isKnown).map(one => isNested ? Math.max(...series.map(([field]) => one[field] ?? 0)) : series.reduce((sum, [field]) => sum + (one[field] ?? 0), 0));
  const most = Math.max(0, ...heights);
  const top = isTime ? spansOfTime.find(span => span >= most) ?? most : roundUp(most);
  const text = isTime ? duration : count;
  const when = one => trend.stepSeconds < 3600 && trend.span !== '24h' ? clock(one.at).slice(0, 5) : dateTime(one.at).replace(/:\d\d$/, '');
  const bars = one => {
    if (!isKnown(one)) return svg('rect', { class: 'unknown', width: step, height });
    let below = 0;
    return series.map(([field]) => {
      const size = sized(one[field] ?? 0, top);
      const part = bar(field, height - below - size, size);
      if (!isNested) below += size;
      return part;
    });
  };
  const told = one => isKnown(one) ? series.map(([field, name]) => `${text(one[field] ?? 0)} ${name}`).join(', ') : 'nobody looked';
  const label = `${title}: ${heights.length === 0 ? 'nothing is known of this time' : `at most ${text(most)} in ${stepOf(trend)}`}`;
  return h('figure', { class: 'plot' },
    h('figcaption', {}, h('strong', {}, title), h('ul', { class: 'legend' }, series.map(([field, name]) => h('li', { class: field }, name)))),
    h('div', { class: 'plotted' },
      // What the picture's name says.
      h('div', { class: 'scale', 'aria-hidden': 'true' }, h('span', {}, text(top)), h('span', {}, top > 1 ? text(top / 2) : ''), h('span', {}, '0')),
      frame(steps, label, bars, one => `${when(one)}: ${told(one)}`, [0, height / 2])),
    h('div', { class: 'times', 'aria-hidden': 'true' }, h('span', {}, when(steps[0])), h('span', {}, when(steps[Math.floor(steps.length / 2)])), h('span', {}, 'now')));
}

/** In words, how long a step is. */
const stepOf = ({ stepSeconds }) => stepSeconds === 60 ? 'a minute' : stepSeconds === 3600 ? 'an hour' : `${stepSeconds / 60} minutes`;

function roundUp(number) {
  if (number <= 1) return 1;
  const size = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 4, 6, 8, 10].map(times => times * size).find(round => round >= number);
}

const sized = (number, most) => number > 0 ? Math.max(2, number / most * (height - 2)) : 0;

const bar = (kind, y, size) => size > 0 && svg('rect', { class: kind, y: y.toFixed(1), width: step - 1, height: size.toFixed(1) });

function frame(steps, label, bars, title, lines = []) {
  const width = Math.max(1, steps.length) * step;
  return svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    lines.map(y => svg('line', { class: 'grid', x2: width, y1: y, y2: y })),
    steps.map((one, i) => svg('g', { transform: `translate(${i * step})` },
      svg('title', {}, title(one)),
      svg('rect', { class: 'hit', width: step, height }),
      bars(one))));
}
