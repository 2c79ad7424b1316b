// SPDX-License-Identifier: Apache-2.0
#include "http/tls_network.hpp"

#include "io/task.hpp"

namespace caravan::http {

io::Task<base::Result<std::unique_ptr<io::Listener>>> TlsNetwork::listen(io::Address address) {
  return plain_.listen(std::move(address));
}

io::Task<base::Result<std::unique_ptr<io::Stream>>> TlsNetwork::connect(io::Address address,
                                                                        base::Duration timeout) {
  const std::string name = server_name_.empty() ? address.host : server_name_;
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await plain_.connect(std::move(address), timeout));
  CO_TRY(std::unique_ptr<TlsStream> secure,
         co_await tls_->connect(std::move(stream), name, checks_name_, {}));
  co_return secure;
}

}  // namespace caravan::http
