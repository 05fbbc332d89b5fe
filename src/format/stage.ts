/** Events to text: what pgtrace-format does with a batch, and what `pgtrace` hands its objects to. */
import type { Event } from '../event/types.js';
import type { Stage } from '../stream/stage.js';
import type { Theme } from './color.js';
import { CSV_HEADER, createCsvFormatter } from './csv.js';
import { isSelected, type Selection } from './select.js';
import { createTextFormatter } from './text.js';

export interface FormatOptions {
  format: 'text' | 'csv';
  selection: Selection;
  theme: Theme;
  /** Times of day in UTC, not in the local time zone. */
  utc: boolean;
}

export function createFormatStage(options: FormatOptions): Stage<Event[], string> {
  const { selection } = options;
  const format = options.format === 'csv' ? createCsvFormatter() : createLineFormatter(options);
  let header = options.format === 'csv' ? CSV_HEADER : '';
  const takeHeader = () => {
    const taken = header;
    header = '';
    return taken;
  };
  return {
    write(events) {
      let text = takeHeader();
      for (const event of events) if (isSelected(event, selection)) text += format(event);
      return text;
    },
    end: takeHeader,
  };
}

function createLineFormatter({ theme, selection, utc }: FormatOptions): (event: Event) => string {
  const format = createTextFormatter({
    theme,
    ids: selection === 'everything',
    clock: utc ? 'utc' : 'local',
  });
  return (event) => {
    const line = format(event);
    return line === '' ? '' : `${line}\n`;
  };
}
