// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "http/tls_network.hpp"
#include "io/task.hpp"

namespace caravan::http {
namespace {

constexpr std::uint16_t port_plain = 80, port_secure = 443;
constexpr std::size_t url_bytes_max = 4096;

/// Of what may stand in one without being encoded (RFC 3986).
bool is_url_byte(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>'; }

}  // namespace

base::Result<Url> Url::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return base::invalid(fmt::format("'{}': {}", base::printable(text, 128), why));
  };
  if (text.size() > url_bytes_max || !std::ranges::all_of(text, is_url_byte))
    return wrong("not a URL");
  Url url;
  std::string_view rest = text;
  url.is_secure = rest.starts_with("https://");
  if (!url.is_secure && !rest.starts_with("http://")) return wrong("not an http or https URL");
  rest.remove_prefix(url.is_secure ? 8 : 7);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, end);
  if (end != std::string_view::npos) url.target = rest.substr(end);
  if (url.target.starts_with('?')) url.target.insert(0, "/");
  if (authority.empty()) return wrong("names no host");
  if (authority.find('@') != std::string_view::npos) return wrong("a URL must not name a user");
  const base::Result<io::Address> address =
      io::Address::parse(authority, url.is_secure ? port_secure : port_plain);
  if (!address || address->is_unix || address->host.empty()) return wrong("names no host");
  url.address = *address;
  return url;
}

io::Task<base::Result<Response>> fetch_url(io::Network& network, io::Clock& clock,
                                           std::shared_ptr<const Tls> tls, Url url, Request request,
                                           base::Duration timeout, std::size_t body_bytes_max) {
  using namespace boost::asio::experimental::awaitable_operators;
  TlsNetwork secure(network, std::move(tls), true, "");
  io::Network& through = url.is_secure ? static_cast<io::Network&>(secure) : network;
  request.target = url.target;
  const std::string where = url.address.to_string();
  auto raced = co_await (
      fetch(through, clock, std::move(url.address), std::move(request), timeout, body_bytes_max) ||
      clock.sleep(timeout));
  if (raced.index() == 1)
    co_return base::fail(base::Code::timeout, fmt::format("{} did not answer within {}", where,
                                                          base::format_duration(timeout)));
  co_return std::move(std::get<0>(raced));
}

}  // namespace caravan::http
