/** `verify`: rehashes the store. */
import { EXIT } from '../../errors.ts';
import { type Damage, verify } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { VerifyOptions } from '../options.ts';
import { openExistingStore } from '../session.ts';
import { out } from '../ui.ts';
import { bytes, count } from '../units.ts';

export async function verifyStore(_app: App, options: VerifyOptions): Promise<number> {
  const store = await openExistingStore(options);
  const result = await verify(store, { dryRun: options.dryRun });
  const { damage } = result;
  if (options.json) out(JSON.stringify(result, null, 2));
  else {
    for (const item of damage) out(describe(item));
    const what = `${count(result.objects, 'object')} (${bytes(result.bytes)}) and ${count(result.records, 'record')}`;
    if (damage.length === 0) out(`${what}: all as they should be.`);
    else if (options.dryRun) out(`${what}: ${count(damage.length, 'problem')}. Nothing was moved.`);
    else
      out(
        `${what}: ${count(damage.length, 'problem')}. What is damaged was moved to quarantine/; the next run makes it again.`,
      );
  }
  return damage.length === 0 ? EXIT.done : EXIT.verificationFailed;
}

function describe(damage: Damage): string {
  switch (damage.kind) {
    case 'object':
      return `damaged  ${damage.hash}  ${damage.detail}${usedBy(damage.usedBy)}`;
    case 'missing':
      return `missing  ${damage.hash}${usedBy(damage.usedBy)}`;
    case 'permissions':
      return `wrong    ${damage.hash}  ${damage.detail}${usedBy(damage.usedBy)}`;
    case 'record':
    case 'copy':
      return `damaged  ${damage.file}  ${damage.detail}`;
  }
}

function usedBy(targets: readonly string[]): string {
  return targets.length === 0 ? '' : `  (of ${targets.join(', ')})`;
}
