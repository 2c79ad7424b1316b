// SPDX-License-Identifier: Apache-2.0
// login: a token of the cluster for one of an identity provider.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/acl_view.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/login_callback.hpp"
#include "cli/verbs.hpp"
#include "io/linux/clock.hpp"
#include "io/random_bytes.hpp"

namespace caravan::cli {
namespace {

constexpr base::Duration login_time = std::chrono::minutes(10);
constexpr std::size_t nonce_bytes = 32;

struct Method {
  std::string name, type;
};

/// That which is named, or the default one of the type that is named, or of any.
base::Result<Method> method_of(Context& context) {
  TRY(const Reply reply, context.api().get("/v1/acl/auth-methods"));
  const std::string name = context.flags.text("method");
  const std::string type = base::to_upper(context.flags.text("type"));
  std::vector<Method> found;
  for (const json::Value& each : list(reply.body)) {
    const Method method{text(each, "Name"), text(each, "Type")};
    const bool fits = name.empty() ? boolean(each, "Default") : method.name == name;
    if (fits && (type.empty() || method.type == type)) found.push_back(method);
  }
  if (found.size() == 1) return found[0];
  if (!name.empty())
    return base::fail(base::Code::not_found,
                      fmt::format("auth method \"{}\"{} not found: see acl auth-method list", name,
                                  type.empty() ? "" : " of type " + type));
  if (found.empty())
    return base::fail(base::Code::not_found,
                      "must specify an auth method name and type, no default found: use -method");
  return base::invalid("there is a default of each type: use -type or -method");
}

base::Result<json::Value> by_token(Context& context, const Method& method) {
  std::string token = context.flags.text("login-token");
  if (token.empty())
    return base::invalid("-login-token is needed: the JWT, or - for standard input");
  if (token == "-") {
    TRY(token, read_text("-"));
  }
  const json::Object body{{"AuthMethodName", method.name},
                          {"LoginToken", std::string(base::trim(token))}};
  TRY(Reply reply, context.api().send("PUT", "/v1/acl/login", body));
  return std::move(reply.body);
}

base::Result<json::Value> by_browser(Context& context, const Method& method) {
  const std::string address = context.flags.text("oidc-callback-addr", "localhost:4649");
  io::linux_world::Random random;
  json::Object body{{"AuthMethodName", method.name},
                    {"RedirectURI", "http://" + address + "/oidc/callback"},
                    {"ClientNonce", base::to_hex(io::random_bytes(random, nonce_bytes))}};
  TRY(const Reply begun, context.api().send("PUT", "/v1/acl/oidc/auth-url", body));
  const std::string url = text(begun.body, "AuthURL");
  const auto ready = [&] {
    // Not to standard output: with -json that is the token alone.
    context.err(
        "Complete the login via your OIDC provider. Open this address in a browser:\n\n    " + url +
        "\n");
  };
  TRY(const Callback callback, wait_for_callback(address, login_time, ready));
  body["State"] = callback.state;
  body["Code"] = callback.code;
  body["Iss"] = callback.issuer;
  TRY(Reply reply, context.api().send("PUT", "/v1/acl/oidc/complete-auth", body));
  return std::move(reply.body);
}

int run(Context& context) {
  const base::Result<Method> method = method_of(context);
  if (!method) return context.fail("Error selecting the auth method", method.error());
  const base::Result<json::Value> token =
      method->type == "JWT" ? by_token(context, *method) : by_browser(context, *method);
  if (!token) return context.fail("Error performing login", token.error());
  int code = 0;
  if (context.shows_data(*token, code)) return code;
  context.out(fmt::format("Successfully logged in via {} and {}\n", method->type, method->name));
  context.out(acl_token_view(*token));
  return 0;
}

}  // namespace

Command login_command() {
  return {.name = "login",
          .synopsis = "Log in by an identity provider",
          .usage = "[options]",
          .help =
              "Exchanges what an identity provider says of you for a token of the cluster:\n"
              "a JWT that you have, or a login in the browser (OpenID Connect). For the\n"
              "latter it waits on this machine for the browser to come back.",
          .flags = {{"method", "name", "The auth method; without it the default one."},
                    {"type", "type", "OIDC or JWT: its default method."},
                    {"login-token", "token", "The JWT to exchange; - reads standard input."},
                    {"oidc-callback-addr", "address",
                     "Where the browser comes back to; default localhost:4649."},
                    {"json", "", "The token as JSON."},
                    {"t", "template", "The token through a Go template."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
