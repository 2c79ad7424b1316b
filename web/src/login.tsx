// SPDX-License-Identifier: Apache-2.0
// Signing in: the secret of a token, kept for this tab only.
import { useState } from "preact/hooks";
import { get, isRegistry, keepToken, token } from "./api";
import { Problem } from "./parts";
import { base, go } from "./router";

interface Self {
  Name: string;
  Type: string;
  AccessorID: string;
}

export function Login() {
  const [error, setError] = useState<Error | undefined>();
  const [self, setSelf] = useState<Self | undefined>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const field = new FormData(event.currentTarget as HTMLFormElement).get("secret");
    keepToken(String(field ?? "").trim());
    try {
      setSelf(await get<Self>("/v1/acl/token/self"));
      setError(undefined);
      go(base + "/", true);
    } catch (failure) {
      keepToken("");
      setSelf(undefined);
      setError(failure as Error);
    }
  };
  const leave = () => {
    keepToken("");
    setSelf(undefined);
    go(base + "/", true);
  };
  return (
    <>
      <h1>Sign in</h1>
      <p>
        Pages show what a token may see. Its secret stays in this tab. A token comes from <code>caravan {isRegistry() ? "consul acl token create" : "acl token create"}</code>{" "}
        or <code>caravan login</code>.
      </p>
      {error && <Problem error={error} />}
      {self && <p>This is {self.Name || self.AccessorID}.</p>}
      <form class="login" onSubmit={submit}>
        <label>
          Secret
          <input name="secret" type="password" autocomplete="off" required />
        </label>
        <button type="submit">Sign in</button>
        {token() && (
          <button type="button" onClick={leave}>
            Sign out
          </button>
        )}
      </form>
    </>
  );
}
