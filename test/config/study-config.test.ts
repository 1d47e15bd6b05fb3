/** The type of the config that stages take parts of is the one that their schemas make together. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ConfigOutput, composeSchema } from '../../lib/config/schema.ts';
import type { StudyConfig } from '../../lib/study/config.ts';
import { stages } from '../../stages/index.ts';

/** What the stages are given, without the keys that no stage owns. */
type Given = Omit<ConfigOutput<typeof stages>, 'name' | 'seed' | 'store' | 'sharedStore' | 'stages'>;

// A difference in either direction is an error of types.
export const asStudy = (config: Given): StudyConfig => config;
export const asGiven = (config: StudyConfig): Given => config;

test('every key of a stage has a section, and every section a stage', () => {
  const folder = fileURLToPath(new URL('../../lib/study/sections', import.meta.url));
  const sections = globSync('*.ts', { cwd: folder }).map((file) => basename(file, '.ts'));
  const own = ['name', 'seed', 'store', 'sharedStore', 'stages'];
  const keys = Object.keys(composeSchema(stages).shape).filter((key) => !own.includes(key));
  assert.deepEqual(sections.sort(), keys.sort());
});
