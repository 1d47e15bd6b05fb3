/** What a thread of a parallel region (`Context.team`) is told besides its data. */
export interface TeamMember {
  /** 0 … count − 1. */
  readonly index: number;
  readonly count: number;
  /** Sends a message to the action that opened the region. */
  post(message: unknown): void;
}

/** The default export of a region's module. */
export type TeamWork<T> = (data: T, member: TeamMember) => void | Promise<void>;

/** What a member is told to do (parallel-worker.ts). To import first is not needed, but lets the work begin sooner. */
export type Order =
  | { readonly type: 'import'; readonly module: string }
  | { readonly type: 'work'; readonly module: string; readonly data: unknown };

/** What it says: something that its work posts, or that it is done and has let go of the data. */
export type Report =
  | { readonly type: 'said'; readonly message: unknown }
  | { readonly type: 'done' }
  /** Which thread it is for the system, as soon as it has started. */
  | { readonly type: 'thread'; readonly system: number };
