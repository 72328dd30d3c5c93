// One certified provider in one shape, and a client that gets its tokens as a browser would.

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import * as jose from "jose";
import { Provider } from "oidc-provider";

import { AUDIENCE, CLIENT_SECRET } from "./shapes.mjs";

const REDIRECT_URI = "http://127.0.0.1/callback";
/** Where people come back to who log in through a server. Native clients have any port. */
const CALLBACK = "http://127.0.0.1/oauth/callback";

export class ShapedProvider {
  #shape;
  #server;
  #keys = [];
  #provider;

  static async start(shape) {
    const started = new ShapedProvider();
    started.#shape = shape;
    started.#server = createServer((request, response) => started.#serve(request, response));
    started.#server.listen(0, "127.0.0.1");
    await once(started.#server, "listening");
    await started.rotate("hard");
    return started;
  }

  get #origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  get issuer() {
    return `${this.#origin}${this.#shape.path}`;
  }

  /** Signs with a new key; after a soft rotation the old one is still published. */
  async rotate(how) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const kid = `oidc-${randomBytes(4).toString("hex")}`;
    const key = { ...privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
    // The first one signs.
    this.#keys = how === "soft" ? [key, ...this.#keys] : [key];
    this.#provider = this.#configured();
  }

  /** A token as the recipe asks for it. */
  async mint({ kind, header, claims }) {
    const isService = kind === "service";
    const answer = isService ? await this.#authenticate() : await this.#signIn();
    if (kind === "opaque") return answer.access_token;
    const isIdToken = kind === "id_token" || !this.#shape.hasJwtAccessTokens;
    return this.#edited(isIdToken ? answer.id_token : answer.access_token, header, claims);
  }

