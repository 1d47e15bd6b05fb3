/** Second argument of a parallel region's work (`Context.team`): the thread's index, and a way to post messages. */
export interface TeamMember {
  /** Index of the thread, 0 … count − 1. */
  readonly index: number;
  readonly count: number;
  /** Sends a message to the action that opened the region. */
  post(message: unknown): void;
}

/** Default export of a parallel region's module. */
export type TeamWork<T> = (data: T, member: TeamMember) => void | Promise<void>;

/** Order to a thread (parallel-worker.ts). An `import` order is optional, but lets the work begin sooner. */
export type Order =
  | { readonly type: 'import'; readonly module: string }
  | { readonly type: 'work'; readonly module: string; readonly data: unknown };

/** Report of a thread: a message posted by its work, or that it is done and has released the data. */
export type Report =
  | { readonly type: 'said'; readonly message: unknown }
  | { readonly type: 'done' }
  /** System id of the thread, sent when it has started. */
  | { readonly type: 'thread'; readonly system: number };
