/** One version, in a few seconds; test/servers/live.matrix.ts has the others. */
import { liveScenarios } from './scenarios.js';

liveScenarios(18, 'strace');
