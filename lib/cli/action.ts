import type { App } from './app.ts';

export type Handler = (app: App, ...args: never[]) => Promise<number>;

export type Load = () => Promise<Handler>;

export type Action = (load: Load) => (...given: unknown[]) => Promise<void>;
