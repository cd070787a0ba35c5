// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import { describe, expect, test } from 'vitest';
import { findCode } from '../../../core/errors/index.ts';
import type { LoadOptions } from '../../../core/job/index.ts';
import { faultsOf, load } from './fake-connectors.ts';

/** A job that must be refused. `¦` in the text marks the place that the fault must name; it is no part of the job. */
interface BadJob {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly path: string;
  /** Must name the value and what is wrong with it. */
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly options?: Partial<LoadOptions>;
}

const READER = '"stepType": "rows", "category": "reader", "name": "R"';
const WRITER = '"stepType": "files", "category": "writer", "name": "W"';
const READER_PARAMS = '{"datasource": "shop", "table": "orders", "column": ["id"]}';
const WRITER_PARAMS = '{"datasource": "lake", "object": "out", "writeMode": "append"}';

/** A job of DataWorks 2.0 with some parts replaced. */
const v2 = (
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

const v1 = (setting: string): string => `{"type": "job", "version": "1.0", "configuration": {
  "reader": {"plugin": "devnull", "parameter": {}},
  "writer": {"plugin": "devnull", "parameter": {}},
  "setting": ${setting}}}`;

const CONTENT = '{"reader": {"name": "devnullreader", "parameter": {}}, "writer": {"name": "devnullwriter"}}';
const datax = (parts: { content?: string; setting?: string; more?: string } = {}): string => `{
  "job": {"content": [${parts.content ?? CONTENT}],
    "setting": ${parts.setting ?? '{"speed": {"channel": 1}}'}}${parts.more ?? ''}}`;

const reader = (params: string): string =>
  v2({ reader: `{"datasource": "shop", "table": "t", "column": ["id"], ${params}}` });
const writer = (params: string): string =>
  v2({ writer: `{"datasource": "lake", "object": "o", "writeMode": "append", ${params}}` });
const R = 'steps[0].parameter';
const W = 'steps[1].parameter';

const syntax: readonly BadJob[] = [
  {
    name: 'a missing comma',
    text: '{"type": "job"\n  ¦"version": "2.0"}',
    code: 'JOB-1001',
    path: 'version',
    message: /comma is missing.*"version/,
  },
  {
    name: 'single quotes',
    text: "{¦'type': 'job'}",
    code: 'JOB-1001',
    path: '',
    message: /'type'/,
    hint: /double quotes/,
  },
  {
    name: 'text after the end',
    text: `${v2()}\n¦}`,
    code: 'JOB-1002',
    path: '',
    message: /after the end: `}`/,
  },
  {
    name: 'a comment without end',
    text: '{"a": 1, ¦/* x',
    code: 'JOB-1001',
    path: '',
    message: /comment never ends/,
    hint: /\*\//,
  },
  {
    name: 'a doubled key',
    text: v2({ setting: '{"timeZone": "UTC", ¦"timeZone": "UTC"}' }),
    code: 'JOB-1003',
    path: 'setting.timeZone',
    message: /`timeZone` is written twice/,
  },
  {
    name: 'a reserved key',
    text: v2({ setting: '{¦"__proto__": {}}' }),
    code: 'JOB-1009',
    path: 'setting.__proto__',
    message: /`__proto__` is reserved/,
  },
  {
    name: 'a reserved key in parameters',
    text: reader('¦"constructor": 1'),
    code: 'JOB-1009',
    path: `${R}.constructor`,
    message: /`constructor` is reserved/,
  },
];

const shape: readonly BadJob[] = [
  { name: 'a list', text: '¦[1]', code: 'JOB-1010', path: '', message: /not a list/, hint: /steps/ },
  {
    name: 'an empty object',
    text: '¦{}',
    code: 'JOB-1010',
    path: '',
    message: /no job/,
    hint: /configuration/,
  },
  {
    name: 'a near miss of the mark',
    text: '{¦"step": []}',
    code: 'JOB-1010',
    path: 'step',
    message: /`step`/,
    hint: /did you mean `steps`/,
  },
  {
    name: 'two dialects at once',
    text: '{"steps": [], ¦"job": {}}',
    code: 'JOB-1010',
    path: 'job',
    message: /`steps` and `job`/,
  },
  {
    name: 'another type',
    text: '{"type": ¦"task", "steps": []}',
    code: 'JOB-1007',
    path: 'type',
    message: /"task"; allowed is "job"/,
  },
  {
    name: 'the version of another dialect',
    text: '{"version": ¦"1.0", "steps": []}',
    code: 'JOB-1007',
    path: 'version',
    message: /"1.0"; allowed is "2.0"/,
  },
  {
    name: 'an unknown key at the top',
    text: v2({ more: '¦"settings": {},' }),
    code: 'JOB-1004',
    path: 'settings',
    message: /`settings`/,
    hint: /`setting`/,
  },
  {
    name: 'steps of another type',
    text: '{"steps": ¦"none"}',
    code: 'JOB-1006',
    path: 'steps',
    message: /a list, not text "none"/,
  },
  {
    name: 'a step that is no object',
    text: '{"steps": [¦1]}',
    code: 'JOB-1006',
    path: 'steps[0]',
    message: /an object, not 1/,
  },
  {
    name: 'a misspelt category',
    text: v2({ from: '"stepType": "rows", "category": ¦"raeder"' }),
    code: 'JOB-1007',
    path: 'steps[0].category',
    message: /"raeder"; allowed: reader/,
    hint: /`reader`/,
  },
  {
    name: 'two readers',
    text: v2({ steps: `, ¦{"stepType": "devnull", "category": "reader", "name": "X"}` }),
    code: 'JOB-1011',
    path: 'steps[2]',
    message: /second step of category `reader`/,
  },
  {
    name: 'no writer',
    text: `{"steps": ¦[{${READER}, "parameter": ${READER_PARAMS}}]}`,
    code: 'JOB-1011',
    path: 'steps',
    message: /no step of category `writer`/,
  },
  {
    name: 'two steps of one name',
    text: v2({ to: '"stepType": "files", "category": "writer", "name": ¦"R"' }),
    code: 'JOB-1011',
    path: 'steps[1].name',
    message: /two steps are named `R`/,
  },
  {
    name: 'a hop to nowhere',
    text: v2({ more: '"order": {"hops": [{"from": "R", "to": ¦"Writer"}]},' }),
    code: 'JOB-1011',
    path: 'order.hops[0].to',
    message: /leads to `Writer`/,
    hint: /`R`, `W`/,
  },
  {
    name: 'a hop backwards',
    text: v2({ more: '"order": {"hops": [{"from": ¦"W", "to": "R"}]},' }),
    code: 'JOB-1011',
    path: 'order.hops[0].from',
    message: /`W`, which is not the reader/,
    hint: /`R`/,
  },
  {
    name: 'a second hop',
    text: v2({ more: '"order": {"hops": [{"from": "R", "to": "W"}, ¦{"from": "R", "to": "W"}]},' }),
    code: 'JOB-1011',
    path: 'order.hops[1]',
    message: /second hop/,
  },
  {
    name: 'a processor that does something',
    text: v2({ steps: ', {"category": "processor", "stepType": ¦"mask"}' }),
    code: 'JOB-1014',
    path: 'steps[2].stepType',
    message: /text "mask" is not supported/,
  },
  {
    name: 'no reader in 1.0',
    text: '{"configuration": ¦{"writer": {"plugin": "devnull"}}}',
    code: 'JOB-1005',
    path: 'configuration.reader',
    message: /`reader` is missing/,
    hint: /plugin/,
  },
  {
    name: 'no content in DataX',
    text: '{"job": ¦{"setting": {"speed": {"channel": 1}}}}',
    code: 'JOB-1005',
    path: 'job.content',
    message: /`content` is missing/,
  },
  {
    name: 'two contents in DataX',
    text: datax({ content: `${CONTENT}, ¦${CONTENT}` }),
    code: 'JOB-1014',
    path: 'job.content[1]',
    message: /2 entries; DataX itself silently runs only the first/,
  },
  {
    name: 'a transformer',
    text: datax({ content: CONTENT.replace('{', '{"transformer": ¦[{"name": "dx_substr"}], ') }),
    code: 'JOB-1014',
    path: 'job.content[0].transformer',
    message: /`transformer` is not supported/,
  },
  {
    name: 'an engine override',
    text: datax({ more: ', "common": {"column": {¦"datetimeFormat": "yyyy"}}' }),
    code: 'JOB-1014',
    path: 'common.column.datetimeFormat',
    message: /`common.column.datetimeFormat` = "yyyy"/,
  },
  {
    name: 'an engine class',
    text: datax({ more: ', "core": {"transport": {"channel": {¦"class": "x.Y"}}}' }),
    code: 'JOB-1014',
    path: 'core.transport.channel.class',
    message: /"x.Y" is not supported/,
  },
  {
    name: 'a dry run',
    text: datax({ setting: '{"speed": {"channel": 1}, "dryRun": ¦true}' }),
    code: 'JOB-1014',
    path: 'job.setting.dryRun',
    message: /`dryRun`/,
    hint: /millrace plan/,
  },
];

const settings: readonly BadJob[] = [
  {
    name: 'a misspelt setting',
    text: v2({ setting: '{"speed": {¦"concurent": 2}}' }),
    code: 'JOB-1004',
    path: 'setting.speed.concurent',
    message: /`concurent`/,
    hint: /`concurrent`/,
  },
  {
    name: 'channel in DataWorks',
    text: v2({ setting: '{"speed": {¦"channel": 2}}' }),
    code: 'JOB-1004',
    path: 'setting.speed.channel',
    message: /`channel`/,
    hint: /`concurrent`/,
  },
  {
    name: 'no worker',
    text: v2({ setting: '{"speed": {"concurrent": ¦0}}' }),
    code: 'JOB-1007',
    path: 'setting.speed.concurrent',
    message: /is 0; allowed is a whole number from 1 to 1000/,
  },
  {
    name: 'too many workers',
    text: v2({ setting: '{"speed": {"concurrent": ¦"1001"}}' }),
    code: 'JOB-1007',
    path: 'setting.speed.concurrent',
    message: /1001.*1 to 1000/,
  },
  {
    name: 'half a worker',
    text: v2({ setting: '{"speed": {"concurrent": ¦1.5}}' }),
    code: 'JOB-1007',
    path: 'setting.speed.concurrent',
    message: /1\.5.*whole number/,
  },
  {
    name: 'workers in words',
    text: v1('{"speed": {"concurrent": ¦"many"}}'),
    code: 'JOB-1006',
    path: 'configuration.setting.speed.concurrent',
    message: /not text "many"/,
  },
  {
    name: 'a blank number of workers',
    text: v1('{"speed": {"concurrent": ¦""}}'),
    code: 'JOB-1006',
    path: 'configuration.setting.speed.concurrent',
    message: /not text ""/,
  },
  {
    name: 'throttle without a speed',
    text: v2({ setting: '{"speed": ¦{"throttle": true}}' }),
    code: 'JOB-1005',
    path: 'setting.speed.mbps',
    message: /`mbps` is missing/,
    hint: /throttle/,
  },
  {
    name: 'throttle in words',
    text: v2({ setting: '{"speed": {"throttle": ¦"yes"}}' }),
    code: 'JOB-1006',
    path: 'setting.speed.throttle',
    message: /true or false, not text "yes"/,
  },
  {
    name: 'half a megabyte',
    text: v1('{"speed": {"mbps": ¦"0.5"}}'),
    code: 'JOB-1007',
    path: 'configuration.setting.speed.mbps',
    message: /0\.5; allowed is a number from 1/,
  },
  {
    name: 'a negative limit',
    text: v2({ setting: '{"errorLimit": {"record": ¦"-1"}}' }),
    code: 'JOB-1007',
    path: 'setting.errorLimit.record',
    message: /-1; allowed is a whole number from 0/,
  },
  {
    name: 'a share above one',
    text: v2({ setting: '{"errorLimit": {"percentage": ¦1.5}}' }),
    code: 'JOB-1007',
    path: 'setting.errorLimit.percentage',
    message: /1\.5; allowed is a number from 0 to 1/,
  },
  {
    name: 'the limit as a number',
    text: v2({ setting: '{"errorLimit": ¦0}' }),
    code: 'JOB-1006',
    path: 'setting.errorLimit',
    message: /an object, not 0/,
  },
  {
    name: 'another mode',
    text: v2({ setting: '{"executeMode": ¦"distributed"}' }),
    code: 'JOB-1007',
    path: 'setting.executeMode',
    message: /"distributed"; allowed: distribute/,
    hint: /`distribute`/,
  },
  {
    name: 'an offset for a zone',
    text: v2({ setting: '{"timeZone": ¦"GMT+8"}' }),
    code: 'JOB-1007',
    path: 'setting.timeZone',
    message: /"GMT\+8", which is no time zone/,
    hint: /Asia\/Shanghai/,
  },
  {
    name: 'no speed in DataX',
    text: datax({ setting: '{"speed": ¦{}}' }),
    code: 'JOB-1005',
    path: 'job.setting.speed.channel',
    message: /`channel` is missing/,
    hint: /setting\.speed/,
  },
  {
    name: 'channels above the limit in DataX',
    text: datax({ setting: '{"speed": {"channel": ¦5000}}' }),
    code: 'JOB-1007',
    path: 'job.setting.speed.channel',
    message: /5000.*1 to 1000/,
  },
];

const parameters: readonly BadJob[] = [
  {
    name: 'an unknown plug-in',
    text: v2({ from: '"stepType": ¦"row", "category": "reader"' }),
    code: 'JOB-1012',
    path: 'steps[0].stepType',
    message: /`row`/,
    hint: /`rows`/,
  },
  {
    name: 'no plug-in',
    text: v2({ from: '"category": "reader", "stepType": ¦null' })
      .replace('¦', '')
      .replace('{"category": "reader"', '¦{"category": "reader"'),
    code: 'JOB-1005',
    path: 'steps[0].stepType',
    message: /`stepType` is missing/,
  },
  {
    name: 'a reader that only writes',
    text: v2({ from: '"stepType": ¦"files", "category": "reader"' }),
    code: 'JOB-1013',
    path: 'steps[0].stepType',
    message: /`files` is no reader/,
    hint: /only be a writer/,
  },
  {
    name: 'the writer plug-in as reader',
    text: v2({ from: '"stepType": ¦"devnullwriter", "category": "reader"', reader: '{}' }),
    code: 'JOB-1013',
    path: 'steps[0].stepType',
    message: /`devnullwriter` is no reader/,
    hint: /`devnull`/,
  },
  {
    name: 'an unknown parameter',
    text: writer('¦"writerMode": "append"'),
    code: 'JOB-1004',
    path: `${W}.writerMode`,
    message: /`writerMode`/,
    hint: /`writeMode`/,
  },
  {
    name: 'an unknown parameter inside',
    text: reader('"range": {¦"beginn": []}'),
    code: 'JOB-1004',
    path: `${R}.range.beginn`,
    message: /`range\.beginn`/,
    hint: /`begin`/,
  },
  {
    name: 'a missing parameter',
    text: v2({ reader: '¦{"datasource": "shop", "column": ["id"]}' }),
    code: 'JOB-1005',
    path: `${R}.table`,
    message: /`table` is missing/,
    hint: /text/,
  },
  {
    name: 'a choice that does not exist',
    text: v2({ writer: '{"datasource": "lake", "object": "o", "writeMode": ¦"replace"}' }),
    code: 'JOB-1007',
    path: `${W}.writeMode`,
    message: /"replace"; allowed: truncate, append, nonConflict/,
  },
  {
    name: 'a choice in the wrong case',
    text: v2({ writer: '{"datasource": "lake", "object": "o", "writeMode": ¦"nonconflict"}' }),
    code: 'JOB-1007',
    path: `${W}.writeMode`,
    message: /"nonconflict"/,
    hint: /`nonConflict`/,
  },
  {
    name: 'a fraction for a whole number',
    text: reader('"maxRetryTime": ¦"1.5"'),
    code: 'JOB-1006',
    path: `${R}.maxRetryTime`,
    message: /a whole number, not 1\.5/,
  },
  {
    name: 'a number that would be rounded',
    text: writer('"maxFileSize": ¦"9007199254740993"'),
    code: 'JOB-1006',
    path: `${W}.maxFileSize`,
    message: /9007199254740993/,
  },
  {
    name: 'a number out of range',
    text: reader('"maxRetryTime": ¦101'),
    code: 'JOB-1007',
    path: `${R}.maxRetryTime`,
    message: /is 101; at most 100 is allowed/,
  },
  {
    name: 'a truth value in words',
    text: reader('"newVersion": ¦"1"'),
    code: 'JOB-1006',
    path: `${R}.newVersion`,
    message: /true or false, not text "1"/,
  },
  {
    name: 'an empty list',
    text: v2({ reader: '{"datasource": "shop", "table": "t", "column": ¦[]}' }),
    code: 'JOB-1007',
    path: `${R}.column`,
    message: /at least 1 entries/,
  },
  {
    name: 'a wrong entry of a list',
    text: v2({ reader: '{"datasource": "shop", "table": "t", "column": ["a", {¦"nam": "b"}]}' }),
    code: 'JOB-1004',
    path: `${R}.column[1].nam`,
    message: /column\[1\]\.nam/,
    hint: /`name`/,
  },
  {
    name: 'an unknown alternative',
    text: reader('"range": {"begin": [{"type": ¦"INFMIN"}]}'),
    code: 'JOB-1007',
    path: `${R}.range.begin[0].type`,
    message: /"INFMIN"; allowed: INF_MIN/,
    hint: /`INF_MIN`/,
  },
  {
    name: 'a value missing in an alternative',
    text: reader('"range": {"begin": [¦{"type": "INT"}]}'),
    code: 'JOB-1005',
    path: `${R}.range.begin[0].value`,
    message: /`range\.begin\[0\]\.value` is missing/,
  },
  {
    name: 'parameters that exclude each other',
    text: v2({
      writer: '¦{"datasource": "lake", "object": "o", "writeMode": "append", "writeSingleObject": true}',
    }),
    code: 'JOB-1025',
    path: W,
    message: /cannot append/,
  },
  {
    name: 'parameters that are no object',
    text: v2({ reader: '¦[]' }),
    code: 'JOB-1006',
    path: R,
    message: /an object, not a list/,
  },
];

const connections: readonly BadJob[] = [
  {
    name: 'an unknown data source',
    text: v2({ reader: '{"datasource": ¦"shopp", "table": "t", "column": ["id"]}' }),
    code: 'JOB-1018',
    path: `${R}.datasource`,
    message: /`shopp`/,
    hint: /`shop`/,
  },
  {
    name: 'a data source of another type',
    text: v2({ reader: '{"datasource": ¦"lake", "table": "t", "column": ["id"]}' }),
    code: 'JOB-1019',
    path: `${R}.datasource`,
    message: /`lake` is of type `files`, but the plug-in is `rows`/,
  },
  {
    name: 'a wrong value in a data source',
    text: v2({ writer: '{"datasource": ¦"broken", "object": "o", "writeMode": "append"}' }),
    code: 'JOB-1019',
    path: `${W}.datasource`,
    message: /data source `broken`: `bucket` is text ""/,
  },
  {
    name: 'an unknown key in a data source',
    text: v2({ writer: '{"datasource": ¦"stray", "object": "o", "writeMode": "append"}' }),
    code: 'JOB-1019',
    path: `${W}.datasource`,
    message: /`stray` has an unknown key `buckett`/,
    hint: /`bucket`/,
  },
  {
    name: 'no connection at all',
    text: v2({
      writer:
        '¦{"datasource": "", "object": "o", "writeMode": "append", "bucket": "b", "accessId": "i", "accessKey": "${env:K}"}',
    }),
    code: 'JOB-1005',
    path: `${W}.endpoint`,
    message: /`endpoint` is missing/,
    hint: /`datasource`/,
  },
  {
    name: 'a secret where it would be sent away',
    text: v2({ writer: '{"datasource": "lake", "object": ¦"${env:AWS_KEY}", "writeMode": "append"}' }),
    code: 'JOB-1020',
    path: `${W}.object`,
    message: /`object` cannot be a secret reference/,
  },
  {
    name: 'a secret as an endpoint',
    text: writer('"endpoint": ¦"${env:HOST}"'),
    code: 'JOB-1020',
    path: `${W}.endpoint`,
    message: /`endpoint` cannot be a secret reference/,
  },
  {
    name: 'a secret inside a text',
    text: writer('"accessKey": "x¦${env:K}"'),
    code: 'JOB-1020',
    path: `${W}.accessKey`,
    message: /must be the whole value/,
  },
  {
    name: 'a secret of an unknown kind',
    text: writer('"accessKey": ¦"secret://vault/key"'),
    code: 'JOB-1020',
    path: `${W}.accessKey`,
    message: /no secret reference of a known kind/,
    hint: /env:NAME/,
  },
];

const variables: readonly BadJob[] = [
  {
    name: 'an unknown variable',
    text: v2({ reader: '{"datasource": "shop", "table": "t_¦${nope}", "column": ["id"]}' }),
    code: 'JOB-1015',
    path: `${R}.table`,
    message: /`\$\{nope\}` has no value/,
    hint: /-p nope=/,
  },
  {
    name: 'a misspelt variable',
    text: v2({ reader: '{"datasource": "shop", "table": "¦${tabel}", "column": ["id"]}' }),
    code: 'JOB-1015',
    path: `${R}.table`,
    message: /tabel/,
    hint: /did you mean `table`/,
    options: { params: { table: 'x' } },
  },
  {
    name: 'an unknown system variable',
    text: v2({ reader: '{"datasource": "shop", "table": "¦${bdp.system.biz}", "column": ["id"]}' }),
    code: 'JOB-1015',
    path: `${R}.table`,
    message: /bdp\.system\.biz/,
  },
  {
    name: 'hours of the business date',
    text: v2({ writer: '{"datasource": "lake", "object": "o/¦${yyyymmddhh24}", "writeMode": "append"}' }),
    code: 'JOB-1016',
    path: `${W}.object`,
    message: /time of day/,
    hint: /\$\[/,
  },
  {
    name: 'a shift of years that counts days',
    text: v2({ writer: '{"datasource": "lake", "object": "o/¦$[yyyy-1]", "writeMode": "append"}' }),
    code: 'JOB-1016',
    path: `${W}.object`,
    message: /shift days, not years/,
    hint: /add_months/,
  },
  {
    name: 'an unclosed variable',
    text: v2({ writer: '{"datasource": "lake", "object": "o/¦${x", "writeMode": "append"}' }),
    code: 'JOB-1016',
    path: `${W}.object`,
    message: /not closed/,
    hint: /\$\$\{/,
  },
  {
    name: 'a bare built-in',
    text: v2({ writer: '{"datasource": "lake", "object": "o/¦$bizdate", "writeMode": "append"}' }),
    code: 'JOB-1016',
    path: `${W}.object`,
    message: /`\$bizdate`/,
    hint: /`\$\{bizdate\}`/,
  },
  {
    name: 'a variable that does not fit the field',
    text: v2({ setting: '{"speed": {"concurrent": ¦"${c}"}}' }),
    code: 'JOB-1006',
    path: 'setting.speed.concurrent',
    message: /text "many"/,
    options: { params: { c: 'many' } },
  },
  {
    name: 'a variable that forms a reference',
    text: writer('"accessKey": ¦"${a}"'),
    code: 'JOB-1020',
    path: `${W}.accessKey`,
    message: /variable cannot form a secret reference/,
    options: { params: { a: '${env:HOME}' } },
  },
];

const cases = [...syntax, ...shape, ...settings, ...parameters, ...connections, ...variables];

/** Line and column of the mark, 1-based. */
function placeOf(text: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf('¦')).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

describe('bad jobs', () => {
  test.each(cases)('$name', async ({ text, code, path, message, hint, options }) => {
    expect(text.split('¦')).toHaveLength(2);
    const faults = await faultsOf(() => load(text.replace('¦', ''), options));
    const fault = faults.find((candidate) => candidate.code === code && candidate.path === path);
    expect(fault ?? faults).toMatchObject({ code, path, file: 'job.json', ...placeOf(text) });
    expect(fault?.message).toMatch(message);
    if (hint) expect(fault?.hint).toMatch(hint);
    expect(findCode(code)).toBeDefined();
  });

  test('names of the cases are unique', () => {
    expect(new Set(cases.map((entry) => entry.name)).size).toBe(cases.length);
  });

  test('everything is told at once, in file order: structure, variables and both steps', async () => {
    const text = v2({
      setting: '{"speed": {"concurrent": 0}}',
      reader: '{"datasource": "shop", "table": "${a}", "column": [], "modus": 1}',
      writer: '{"datasource": "lake", "object": "${b}", "writeMode": "x"}',
      more: '"extra": 1,',
    });
    const faults = await faultsOf(() => load(text));
    expect(faults.map((fault) => [fault.code, fault.path])).toEqual([
      ['JOB-1004', 'extra'],
      ['JOB-1015', `${R}.table`],
      ['JOB-1007', `${R}.column`],
      ['JOB-1004', `${R}.modus`],
      ['JOB-1015', `${W}.object`],
      ['JOB-1007', `${W}.writeMode`],
      ['JOB-1007', 'setting.speed.concurrent'],
    ]);
  });

  test('an unknown data source hides no other fault of its step, and its missing connection is no further one', async () => {
    const text = v2({ reader: '{"datasource": "nope", "table": "t", "column": [], "modus": 1}' });
    const faults = await faultsOf(() => load(text));
    expect(faults.map((fault) => [fault.code, fault.path])).toEqual([
      ['JOB-1018', `${R}.datasource`],
      ['JOB-1007', `${R}.column`],
      ['JOB-1004', `${R}.modus`],
    ]);
  });

  test('a variable without a value is the only fault at its place', async () => {
    const faults = await faultsOf(() =>
      load(v2({ setting: '{"speed": {"concurrent": "${c}"}, "timeZone": "${z}"}' })),
    );
    expect(faults.map((fault) => fault.code)).toEqual(['JOB-1015', 'JOB-1015']);
  });

  test('a secret is never repeated in a message', async () => {
    const text = writer('"accessKey": 123456789, "accessId": "hunter2-id", "bucket": ""');
    const faults = await faultsOf(() => load(text.replace('123456789', '["hunter2"]')));
    expect(JSON.stringify(faults)).not.toContain('hunter2"');
    expect(faults.some((fault) => fault.path === `${W}.accessKey` && fault.message.includes('******'))).toBe(
      true,
    );
  });
});
