const numbers = new Intl.NumberFormat('en');
const units = [[86400e3, 'd'], [3600e3, 'h'], [60e3, 'min'], [1e3, 's']];

export const count = number => numbers.format(number ?? 0);
export const many = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;
export const percent = share => `${numbers.format(Math.round((share ?? 0) * 1000) / 10)} %`;

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '–';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const [size, unit] = units.find(([size]) => milliseconds >= size);
  const value = milliseconds / size;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
}

export function ago(time) {
  const past = Date.now() - Date.parse(time);
  if (Math.abs(past) < 1000) return 'now';
  return past > 0 ? `${duration(past)} ago` : `in ${duration(-past)}`;
}

export const between = (from, to) => from && to ? Date.parse(to) - Date.parse(from) : null;

export const clock = time => new Date(time).toLocaleTimeString('en-GB');

export const dateTime = time => new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
