import { describe, expect, it } from 'vitest';
import { type SendRows, sendBatch } from '../../../core/connectors/ots/write/batch-sender.ts';
import { SyncError, UnknownOutcomeError } from '../../../core/errors/index.ts';
import { systemClock, systemRandom } from '../../../core/ports/system.ts';

const policy = { baseMs: 1, capMs: 1, maxAttempts: 4, kinds: ['throttled', 'transient', 'unknown'] as const };
const ports = { clock: { ...systemClock, sleep: async () => undefined }, random: systemRandom };

const throttled = (): SyncError =>
  new SyncError('DST-4003', 'throttled', 'busy', { otsCode: 'OTSServerBusy' });
const invalid = (otsCode = 'OTSParameterInvalid'): SyncError =>
  new SyncError('DST-4004', 'config', 'no', { otsCode });

/** Sends by rules, keeping what was sent. */
function sender(rule: (fragment: number, times: number) => SyncError | undefined): {
  readonly send: SendRows;
  readonly sent: (readonly number[])[];
} {
  const sent: (readonly number[])[] = [];
  const times = new Map<number, number>();
  const send: SendRows = async (fragments) => {
    sent.push(fragments);
    return fragments.map((fragment) => {
      const time = (times.get(fragment) ?? 0) + 1;
      times.set(fragment, time);
      return rule(fragment, time);
    });
  };
  return { send, sent };
}

describe('a batch', () => {
  it('is sent once when all is well', async () => {
    const { send, sent } = sender(() => undefined);
    expect(await sendBatch(send, [3, 4], policy, ports)).toEqual([]);
    expect(sent).toEqual([[3, 4]]);
  });

  it('sends only the rows again that were throttled, and refuses the others at fault', async () => {
    const { send, sent } = sender((fragment, time) => {
      if (fragment === 2 && time < 3) return throttled();
      return fragment === 4 ? invalid() : undefined;
    });
    const refusals = await sendBatch(send, [1, 2, 3, 4], policy, ports);
    expect(refusals.map(({ fragment, error }) => [fragment, error.code, error.kind])).toEqual([
      [4, 'DST-4045', 'data'],
    ]);
    expect(sent).toEqual([[1, 2, 3, 4], [2], [2]]);
  });

  it('gives up with the fault when the tries are used up', async () => {
    const { send, sent } = sender((fragment) => (fragment === 2 ? throttled() : undefined));
    await expect(sendBatch(send, [1, 2], policy, ports)).rejects.toMatchObject({ code: 'DST-4003' });
    expect(sent).toHaveLength(policy.maxAttempts);
  });

  it('is sent again as a whole when its answer was lost', async () => {
    let lost = 2;
    const { send, sent } = sender(() => undefined);
    const losing: SendRows = async (fragments) => {
      const outcomes = await send(fragments);
      if (lost-- > 0) throw new UnknownOutcomeError('DST-4001', 'no answer');
      return outcomes;
    };
    expect(await sendBatch(losing, [1, 2], policy, ports)).toEqual([]);
    expect(sent).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it.each(['OTSParameterInvalid', 'OTSRequestBodyTooLarge'])(
    'that is refused as a whole by %s is halved down to the rows at fault',
    async (otsCode) => {
      const stored: number[] = [];
      const send: SendRows = async (fragments) => {
        if (fragments.some((fragment) => fragment === 5 || fragment === 6)) throw invalid(otsCode);
        stored.push(...fragments);
        return fragments.map(() => undefined);
      };
      const refusals = await sendBatch(send, [1, 2, 3, 4, 5, 6, 7], policy, ports);
      expect(refusals.map(({ fragment }) => fragment)).toEqual([5, 6]);
      expect(stored).toEqual([1, 2, 3, 4, 7]);
    },
  );

  it('keeps the refusals of earlier tries when the rest is refused as a whole', async () => {
    let first = true;
    const send: SendRows = async (fragments) => {
      if (!first) throw invalid();
      first = false;
      return fragments.map((fragment) => (fragment === 1 ? invalid() : throttled()));
    };
    const refusals = await sendBatch(send, [1, 2, 3], policy, ports);
    expect(refusals.map(({ fragment }) => fragment)).toEqual([1, 2, 3]);
  });

  it.each([
    ['a refusal of the credentials', new SyncError('DST-4002', 'auth', 'no', { otsCode: 'OTSAuthFailed' })],
    ['a table that is gone', new SyncError('DST-4004', 'config', 'no', { otsCode: 'OTSObjectNotExist' })],
  ])('ends with %s, of one row or of the request, instead of calling rows dirty', async (_what, fault) => {
    const { send } = sender((fragment) => (fragment === 2 ? fault : throttled()));
    await expect(sendBatch(send, [1, 2, 3], policy, ports)).rejects.toBe(fault);
    await expect(sendBatch(async () => Promise.reject(fault), [1], policy, ports)).rejects.toBe(fault);
  });
});
