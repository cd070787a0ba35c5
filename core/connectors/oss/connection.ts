import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import OSS from 'ali-oss';

/** Connections to OSS at once from one writer. */
const MAX_SOCKETS = 16;
/** One request, milliseconds: a part of 4 MiB at 0.3 Mbit/s. */
const REQUEST_TIMEOUT_MS = 120_000;
/** The SDK asks for fresh credentials at this interval only if told to; ours are fixed for the session. */
const NEVER_REFRESH_MS = 2 ** 31;

/** Where and as whom. */
export interface OssConnection {
  readonly endpoint?: string;
  readonly region?: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly cname: boolean;
}

/** Options that the SDK takes and its types do not know. */
interface ClientOptions extends OSS.Options {
  readonly sldEnable: boolean;
  readonly retryMax: 0;
  readonly agent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** An SDK client with sockets of its own. */
export interface OssClient {
  readonly client: OSS;
  readonly close: () => void;
}

/** A client for the bucket of the connection. The SDK's own retries are off. */
export function openClient(connection: OssConnection): OssClient {
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const agent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const region = connection.region ?? regionOf(connection.endpoint);
  const options: ClientOptions = {
    accessKeyId: connection.accessKeyId,
    accessKeySecret: connection.accessKeySecret,
    bucket: connection.bucket,
    ...endpointOptions(connection),
    ...(region !== undefined && { region }),
    ...(connection.securityToken !== undefined && {
      stsToken: connection.securityToken,
      refreshSTSTokenInterval: NEVER_REFRESH_MS,
    }),
    // Version 4 signs for a region, so it needs to know one.
    authorizationV4: region !== undefined,
    secure: true,
    timeout: REQUEST_TIMEOUT_MS,
    retryMax: 0,
    agent,
    httpsAgent,
  };
  return {
    client: new OSS(options),
    close: () => {
      agent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** A server on this machine is addressed by path; the SDK forges the Host header for addresses in digits. */
function endpointOptions(connection: OssConnection): Pick<ClientOptions, 'endpoint' | 'sldEnable' | 'cname'> {
  const { endpoint, cname } = connection;
  if (endpoint === undefined) return { sldEnable: false, cname };
  const url = endpointUrl(endpoint);
  if (!isLoopback(url)) return { endpoint: url.origin, sldEnable: false, cname };
  url.hostname = 'localhost';
  return { endpoint: url.origin, sldEnable: true, cname: false };
}

/** The endpoint as a URL; without a scheme it means https. @throws TypeError for what is no URL. */
export const endpointUrl = (endpoint: string): URL =>
  new URL(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);

const isLoopback = (url: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);

/** `oss-cn-hangzhou` from `oss-cn-hangzhou-internal.aliyuncs.com`. */
const regionOf = (endpoint: string | undefined): string | undefined =>
  endpoint === undefined
    ? undefined
    : /^(oss-[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(endpointUrl(endpoint).hostname)?.[1];
