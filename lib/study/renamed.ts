/**
 * Names that something had before: each is refused, and the error says the new one. The one list of them: the config,
 * targets on the command line and of make, and names of outputs are looked up here.
 */
export const renamed = {
  /** Key of the config → the key that has its place. */
  keys: { compare: 'joint', comparison: 'fidelity', losses: 'diagnostics' },
  /** Stage → the stage that does its work. */
  stages: {
    compare: 'fidelity',
    contrast: 'summarize',
    losses: 'diagnose',
    reasons: 'summarize',
    robustness: 'summarize',
  },
  /** File or folder under `latest/` → what has its place. */
  outputs: { 'losses.parquet': 'diagnostics.parquet', losses: 'diagnostics' },
} as const;
