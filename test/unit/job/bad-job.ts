// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import type { LoadOptions } from '../../../core/job/index.ts';

/** A job that must be refused. `¦` in the text marks the place that the fault must name; it is no part of the job. */
export interface BadJob {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly path: string;
  /** Must name the value and what is wrong with it. */
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly options?: Partial<LoadOptions>;
}

export const READER = '"stepType": "rows", "category": "reader", "name": "R"';
export const WRITER = '"stepType": "files", "category": "writer", "name": "W"';
export const READER_PARAMS = '{"datasource": "shop", "table": "orders", "column": ["id"]}';
export const WRITER_PARAMS = '{"datasource": "lake", "object": "out", "writeMode": "append"}';

/** A job of DataWorks 2.0 with some parts replaced. */
export const v2 = (
  parts: {
    reader?: string;
    writer?: string;
    from?: string;
    to?: string;
    setting?: string;
    more?: string;
    steps?: string;
  } = {},
): string => `{
  "type": "job", "version": "2.0", ${parts.more ?? ''}
  "steps": [
    {${parts.from ?? READER}, "parameter": ${parts.reader ?? READER_PARAMS}},
    {${parts.to ?? WRITER}, "parameter": ${parts.writer ?? WRITER_PARAMS}}${parts.steps ?? ''}
  ],
  "setting": ${parts.setting ?? '{}'}
}`;

export const v1 = (setting: string): string => `{"type": "job", "version": "1.0", "configuration": {
  "reader": {"plugin": "devnull", "parameter": {}},
  "writer": {"plugin": "devnull", "parameter": {}},
  "setting": ${setting}}}`;

export const CONTENT =
  '{"reader": {"name": "devnullreader", "parameter": {}}, "writer": {"name": "devnullwriter"}}';
export const datax = (parts: { content?: string; setting?: string; more?: string } = {}): string => `{
  "job": {"content": [${parts.content ?? CONTENT}],
    "setting": ${parts.setting ?? '{"speed": {"channel": 1}}'}}${parts.more ?? ''}}`;

export const reader = (params: string): string =>
  v2({ reader: `{"datasource": "shop", "table": "t", "column": ["id"], ${params}}` });
export const writer = (params: string): string =>
  v2({ writer: `{"datasource": "lake", "object": "o", "writeMode": "append", ${params}}` });
/** Path of the reader's parameters in `v2`. */
export const R = 'steps[0].parameter';
/** Path of the writer's parameters in `v2`. */
export const W = 'steps[1].parameter';
