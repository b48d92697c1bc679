import type { z } from 'zod';
import type { Judge } from '../../config/setting/judge.ts';
import type { SinkSettings } from '../sink-kind.ts';
import { resolveTcp, tcpSection, type TcpConfiguration } from '../transport/tcp-settings.ts';

export interface WavefrontConfiguration {
  readonly wavefront: TcpConfiguration;
}

const wavefrontSection = tcpSection('the Wavefront proxy', 'localhost:2878');

export const wavefrontSettings = {
  sections: { wavefront: wavefrontSection },
  sinkKeys: {},
  resolve: (
    judge: Judge,
    { wavefront }: { readonly wavefront: z.output<typeof wavefrontSection> },
  ): WavefrontConfiguration => ({ wavefront: resolveTcp(judge, 'wavefront', wavefront) }),
} satisfies SinkSettings;
