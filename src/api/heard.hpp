// SPDX-License-Identifier: Apache-2.0
// Hears an answer instead of sending it: for whoever asks the router from within the agent.
#pragma once

#include "http/server.hpp"

namespace caravan::api {

class Heard : public http::Responder {
 public:
  /// `asker`: where the answer is wanted in the end; null: only here.
  explicit Heard(http::Responder* asker = nullptr) : asker_(asker) {}
  http::Response take() { return std::move(response_); }

  io::Task<base::Status> send(http::Response response) override;
  io::Task<base::Status> begin(http::Response head) override;
  io::Task<base::Status> write(std::string_view bytes) override;
  io::Task<base::Status> end() override;
  io::Task<base::Result<io::Stream*>> upgrade(http::Headers headers, std::string& read) override;
  io::Task<void> hung_up() override;

 private:
  static constexpr std::size_t bytes_max = 64 << 20;
  http::Responder* asker_;
  http::Response response_;
};

}  // namespace caravan::api
