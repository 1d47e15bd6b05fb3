/** Takes a lock and holds it until it is killed. For lock.test.ts. */
import { acquireLock } from '../../lib/flow/locks/lock.ts';

await acquireLock(process.argv[2], process.argv[3], () => false);
console.log('held');
setInterval(() => {}, 1000);
