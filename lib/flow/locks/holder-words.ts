/** Messages about the holder of a lock that a process waits for, with advice. */
import { SILENT_MS } from './lock.ts';
import { type Holder, isSuspended, lifeOf, self } from './lock-owner.ts';

/** Names a process: `process 123 on this machine (main run s, since 12:03:44)`. */
export function holderName({ owner }: Holder): string {
  if (owner === undefined) return 'a process that has just begun';
  const { pid, host, command, since } = owner;
  const facts = [command, since === undefined ? undefined : `since ${clockTime(since)}`].filter(Boolean);
  const about = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return `process ${pid} on ${host === self().host ? 'this machine' : host}${about}`;
}

/** State of a lock holder, and advice on how to proceed. */
export function holderAdvice(holder: Holder): string {
  const { owner } = holder;
  const life = owner === undefined ? 'unknown' : lifeOf(owner);
  if (owner !== undefined && life === 'alive') {
    if (isSuspended(owner)) {
      return `it is suspended: kill -CONT ${owner.pid} lets it go on, kill -KILL ${owner.pid} ends it`;
    }
    return `it is at work; kill ${owner.pid} would end it`;
  }
  const silent = `its last sign of life was ${seconds(holder.silentMs())} ago`;
  const space = owner?.host === self().host && owner.boot === self().boot ? ', in another container' : '';
  return `whether it lives cannot be seen from here${space}: ${silent}, and after ${seconds(SILENT_MS)} without one it counts as dead`;
}

const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;

/** Local time of day, with the date if it is not today. */
function clockTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday
    ? clock
    : `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}
