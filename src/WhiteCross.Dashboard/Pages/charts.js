import { svg } from './dom.js';
import { clock, count, duration } from './format.js';

const step = 5;
const height = 48;

/** What ended in each minute, as bars: completed above failed. */
export function endedChart(minutes, label) {
  const most = Math.max(1, ...minutes.map(minute => minute.completed + minute.failed));
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  return frame(minutes, `${label}: ${count(completed)} completed and ${count(failed)} failed in the last hour; at most ${count(most)} a minute`, minute => {
    const [down, up] = [minute.failed, minute.completed].map(jobs => jobs === 0 ? 0 : Math.max(2, jobs / most * (height - 2)));
    return [bar('failed', height - down, down), bar('completed', height - down - up, up)];
  }, minute => `${clock(minute.minute)}: ${count(minute.completed)} completed, ${count(minute.failed)} failed`);
}

/** How long attempts took in each minute: the 95th percentile, and the median in it. */
export function latencyChart(minutes, label) {
  const most = Math.max(1, ...minutes.map(minute => minute.p95 ?? 0));
  return frame(minutes, `${label}: at most ${duration(most)} for 95 % of the attempts of a minute, in the last hour`, minute => {
    const [low, high] = [minute.p50, minute.p95].map(time => time ? Math.max(2, time / most * (height - 2)) : 0);
    return [bar('p95', height - high, high), bar('p50', height - low, low)];
  }, minute => `${clock(minute.minute)}: half within ${duration(minute.p50)}, 95 % within ${duration(minute.p95)}`);
}

/** How many failed in each hour, the present one last. */
export function hoursChart(hours, now, label) {
  const most = Math.max(1, ...hours);
  const bars = hours.map((failed, i) => ({ failed, from: now - (hours.length - 1 - i) * 3600e3 }));
  return frame(bars, `${label}: ${count(hours.reduce((sum, failed) => sum + failed, 0))} in the last ${hours.length} hours; at most ${count(most)} an hour`, hour => {
    const size = hour.failed === 0 ? 0 : Math.max(2, hour.failed / most * (height - 2));
    return bar('failed', height - size, size);
  }, hour => `${clock(hour.from).slice(0, 2)}:00: ${count(hour.failed)} failed`);
}

const bar = (kind, y, size) => size > 0 && svg('rect', { class: kind, y: y.toFixed(1), width: step - 1, height: size.toFixed(1) });

function frame(minutes, label, bars, title) {
  return svg('svg', { class: 'chart', viewBox: `0 0 ${Math.max(1, minutes.length) * step} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    minutes.map((minute, i) => svg('g', { transform: `translate(${i * step})` },
      svg('title', {}, title(minute)),
      svg('rect', { class: 'hit', width: step, height }),
      bars(minute))));
}
