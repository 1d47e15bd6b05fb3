/** The key `report`: what stands at the top of the page. */
import { z } from 'zod';

const ReportSchema = z.strictObject({
  title: z.string().min(1).default('What survives an encoding'),
  /** A sentence or two about the data, for the top of the page. */
  description: z.string().min(1).nullable().default(null),
});

export const reportSection = { report: ReportSchema.prefault({}) };
