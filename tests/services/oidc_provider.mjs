// An OpenID Connect provider for tests: node oidc_provider.mjs PORT, beside a node_modules with oidc-provider.
// Any login is let in with any password; "alice:ds,admins" is alice in the groups ds and admins.
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'windlass',
      client_secret: 'a-secret-for-tests',
      redirect_uris: ['http://127.0.0.1/login/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
    {
      client_id: 'another',
      client_secret: 'another-secret',
      redirect_uris: ['http://127.0.0.1/login/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email'], profile: ['preferred_username', 'groups'] },
  scopes: ['openid', 'email', 'profile'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (context, login) => {
    const [name, groups] = login.split(':');
    return {
      accountId: login,
      claims: () => ({ sub: login, preferred_username: name, groups: groups ? groups.split(',') : [] }),
    };
  },
});
// The server under test listens on a port that nobody knows before.
provider.Client.prototype.redirectUriAllowed = (uri) => new URL(uri).hostname === '127.0.0.1';
provider.listen(port, '127.0.0.1', () => console.log(issuer));
