// SPDX-License-Identifier: Apache-2.0
#include "ingress/traefik_middleware.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"
#include "ingress/traefik_value.hpp"

namespace caravan::ingress {
namespace {

constexpr int chain_depth_max = 4;

using Options = std::map<std::string, std::string>;

base::Result<std::int64_t> count(const std::string& text, std::string_view what) {
  constexpr long long most = 1'000'000'000;
  const base::Result<long long> number = base::parse_int(text);
  if (!number || *number < 0 || *number > most)
    return base::invalid(
        fmt::format("{}: \"{}\" is no number of 0..{}", what, base::printable(text, 40), most));
  return *number;
}

std::unexpected<base::Error> unknown(std::string_view kind, std::string_view option) {
  return base::fail(base::Code::unsupported, fmt::format("{}.{} is not built yet", kind, option));
}

base::Status strip_prefix(Treatment& t, const Options& options) {
  if (!t.strip.empty()) return base::invalid("stripprefix: a second one");
  if (!t.prepend.empty())
    return base::fail(base::Code::unsupported, "stripprefix after addprefix is not built yet");
  for (const auto& [option, value] : options) {
    if (option == "forceslash") continue;  // of an older form; what is left always begins with one
    if (option != "prefixes") return unknown("stripprefix", option);
    for (const std::string& prefix : listed(value)) {
      TRY(std::string path, checked_path(prefix, "stripprefix.prefixes"));
      t.strip.push_back(std::move(path));
    }
  }
  constexpr std::size_t prefixes_max = 16;
  if (t.strip.empty() || t.strip.size() > prefixes_max)
    return base::invalid(fmt::format("stripprefix.prefixes: 1 to {} are needed", prefixes_max));
  return {};
}

base::Status add_prefix(Treatment& t, const Options& options) {
  if (!t.prepend.empty()) return base::invalid("addprefix: a second one");
  for (const auto& [option, value] : options) {
    if (option != "prefix") return unknown("addprefix", option);
    TRY(t.prepend, checked_path(value, "addprefix.prefix"));
  }
  return {};
}

base::Status redirect_scheme(Treatment& t, const Options& options) {
  if (t.redirect) return base::invalid("redirectscheme: a second redirection");
  Redirect redirect;
  for (const auto& [option, value] : options) {
    if (option == "scheme") {
      redirect.scheme = base::to_lower(value);
      if (redirect.scheme != "http" && redirect.scheme != "https")
        return base::invalid("redirectscheme.scheme: neither http nor https");
    } else if (option == "port") {
      TRY(const std::int64_t port, count(value, "redirectscheme.port"));
      if (port < 1 || port > 65'535) return base::invalid("redirectscheme.port: no port");
      redirect.port = std::to_string(port);
    } else if (option == "permanent") {
      TRY(const bool permanent, truth(value, "redirectscheme.permanent"));
      redirect.status = permanent ? 301 : 302;
    } else {
      return unknown("redirectscheme", option);
    }
  }
  if (redirect.scheme.empty()) return base::invalid("redirectscheme.scheme is missing");
  t.redirect = redirect;
  return {};
}

base::Status headers(Treatment& t, const Options& options) {
  for (const auto& [option, value] : options) {
    const std::size_t dot = option.find('.');
    const std::string kind = option.substr(0, dot);
    const bool of_request = kind == "customrequestheaders";
    if (dot == std::string::npos || (!of_request && kind != "customresponseheaders"))
      return unknown("headers", option);
    const std::string name = option.substr(dot + 1);
    for (const char c : name)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
        return base::invalid(fmt::format("headers: \"{}\" is no name", base::printable(name, 60)));
    // What the ingress itself says, and what frames the message, is not for tags to say.
    for (const char* own : {"host", "content-length", "transfer-encoding", "connection", "upgrade",
                            "forwarded", "x-real-ip"})
      if (name == own || name.starts_with("x-forwarded-") || name.empty())
        return base::invalid(fmt::format("headers: {} cannot be set", base::printable(name, 60)));
    TRY(std::string text, checked_text(value, "headers"));
    HeaderChanges& changes = of_request ? t.request_headers : t.response_headers;
    constexpr std::size_t changes_max = 32;
    if (changes.size() == changes_max)
      return base::invalid(fmt::format("headers: more than {}", changes_max));
    changes.emplace_back(name, std::move(text));
  }
  return {};
}

bool is_crypt_hash(std::string_view hash) {
  for (const char c : hash)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
          c == '/' || c == '$' || c == '=' || c == ','))
      return false;
  for (const char* known : {"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$"})
    if (hash.starts_with(known)) return true;
  return false;
}

base::Status basic_auth(Treatment& t, const Options& options) {
  if (t.auth) return base::invalid("basicauth: a second one");
  BasicAuth auth;
  for (const auto& [option, value] : options) {
    if (option == "users") {
      for (const std::string& user : listed(value)) {
        const std::size_t colon = user.find(':');
        if (colon == std::string::npos || colon == 0)
          return base::invalid("basicauth.users: has to be user:hash");
        TRY(std::string name, checked_host(user.substr(0, colon), "basicauth.users", 0));
        const std::string hash = user.substr(colon + 1);
        if (!is_crypt_hash(hash))
          return base::fail(base::Code::unsupported,
                            "basicauth.users: only hashes of crypt(3) are known ($2y$, $5$, $6$, "
                            "$y$); write them with mkpasswd");
        auth.users.emplace_back(std::string(user.substr(0, colon)), hash);
      }
    } else if (option == "realm") {
      TRY(auth.realm, checked_host(value, "basicauth.realm", 0));
    } else if (option == "removeheader") {
      TRY(auth.hides_header, truth(value, "basicauth.removeheader"));
    } else {
      return unknown("basicauth", option);
    }
  }
  if (auth.users.empty()) return base::invalid("basicauth.users is missing");
  t.auth = std::move(auth);
  return {};
}

base::Status rate_limit(Treatment& t, const Options& options) {
  if (t.rate) return base::invalid("ratelimit: a second one");
  RateLimit rate;
  std::int64_t average = 0, burst = 1;
  for (const auto& [option, value] : options) {
    if (option == "average") {
      TRY(average, count(value, "ratelimit.average"));
    } else if (option == "burst") {
      TRY(burst, count(value, "ratelimit.burst"));
    } else if (option == "period") {
      const base::Result<long long> seconds = base::parse_int(value);
      if (seconds && *seconds > 0 && *seconds <= 86'400) {
        rate.period = std::chrono::seconds(*seconds);
      } else {
        TRY(rate.period, base::parse_duration(value));
      }
      if (rate.period < std::chrono::milliseconds(10) || rate.period > std::chrono::hours(24))
        return base::invalid("ratelimit.period: outside 10ms..24h");
    } else {
      return unknown("ratelimit", option);
    }
  }
  if (average == 0) return {};  // no limit
  rate.requests = std::max(average, burst);
  t.rate = rate;
  return {};
}

base::Status allow_list(Treatment& t, const Options& options) {
  if (!t.allow.empty()) return base::invalid("ipallowlist: a second one");
  for (const auto& [option, value] : options) {
    if (option != "sourcerange") return unknown("ipallowlist", option);
    for (const std::string& network : listed(value)) {
      TRY(std::string checked, checked_network(network, "ipallowlist.sourcerange"));
      t.allow.push_back(std::move(checked));
    }
  }
  if (t.allow.empty() || t.allow.size() > networks_max)
    return base::invalid(
        fmt::format("ipallowlist.sourcerange: 1 to {} networks are needed", networks_max));
  return {};
}

base::Status chain(Treatment& t, const Labels& labels, const Options& options, int depth) {
  for (const auto& [option, value] : options) {
    if (option != "middlewares") return unknown("chain", option);
    for (const std::string& name : listed(value))
      TRY_VOID(take_middleware(t, labels, name, depth + 1));
  }
  return {};
}

}  // namespace

