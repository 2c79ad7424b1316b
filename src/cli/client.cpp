// SPDX-License-Identifier: Apache-2.0
#include "cli/client.hpp"

#include <netdb.h>

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/command.hpp"
#include "http/client.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/network.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration call_timeout = 6min;  // more than the longest blocking query
constexpr std::size_t body_bytes_max = 256 * 1024 * 1024;

/// A host name becomes an address, IPv4 first: agents bind 127.0.0.1 unless told otherwise.
base::Result<std::string> resolve(const std::string& host) {
  for (const int family : {AF_INET, AF_INET6}) {
    addrinfo wanted{};
    wanted.ai_family = family;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) continue;
    char text[NI_MAXHOST] = "";
    const int failed = ::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr,
                                     0, NI_NUMERICHOST);
    ::freeaddrinfo(found);
    if (failed == 0) return std::string(text);
  }
  return base::invalid(fmt::format("host \"{}\" is not known: no address was found for it",
                                   base::printable(host, 253)));
}

/// Of an http or https address, with the host as it is named.
base::Result<io::Address> named_address(const std::string& text, std::uint16_t default_port) {
  const std::size_t scheme = text.find("://");
  if (!text.starts_with("http://") && !text.starts_with("https://"))
    return base::invalid(fmt::format(
        "invalid address '{}': write it with a scheme, as http://127.0.0.1:{} or unix:///path",
        base::printable(text, 256), default_port));
  std::string host = text.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  return io::Address::parse(host, default_port);
}

base::Result<io::Address> address_from(const std::string& text, std::uint16_t default_port) {
  if (text.starts_with("unix://")) return io::Address::unix_socket(text.substr(7));
  TRY(io::Address address, named_address(text, default_port));
  TRY(address.host, resolve(address.host));
  return address;
}

base::Code code_of(int status) {
  switch (status) {
    case 400:
      return base::Code::invalid;
    case 403:
      return base::Code::denied;
    case 404:
      return base::Code::not_found;
    case 409:
      return base::Code::conflict;
    case 501:
      return base::Code::unsupported;
    default:
      return base::Code::internal;
  }
}

io::Task<base::Result<http::Response>> fetch(io::Network& network, io::Address address,
                                             http::Request request) {
  io::linux_world::Clock clock;
  co_return co_await http::fetch(network, clock, std::move(address), std::move(request),
                                 call_timeout, body_bytes_max);
}

io::Task<base::Status> fetch_stream(io::Network& network, io::Address address,
                                    http::Request request,
                                    const std::function<bool(std::string_view)>& take) {
  io::linux_world::Clock clock;
  CO_TRY(const std::unique_ptr<http::Incoming> incoming,
         co_await http::open(network, clock, std::move(address), std::move(request), call_timeout));
  std::string refusal;
  while (true) {
    CO_TRY(const std::string piece, co_await incoming->read());
    if (piece.empty()) break;
    if (incoming->status != 200)
      refusal += piece;
    else if (!take(piece))
      co_return base::Status();
  }
  if (incoming->status != 200) co_return std::unexpected(response_error(incoming->status, refusal));
  co_return base::Status();
}

}  // namespace

base::Error response_error(int status, std::string_view body) {
  return {code_of(status), fmt::format("Unexpected response code: {} ({})", status, body)};
}

Settings native_settings(const Flags& flags) {
  Settings settings;
  settings.address = flags.text("address", env_or("NOMAD_ADDR", "http://127.0.0.1:4646"));
  settings.region = flags.text("region", env_or("NOMAD_REGION", ""));
  settings.ns = flags.text("namespace", env_or("NOMAD_NAMESPACE", ""));
  settings.token = flags.text("token", env_or("NOMAD_TOKEN", ""));
  settings.tls = tls_settings_from(flags);
  settings.user_and_password = env_or("NOMAD_HTTP_AUTH", "");
  return settings;
}

const std::vector<FlagSpec>& native_flags() {
  static const std::vector<FlagSpec> flags = {
      {"address", "addr",
       "The agent: http://host:port or unix://path. Also NOMAD_ADDR.\nDefault = "
       "http://127.0.0.1:4646"},
      {"region", "region", "The region that shall answer. Also NOMAD_REGION."},
      {"namespace", "namespace",
       "The namespace of what is named; '*' asks for all. Also\nNOMAD_NAMESPACE."},
      {"token", "secret", "The secret of an ACL token. Also NOMAD_TOKEN."},
      {"no-color", "", "Plain output. Also NOMAD_CLI_NO_COLOR."},
      {"force-color", "", "Accepted for compatibility: output is always plain."},
      {"ca-cert", "path", "A PEM file with the CA of the agent. Also NOMAD_CACERT."},
      {"ca-path", "path", "A directory of such files. Also NOMAD_CAPATH."},
      {"client-cert", "path", "The PEM certificate to show. Also NOMAD_CLIENT_CERT."},
      {"client-key", "path", "The key of that certificate. Also NOMAD_CLIENT_KEY."},
      {"tls-server-name", "name", "The name to ask for. Also NOMAD_TLS_SERVER_NAME."},
      {"tls-skip-verify", "", "Do not check the agent's certificate. Also NOMAD_SKIP_VERIFY."},
      {"insecure", "", "The same as -tls-skip-verify."},
  };
  return flags;
}

