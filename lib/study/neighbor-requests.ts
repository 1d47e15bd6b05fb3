/**
 * All requests for neighbours of a study. No code of a result: what is asked for shows in the params and inputs of the
 * stage `neighbors`, which keeps this module out of its identity (`neighborRequestsModule`).
 */
import { mergeRequests, type NeighborRequest } from '../neighbors/requests.ts';
import * as consumers from './neighbor-consumers.ts';

type Consumers = (typeof consumers)[keyof typeof consumers];
type IntersectionOf<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** The keys of the config that the consumers read. */
export type NeighborConsumersConfig = IntersectionOf<Parameters<Consumers>[0]>;

/** This file, for `apart` of a stage. */
export const neighborRequestsModule = import.meta.url;

/** The requests of all consumers by the name of their instance: the same request is the same instance. */
export function neighborRequestsOf(config: NeighborConsumersConfig): Map<string, NeighborRequest> {
  return mergeRequests(Object.values(consumers).flatMap((neighborRequests) => neighborRequests(config)));
}