  /** The client credentials flow. */
  async #authenticate() {
    return this.#token({ grant_type: "client_credentials", scope: "kafka:read", ...this.#resource() });
  }

  /** The authorization code flow, with a login that asks nothing. */
  async #signIn() {
    const verifier = randomBytes(32).toString("base64url");
    const authorize = new URL(`${this.issuer}/auth`);
    authorize.search = new URLSearchParams({
      client_id: this.#shape.clientId,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: this.#shape.scope,
      state: "s-1",
      nonce: "n-1",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...this.#resource(),
    });
    const location = await this.visit(authorize);
    const code = location.searchParams.get("code");
    if (!code) throw new Error(`no code in ${location}`);
    const grant = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    return this.#token({ ...grant, code_verifier: verifier });
  }

  /** Goes where a browser is sent, and says where it leaves the provider. */
  async visit(url) {
    const cookies = new Map();
    let location = new URL(url);
    while (location.origin === this.#origin) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(location, { redirect: "manual", headers: { cookie } });
      if (answer.status !== 303) throw new Error(`${answer.status} at ${location}: ${await answer.text()}`);
      for (const set of answer.headers.getSetCookie()) {
        const [name, value] = set.split(";")[0].split("=");
        cookies.set(name, value);
      }
      location = new URL(answer.headers.get("location"), location);
    }
    return location;
  }

  async #token(form) {
    const client = { client_id: this.#shape.clientId, client_secret: CLIENT_SECRET };
    const body = new URLSearchParams({ ...form, ...client });
    const answer = await fetch(`${this.issuer}/token`, { method: "POST", body });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  #resource() {
    return this.#shape.hasJwtAccessTokens ? { resource: AUDIENCE } : {};
  }

  /** What a provider cannot be talked into saying is signed again with its key. */
  async #edited(token, header, claims) {
    if (Object.keys({ ...header, ...claims }).length === 0) return token;
    const protectedHeader = edited(jose.decodeProtectedHeader(token), header);
    const payload = edited(jose.decodeJwt(token), claims);
    return new jose.CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader(protectedHeader)
      .sign(await jose.importJWK(this.#keys[0]));
  }

  #configured() {
    const shape = this.#shape;
    const provider = new Provider(this.issuer, {
      jwks: { keys: this.#keys },
      clients: [
        {
          client_id: shape.clientId,
          client_secret: CLIENT_SECRET,
          token_endpoint_auth_method: "client_secret_post",
          application_type: "native",
          redirect_uris: [REDIRECT_URI, CALLBACK],
          grant_types: ["authorization_code", "client_credentials", "refresh_token"],
          response_types: ["code"],
        },
      ],
      cookies: { keys: [randomBytes(16).toString("hex")] },
      scopes: ["openid", "email", "profile", "offline_access", "access_as_user", "kafka:read"],
      issueRefreshToken: () => true,
      rotateRefreshToken: () => shape.rotatesRefreshTokens,
      claims: { openid: Object.keys(shape.claims) },
      conformIdTokenClaims: false,
      clientBasedCORS: () => false,
      findAccount: (_, accountId) => ({ accountId, claims: () => shape.claims }),
      interactions: { url: (_, { uid }) => `${shape.path}/interaction/${uid}` },
      ttl: {
        AccessToken: 3600,
        ClientCredentials: 3600,
        IdToken: 3600,
        Grant: 3600,
        Interaction: 60,
        RefreshToken: 3600,
        Session: 60,
      },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
        resourceIndicators: {
          enabled: shape.hasJwtAccessTokens,
          defaultResource: () => AUDIENCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: [shape.scope, shape.loginScope].join(" "),
            audience: AUDIENCE,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "RS256" } },
          }),
        },
      },
      formats: {
        customizers: {
          jwt: (_, token, jwt) => shape.shape(jwt, token.kind === "AccessToken"),
        },
      },
    });
    provider.on("server_error", (_, error) => console.error(error));
    return provider;
  }

  async #serve(request, response) {
    const provider = this.#provider;
    const { path } = this.#shape;
    if (request.url.startsWith(`${path}/interaction/`)) {
      await this.#approve(provider, request, response);
    } else if (request.url.startsWith("/tokeninfo")) {
      await this.#tokeninfo(provider, request, response);
    } else if (request.url.startsWith(path)) {
      // Those that are played grant offline access without being told to ask for consent.
      const isSilent = request.url.startsWith(`${path}/auth?`) && !request.url.includes("prompt=");
      request.originalUrl = isSilent ? `${request.url}&prompt=consent` : request.url;
      request.url = request.originalUrl.slice(path.length);
      provider.callback()(request, response);
    } else {
      response.writeHead(404).end();
    }
  }

  async #approve(provider, request, response) {
    const { accountId, clientId } = this.#shape;
    const { scope } = (await provider.interactionDetails(request, response)).params;
    const grant = new provider.Grant({ accountId, clientId });
    // A scope that is granted as one of both only is asked for again and again.
    grant.addOIDCScope(scope);
    if (this.#shape.hasJwtAccessTokens) grant.addResourceScope(AUDIENCE, scope);
    const grantId = await grant.save();
    await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } });
  }

  /** What Google says about an access token: all of it is text. */
  async #tokeninfo(provider, request, response) {
    const given = new URLSearchParams(await text(request)).get("access_token");
    const token = given && (await provider.AccessToken.find(given));
    const { azp, email } = this.#shape.claims;
    const known = token && {
      azp,
      aud: token.clientId,
      sub: token.accountId,
      scope: token.scope,
      exp: `${token.exp}`,
      expires_in: `${token.remainingTTL}`,
      email,
      email_verified: "true",
      access_type: "online",
    };
    response.writeHead(known ? 200 : 400, { "content-type": "application/json" });
    response.end(JSON.stringify(known ?? { error: "invalid_token" }));
  }
}

/** The members with what a recipe changes about them. */
function edited(members, edits) {
  for (const [name, edit] of Object.entries(edits)) members[name] = edit === "remove" ? undefined : edit.set;
  return members;
}
