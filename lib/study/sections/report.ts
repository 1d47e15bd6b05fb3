/** The key `report`: title and description at the top of the page. */
import { z } from 'zod';

const ReportSchema = z.strictObject({
  title: z.string().min(1).default('What survives an encoding'),
  /** One or two sentences about the data, for the top of the page. */
  description: z.string().min(1).nullable().default(null),
});

export const reportSection = { report: ReportSchema.prefault({}) };
