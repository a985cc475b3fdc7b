import { localGroups } from '../src/index.ts';
import { groupContract } from './group-contract.ts';

groupContract('within one process', async (size) => ({ groups: localGroups(size), close: async () => undefined }));
