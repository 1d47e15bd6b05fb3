/**
 * Former names of config keys, stages and outputs → current names, which errors suggest. The only list of them: the
 * config, targets on the command line and of make, and names of outputs are looked up here.
 */
export const renamed = {
  /** Former key of the config → the key that replaces it. */
  keys: { compare: 'joint', comparison: 'fidelity', losses: 'diagnostics' },
  /** Former stage → the stage that does its work. */
  stages: {
    compare: 'fidelity',
    contrast: 'summarize',
    losses: 'diagnose',
    reasons: 'summarize',
    robustness: 'summarize',
  },
  /** Former file or folder under `latest/` → its replacement. */
  outputs: { 'losses.parquet': 'diagnostics.parquet', losses: 'diagnostics' },
} as const;
