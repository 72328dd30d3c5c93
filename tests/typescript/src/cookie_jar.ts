// The cookies of a browser, as far as logins on loopback need them.

interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
}

/** Cookies by host and path: as in browsers, all ports of a host share them. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** The value of the header `Cookie` for a request. */
  header(url: URL): string {
    const sent = this.#cookies.filter(({ host, path }) => host === url.hostname && covers(path, url.pathname));
    return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  /** Keeps, replaces and forgets what an answer says. */
  store(url: URL, answer: Response): void {
    for (const set of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = set.split(";").map((part) => part.trim());
      const [name = "", value = ""] = split(pair);
      const told = new Map(attributes.map((attribute) => split(attribute)).map(([key, text]) => [key?.toLowerCase(), text]));
      const cookie = { name, value, host: url.hostname, path: told.get("path") ?? "/" };
      this.#cookies = this.#cookies.filter((kept) => !isSame(kept, cookie));
      const maxAge = told.get("max-age");
      const expires = told.get("expires");
      const ends = maxAge !== undefined ? Date.now() + Number(maxAge) * 1000 : expires ? Date.parse(expires) : Infinity;
      if (ends > Date.now()) this.#cookies.push(cookie);
    }
  }
}

/** RFC 6265 section 5.1.4. */
function covers(path: string, requested: string): boolean {
  return requested === path || requested.startsWith(path.endsWith("/") ? path : `${path}/`);
}

function isSame(one: Cookie, other: Cookie): boolean {
  return one.name === other.name && one.host === other.host && one.path === other.path;
}

/** Both sides of the first equals sign. */
function split(text: string): string[] {
  const at = text.indexOf("=");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
