// Certified OpenID providers in the shape of Okta, Google and Entra, each on a free loopback port.
//
// Prints one line of JSON that names the issuers. Then each line of its input is a command, and each
// line of its output the answer: `{"provider":"okta","mint":RECIPE}` signs in as a person or a program
// and answers with the token, `{"provider":"okta","rotate":"soft"}` replaces the signing key, and
// `{"provider":"okta","visit":URL}` signs in there and answers with where the browser is sent then. It
// ends when its input does.

import { createInterface } from "node:readline";

import { OktaShape, GoogleShape, EntraShape } from "./shapes.mjs";
import { ShapedProvider } from "./shaped_provider.mjs";

const shapes = {
  okta: new OktaShape(),
  google: new GoogleShape(),
  entra_v1: new EntraShape("1.0"),
  entra_v2: new EntraShape("2.0"),
};

const providers = {};
for (const [name, shape] of Object.entries(shapes)) providers[name] = await ShapedProvider.start(shape);

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say(Object.fromEntries(Object.entries(providers).map(([name, { issuer }]) => [name, issuer])));

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const { provider, mint, rotate, visit } = JSON.parse(line);
    if (rotate) await providers[provider].rotate(rotate);
    if (visit) say({ location: await providers[provider].visit(visit) });
    else say(mint ? { token: await providers[provider].mint(mint) } : {});
  } catch (error) {
    say({ error: `${error.stack}` });
  }
}
process.exit();
