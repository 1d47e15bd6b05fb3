/** Config of a study as the stages receive it, defaults filled in: composed once, from the schemas of its keys. */
import type { z } from 'zod';
import type { datasetSection } from './sections/dataset.ts';
import type { diagnosticsSection } from './sections/diagnostics.ts';
import type { embeddingsSection } from './sections/embeddings.ts';
import type { encodingsSection } from './sections/encodings.ts';
import type { fidelitySection } from './sections/fidelity.ts';
import type { hvgSection } from './sections/hvg.ts';
import type { jointSection } from './sections/joint.ts';
import type { measuresSection } from './sections/measures.ts';
import type { neighborsSection } from './sections/neighbors.ts';
import type { perturbSection } from './sections/perturb.ts';
import type { puritySection } from './sections/purity.ts';
import type { reportSection } from './sections/report.ts';
import type { subsetSection } from './sections/subset.ts';

type Sections = typeof datasetSection &
  typeof subsetSection &
  typeof hvgSection &
  typeof encodingsSection &
  typeof embeddingsSection &
  typeof neighborsSection &
  typeof measuresSection &
  typeof jointSection &
  typeof puritySection &
  typeof fidelitySection &
  typeof diagnosticsSection &
  typeof perturbSection &
  typeof reportSection;

/** All keys that stages own. A stage takes only the keys it reads: `Pick<StudyConfig, 'encodings' | 'perturb'>`. */
export type StudyConfig = z.output<z.ZodObject<Sections>>;