base::Result<Client> Client::make(Settings settings) {
  TRY(io::Address address, address_from(settings.address, settings.port));
  std::shared_ptr<io::Network> network = std::make_shared<io::linux_world::Network>();
  if (settings.address.starts_with("https://")) {
    TRY(const io::Address named, named_address(settings.address, settings.port));
    TRY(network, secure_network(settings.tls, named.host));
  }
  return Client(std::move(settings), std::move(address), std::move(network));
}

std::string Client::target(const std::string& path, Params params) const {
  const auto add = [&](const std::string& name, const std::string& value) {
    const bool present =
        std::ranges::any_of(params, [&](const auto& pair) { return pair.first == name; });
    if (!value.empty() && !present) params.emplace_back(name, value);
  };
  add("namespace", settings_.ns);
  add("region", settings_.region);
  for (const auto& [name, value] : settings_.more)
    if (value.empty())
      params.emplace_back(name, value);
    else
      add(name, value);
  std::string text = path;
  char separator = path.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : params) {
    text +=
        fmt::format("{}{}={}", separator, base::percent_encode(name), base::percent_encode(value));
    separator = '&';
  }
  return text;
}

http::Request Client::request(const std::string& method, const std::string& path,
                              Params params) const {
  http::Request request;
  request.method = method;
  request.target = target(path, std::move(params));
  if (!settings_.token.empty()) request.headers.add(settings_.token_header, settings_.token);
  if (!settings_.user_and_password.empty())
    request.headers.add("Authorization",
                        "Basic " + base::base64_encode(settings_.user_and_password));
  return request;
}

base::Error Client::unreachable(const std::string& method, const std::string& path,
                                const base::Error& error) const {
  std::string base = settings_.address;
  while (base.ends_with('/'))
    base.pop_back();
  if (error.code == base::Code::denied)
    return {error.code, fmt::format("{} \"{}{}\": {}", method, base, path,
                                    in_familiar_words(error.message, address_.host))};
  return {error.code,
          fmt::format("{} \"{}{}\": {}\nIs an agent running there? '{} agent -dev' "
                      "starts one; {} names another.",
                      method, base, path, error.message, program_name(), settings_.address_words)};
}

base::Result<Reply> Client::send_text(const std::string& method, const std::string& path,
                                      std::string body, Params params, http::Headers headers) {
  http::Request out = request(method, path, std::move(params));
  for (const auto& [name, value] : headers)
    out.headers.add(name, value);
  out.body = std::move(body);
  const base::Result<http::Response> response =
      wait_for(fetch(*network_, address_, std::move(out)));
  if (!response) return std::unexpected(unreachable(method, path, response.error()));
  if (response->status < 200 || response->status > 299)
    return std::unexpected(response_error(response->status, response->body));
  Reply reply;
  reply.text = response->body;
  const std::string_view index = response->headers.get(settings_.index_header);
  std::from_chars(index.data(), index.data() + index.size(), reply.index);  // none: it stays 0
  reply.warning = std::string(response->headers.get("X-Caravan-Warning"));
  if (base::Result<json::Value> value = json::parse(reply.text)) reply.body = std::move(*value);
  return reply;
}

base::Result<Reply> Client::get(const std::string& path, Params params) {
  return send_text("GET", path, "", std::move(params));
}

base::Result<Reply> Client::send(const std::string& method, const std::string& path,
                                 const json::Value& body, Params params) {
  return send_text(method, path, body.is_null() ? "" : json::to_string(body), std::move(params));
}

base::Status Client::stream(const std::string& path, Params params,
                            const std::function<bool(std::string_view)>& take) {
  http::Request out = request("GET", path, std::move(params));
  const base::Status status = wait_for(fetch_stream(*network_, address_, std::move(out), take));
  if (!status && !status.error().message.starts_with("Unexpected response"))
    return std::unexpected(unreachable("GET", path, status.error()));
  return status;
}

}  // namespace caravan::cli
