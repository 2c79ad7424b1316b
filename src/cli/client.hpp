// SPDX-License-Identifier: Apache-2.0
// The HTTP API as calls that block: each runs an io_context of its own until the answer is there.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/flags.hpp"
#include "cli/secure.hpp"
#include "http/message.hpp"
#include "json/value.hpp"

namespace caravan::cli {

using Params = std::vector<std::pair<std::string, std::string>>;

struct Settings {
  std::string address;  // as given: http://host:port, https://host:port or unix://path
  std::string region, ns, token;
  std::string user_and_password;
  TlsSettings tls;
  Params more;  // that each request has besides
  // What differs between the APIs.
  std::string token_header = "X-Nomad-Token", index_header = "X-Nomad-Index";
  std::string address_words = "-address or NOMAD_ADDR";  // how another agent is named
  std::uint16_t port = 4646;                             // of an address that names none
};

/// The general flags over the environment, of the cluster's own command line. Source: the CLI table
/// of the facts, 9.1.
Settings native_settings(const Flags& flags);
const std::vector<FlagSpec>& native_flags();

struct Reply {
  json::Value body;  // null when it was not JSON
  std::string text;
  std::uint64_t index = 0;
  std::string warning;  // what the agent has to say besides
};

class Client {
 public:
  /// Errors: invalid (the address), not_found (a file of TLS).
  static base::Result<Client> make(Settings settings);

  /// Errors: the agent's own, as "Unexpected response code: 404 (job not found)" with the code that
  /// fits; io and timeout, with what was tried and what to do.
  base::Result<Reply> get(const std::string& path, Params params = {});
  base::Result<Reply> send(const std::string& method, const std::string& path,
                           const json::Value& body, Params params = {});
  /// Any request with its body as text; for `operator api`.
  base::Result<Reply> send_text(const std::string& method, const std::string& path,
                                std::string body, Params params, http::Headers headers = {});
  /// Hands over the body as it comes, until it ends or `take` returns false.
  base::Status stream(const std::string& path, Params params,
                      const std::function<bool(std::string_view)>& take);

  const Settings& settings() const { return settings_; }
  const io::Address& address() const { return address_; }
  io::Network& network() const { return *network_; }
  /// "/v1/x?namespace=…" with the general parameters added.
  std::string target(const std::string& path, Params params) const;
  http::Request request(const std::string& method, const std::string& path, Params params) const;
  base::Error unreachable(const std::string& method, const std::string& path,
                          const base::Error& error) const;

 private:
  Client(Settings settings, io::Address address, std::shared_ptr<io::Network> network)
      : settings_(std::move(settings)),
        address_(std::move(address)),
        network_(std::move(network)) {}
  Settings settings_;
  io::Address address_;
  std::shared_ptr<io::Network> network_;
};

/// "Unexpected response code: 404 (job not found)".
base::Error response_error(int status, std::string_view body);

}  // namespace caravan::cli
