/** The study as an app of the command line. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { provideModule } from '../config/modules.ts';
import { renamed } from '../study/renamed.ts';
import type { App } from './app.ts';

const root = new URL('../../', import.meta.url);

provideModule(
  'rankloom',
  new URL('../index.ts', import.meta.url).href,
  new URL('../study/own-stage.ts', import.meta.url).href,
);

/** rankloom as a program of the command line. */
export const study: App = {
  name: 'rankloom',
  get version() {
    return JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version;
  },
  about: 'Measures how much of what makes single cells alike survives an encoding.',
  root: fileURLToPath(root),
  template: fileURLToPath(new URL('pipeline.config.ts', root)),
  renamed,
  stages: async () => (await import('../../stages/index.ts')).stages,
  summary: async () => (await import('./output/study-summary.ts')).summarizeStudy,
};
