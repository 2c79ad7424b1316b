// SPDX-License-Identifier: Apache-2.0
// Web addresses, and asking what stands at one.
#pragma once

#include <memory>

#include "http/client.hpp"
#include "http/tls.hpp"

namespace caravan::http {

struct Url {
  bool is_secure = false;
  io::Address address;
  std::string target = "/";  // path and query

  /// http and https, with a port or without. Errors: invalid, also when it names a user.
  static base::Result<Url> parse(std::string_view text);
};

/// The whole answer, whatever its status says; redirections are not followed. `tls` is asked when
/// the URL is https, and checks the name. The request's target is the URL's. Errors: io, timeout
/// (of all of it), too_large, denied (the certificate).
io::Task<base::Result<Response>> fetch_url(io::Network& network, io::Clock& clock,
                                           std::shared_ptr<const Tls> tls, Url url, Request request,
                                           base::Duration timeout, std::size_t body_bytes_max);

}  // namespace caravan::http