std::string without_provider(std::string_view name) {
  return base::to_lower(base::trim(name.substr(0, name.find('@'))));
}

base::Status take_middleware(Treatment& treatment, const Labels& labels, std::string_view name,
                             int depth) {
  if (depth > chain_depth_max)
    return base::invalid(fmt::format("chains of middlewares deeper than {}", chain_depth_max));
  const std::string prefix = "http.middlewares." + without_provider(name) + ".";
  std::map<std::string, Options> kinds;
  for (auto at = labels.lower_bound(prefix); at != labels.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string rest = at->first.substr(prefix.size());
    const std::size_t dot = rest.find('.');
    kinds[rest.substr(0, dot)][dot == std::string::npos ? "" : rest.substr(dot + 1)] = at->second;
  }
  if (kinds.empty())
    return base::fail(base::Code::not_found, fmt::format("no middleware \"{}\" in these labels",
                                                         base::printable(name, 60)));
  if (kinds.size() > 1)
    return base::invalid(
        fmt::format("middleware \"{}\" is of two kinds", base::printable(name, 60)));
  const auto& [kind, options] = *kinds.begin();
  if (kind == "stripprefix") return strip_prefix(treatment, options);
  if (kind == "addprefix") return add_prefix(treatment, options);
  if (kind == "redirectscheme") return redirect_scheme(treatment, options);
  if (kind == "headers") return headers(treatment, options);
  if (kind == "basicauth") return basic_auth(treatment, options);
  if (kind == "ratelimit") return rate_limit(treatment, options);
  if (kind == "ipallowlist" || kind == "ipwhitelist") return allow_list(treatment, options);
  if (kind == "chain") return chain(treatment, labels, options, depth);
  return base::fail(base::Code::unsupported,
                    fmt::format("middleware {} is not built yet", base::printable(kind, 40)));
}

}  // namespace caravan::ingress
