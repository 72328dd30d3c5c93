// What the tokens of the providers look like.

export const AUDIENCE = "api://11111111-2222-4333-8444-555555555555";
export const CLIENT_SECRET = "canary-8d41~+/&=-CLIENT-SECRET";
export const CLIENT_ID = "11111111-2222-4333-8444-555555555555";
export const TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

/** Okta's custom authorization server: `scp` as a list, `cid` and `uid`, and no `typ`. */
export class OktaShape {
  path = "/oauth2/default";
  clientId = "0oaclient";
  accountId = "00ualice";
  scope = "openid kafka:read";
  hasJwtAccessTokens = true;
  rotatesRefreshTokens = true;
  claims = { sub: this.accountId, ver: 1, name: "Alice Doe", amr: ["pwd"], idp: "00oidp" };

  shape(jwt, isPerson) {
    const { iss, aud, iat, exp, jti, scope } = jwt.payload;
    const own = { ver: 1, jti: `AT.${jti}`, iss, aud, iat, exp, cid: this.clientId, scp: scope.split(" ") };
    const who = isPerson ? { uid: this.accountId, sub: "alice@example.com" } : { sub: this.clientId };
    jwt.payload = { ...own, ...who };
    jwt.header = { typ: undefined };
  }
}

/** Google: access tokens say nothing by themselves, the `id_token` stands for a person. */
export class GoogleShape {
  path = "";
  clientId = CLIENT_ID;
  accountId = "110169484474386276334";
  scope = "openid email";
  hasJwtAccessTokens = false;
  rotatesRefreshTokens = false;
  claims = {
    sub: this.accountId,
    azp: CLIENT_ID,
    hd: "example.com",
    email: "alice@example.com",
    email_verified: true,
  };
}

/** Entra: `scp` as a string, `tid` and `oid`, and an issuer for each version of its access tokens. */
export class EntraShape {
  path = `/${TENANT}/v2.0`;
  clientId = CLIENT_ID;
  accountId = "pairwise-4f2c";
  scope = "openid access_as_user kafka:read";
  loginScope = `${AUDIENCE}/.default`;
  hasJwtAccessTokens = true;
  rotatesRefreshTokens = true;
  #who = { tid: TENANT, oid: "00000000-0000-4000-8000-00000000a11c" };
  claims = { sub: this.accountId, ...this.#who, ver: "2.0", name: "Alice Doe" };
  #version;

  constructor(version) {
    this.#version = version;
  }

  shape(jwt, isPerson) {
    const { iss, iat, exp, sub, scope } = jwt.payload;
    const kind = isPerson
      ? { sub, scp: scope.replace("openid ", ""), name: "Alice Doe" }
      : { sub: this.#who.oid, idtyp: "app", roles: ["kafka:read"] };
    const own =
      this.#version === "1.0"
        ? { iss: `https://sts.windows.net/${TENANT}/`, aud: AUDIENCE, appid: this.clientId, appidacr: "0" }
        : { iss, aud: CLIENT_ID, azp: this.clientId, azpacr: "0" };
    jwt.payload = { ...own, ver: this.#version, iat, nbf: iat, exp, ...this.#who, ...kind, uti: "u-1" };
    jwt.header = { typ: "JWT" };
  }
}
