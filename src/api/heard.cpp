// SPDX-License-Identifier: Apache-2.0
#include "api/heard.hpp"

#include "io/task.hpp"

namespace caravan::api {

io::Task<base::Status> Heard::send(http::Response response) {
  response_ = std::move(response);
  if (response_.shared) response_.body = std::exchange(response_.shared, nullptr)->plain();
  co_return base::Status();
}

io::Task<base::Status> Heard::begin(http::Response head) {
  response_ = std::move(head);
  co_return base::Status();
}

io::Task<base::Status> Heard::write(std::string_view bytes) {
  if (response_.body.size() + bytes.size() > bytes_max)
    co_return base::fail(base::Code::too_large, "the answer is too long");
  response_.body += bytes;
  co_return base::Status();
}

io::Task<base::Status> Heard::end() { co_return base::Status(); }

io::Task<base::Result<io::Stream*>> Heard::upgrade(http::Headers, std::string&) {
  co_return base::fail(base::Code::unsupported, "this is no stream");
}

io::Task<void> Heard::hung_up() {
  if (asker_) co_return co_await asker_->hung_up();
  io::Event never(co_await boost::asio::this_coro::executor);
  co_await never.wait();
}

}  // namespace caravan::api
