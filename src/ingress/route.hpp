// SPDX-License-Identifier: Apache-2.0
// A route: what a request has to be like, what is done to it, and who answers. Both languages of
// tags end here; nothing in it is text of a tag that was not checked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace caravan::ingress {

/// A question about a request, or several joined.
struct Rule {
  enum class Kind {
    all,           // of `parts`
    any,           // of `parts`
    none,          // not `parts[0]`
    host,          // text: a host name, lower case
    host_regexp,   // text: an expression over the whole host
    path,          // text: the whole path
    path_prefix,   // text
    path_regexp,   // text
    method,        // text
    header,        // name, text
    header_regexp, // name, text
    query,         // name, text
    client_ip,     // text: an address or a network
    always,
  };
  Kind kind = Kind::always;
  std::string name, text;
  std::vector<Rule> parts;
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The copy of a service that a request may go to.
struct Server {
  std::string id;  // the instance's: door, node and id
  std::string address;
  int port = 0;
  double share = 0;  // of all requests of the route, 0..1
  friend bool operator==(const Server&, const Server&) = default;
};

enum class Protocol { http, tcp, sni };

struct Redirect {
  int status = 302;
  std::string location;     // "$path" stands for the path and the query; or
  std::string scheme;       // only this changes, and
  std::string port;         // this ("": the scheme's own)
  friend bool operator==(const Redirect&, const Redirect&) = default;
};

struct BasicAuth {
  std::string realm = "caravan";
  std::vector<std::pair<std::string, std::string>> users;  // name, crypt(3) hash
  bool hides_header = false;
  friend bool operator==(const BasicAuth&, const BasicAuth&) = default;
};

struct RateLimit {
  std::int64_t requests = 0;  // within `period`, of one client
  base::Duration period = base::Duration(1'000'000'000);
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct StickyCookie {
  std::string name;
  bool is_secure = false, is_http_only = false;
  std::string same_site;  // "none", "lax", "strict" or ""
  std::int64_t max_age_s = 0;
  friend bool operator==(const StickyCookie&, const StickyCookie&) = default;
};

struct HealthCheck {
  std::string path, host, method;  // no path: a connection is enough
  int status = 0;                  // 0: 200 to 399
  int port = 0;                    // 0: the server's own
  base::Duration interval{0}, timeout{0};  // 0: as the settings say
  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

using HeaderChanges = std::vector<std::pair<std::string, std::string>>;  // "" removes

/// All that makes two wishes for the same source one route, or a conflict.
struct Treatment {
  std::vector<std::string> strip;  // the first that the path begins with is taken away
  std::string prepend;
  bool to_tls = false;      // servers speak TLS
  bool skips_verify = false;
  bool pass_host = true;
  std::string host;         // what the servers are told instead of the client's
  bool sends_proxy = false; // the PROXY protocol, version 1
  std::vector<std::string> allow, deny;  // networks
  std::optional<Redirect> redirect;
  std::optional<BasicAuth> auth;
  std::optional<RateLimit> rate;
  std::optional<StickyCookie> sticky;
  HealthCheck check;
  HeaderChanges request_headers, response_headers;
  friend bool operator==(const Treatment&, const Treatment&) = default;
};

struct Route {
  std::string id;       // unique, [a-z0-9_-]: the name of its backend
  std::string service;  // whose tags asked for it first
  std::string source;   // as the tags write it: "host/path", ":port", a rule
  std::string tag;      // what it came from, for people
  Protocol protocol = Protocol::http;
  /// Of fabio's tags: a host ("" any, `*` stands for any run) and the beginning of a path. Longer
  /// ones are asked first, hosts before none. Of Traefik's: a rule.
  std::string host, path;
  std::optional<Rule> rule;
  std::int64_t priority = 0;              // of rules, higher first
  std::vector<std::string> entry_points;  // names; none: all that fit
  bool wants_tls = false;                 // a router that answers within TLS only
  int port = 0;                           // that a tcp route opens by itself
  Treatment treatment;
  std::vector<Server> servers;
  std::vector<std::string> tags;  // others of the instances
  std::uint64_t created = 0;
  std::string register_as;
  friend bool operator==(const Route&, const Route&) = default;
};

/// Something in the tags that could not be done.
struct Problem {
  std::string service, where, what;  // where: the tag or the router
  friend auto operator<=>(const Problem&, const Problem&) = default;
};

}  // namespace caravan::ingress
