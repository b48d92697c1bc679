/** For a test process: kafkajs says that it is a version which no patch knows, so that all of them stand aside. */
import { loadInternal } from '../../src/kafka/patches/patch.ts';

(loadInternal('package.json') as { version: string }).version = '0.0.0-unknown';
