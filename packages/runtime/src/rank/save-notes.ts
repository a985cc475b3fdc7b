import { formatPlace } from '@cairn/config';
import type { CheckpointMonitorConfig, ValidConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';

type Warning = Extract<EventBody, { type: 'warning' }>;

/** What a configuration asks of its saves, and does not get, on so many ranks. */
export function saveNotes({ config, origins }: ValidConfig, ranks: number): readonly Warning[] {
  const index = config.callbacks.findIndex(({ type }) => type === 'CheckpointMonitor');
  const monitor = config.callbacks.find(
    (callback): callback is CheckpointMonitorConfig => callback.type === 'CheckpointMonitor',
  );
  if (monitor === undefined) return [];
  const note = (key: keyof CheckpointMonitorConfig, code: string, message: string): Warning => {
    const place = formatPlace(origins.locate(['callbacks', String(index), key]));
    return { type: 'warning', code, message: `${key}: ${message}`, place };
  };
  const asked = origins.of(['callbacks', String(index), 'integrated_save']).kind !== 'default';
  const slices = ranks > 1 && config.parallel.parallel_mode === 'semi_auto_parallel';
  return [
    ...(monitor.integrated_save && asked && slices
      ? [
          note(
            'integrated_save',
            'slices-saved',
            'every rank saves its own slices; `cairn transform` puts them together',
          ),
        ]
      : []),
    ...(monitor.remove_redundancy && ranks === 1
      ? [note('remove_redundancy', 'nothing-redundant', 'on one rank nothing is held twice, so everything is saved')]
      : []),
  ];
}
