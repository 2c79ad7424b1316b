// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/api.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;

/// What is used came with this version, of Docker 20.10.
constexpr int version_min = 41;
constexpr base::Duration version_timeout = 5s;
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t message_bytes_max = 600;

base::Code code_of(int status) {
  switch (status) {
    case 400:
      return base::Code::invalid;
    case 401:
    case 403:
      return base::Code::denied;
    case 404:
      return base::Code::not_found;
    case 409:
      return base::Code::conflict;
    default:
      return base::Code::io;
  }
}

std::unexpected<base::Error> refused(int status, const std::string& body) {
  std::string said = body;
  if (const base::Result<json::Value> answer = json::parse(body))
    if (const std::string* message = answer->at("message").as_string()) said = *message;
  return base::fail(code_of(status),
                    fmt::format("Docker: {}", base::printable(said, message_bytes_max)));
}

std::unexpected<base::Error> unreachable(const base::Error& error) {
  return base::fail(error.code,
                    fmt::format("the Docker engine cannot be reached: {}", error.message));
}

io::Task<base::Result<std::string>> read_all(http::Incoming& incoming) {
  std::string body;
  while (body.size() <= answer_bytes_max) {
    CO_TRY(const std::string piece, co_await incoming.read());
    if (piece.empty()) co_return body;
    body += piece;
  }
  co_return base::fail(base::Code::too_large, "the Docker engine's answer is too large");
}

io::Task<base::Result<std::string>> read_all_within(io::Clock& clock, http::Incoming& incoming,
                                                    base::Duration timeout) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto raced = co_await (read_all(incoming) || clock.sleep(timeout));
  if (raced.index() == 1)
    co_return base::fail(base::Code::timeout, "the Docker engine did not finish its answer");
  co_return std::move(std::get<0>(raced));
}

/// An answer that is an error, read and turned into one.
io::Task<base::Result<std::unique_ptr<http::Incoming>>> checked(
    io::Clock& clock, std::unique_ptr<http::Incoming> incoming) {
  if (incoming->status < 400) co_return incoming;
  const base::Result<std::string> body =
      co_await read_all_within(clock, *incoming, version_timeout);
  co_return refused(incoming->status, body.value_or(""));
}

}  // namespace

int minor_version(std::string_view version) {
  if (!version.starts_with("1.")) return 0;
  return static_cast<int>(base::parse_int(version.substr(2)).value_or(0));
}

http::Request request(std::string method, std::string path) {
  http::Request made;
  made.method = std::move(method);
  made.target = std::move(path);
  made.headers.add("Host", "docker");
  return made;
}

io::Task<base::Result<std::string>> Api::version() {
  if (!version_.empty()) co_return version_;
  http::Request ask = request("GET", "/version");
  const base::Result<http::Response> answer = co_await http::fetch(
      world_.network, world_.clock, engine_, std::move(ask), version_timeout, answer_bytes_max);
  if (!answer) co_return unreachable(answer.error());
  if (answer->status >= 400) co_return refused(answer->status, answer->body);
  CO_TRY(const json::Value said, json::parse(answer->body));
  const std::string* newest = said.at("ApiVersion").as_string();
  const std::string* oldest = said.at("MinAPIVersion").as_string();
  const int most = newest ? minor_version(*newest) : 0;
  const int least = oldest ? minor_version(*oldest) : 0;
  if (most < version_min)
    co_return base::fail(
        base::Code::unsupported,
        fmt::format("the Docker engine speaks API {}; 1.{} (Docker 20.10) or newer is needed",
                    newest ? *newest : "?", version_min));
  version_ = fmt::format("1.{}", std::max(version_min, least));
  co_return version_;
}

io::Task<base::Result<http::Request>> Api::versioned(http::Request request) {
  CO_TRY(const std::string version, co_await this->version());
  request.target = "/v" + version + request.target;
  co_return request;
}

io::Task<base::Result<std::unique_ptr<http::Incoming>>> Api::open(http::Request request,
                                                                  base::Duration head_timeout) {
  CO_TRY(http::Request ask, co_await versioned(std::move(request)));
  base::Result<std::unique_ptr<http::Incoming>> answer =
      co_await http::open(world_.network, world_.clock, engine_, std::move(ask), head_timeout);
  if (!answer) {
    version_.clear();  // it may come back as another
    co_return unreachable(answer.error());
  }
  co_return co_await checked(world_.clock, *std::move(answer));
}

io::Task<base::Result<std::unique_ptr<http::Incoming>>> Api::send(http::Request request,
                                                                  http::Outgoing& body,
                                                                  base::Duration head_timeout) {
  CO_TRY(http::Request ask, co_await versioned(std::move(request)));
  base::Result<std::unique_ptr<http::Incoming>> answer = co_await http::open(
      world_.network, world_.clock, engine_, std::move(ask), body, head_timeout);
  if (!answer) co_return unreachable(answer.error());
  co_return co_await checked(world_.clock, *std::move(answer));
}

io::Task<base::Result<json::Value>> Api::call(std::string method, std::string path,
                                              json::Value body, base::Duration timeout) {
  http::Request ask = request(std::move(method), std::move(path));
  if (!body.is_null()) {
    ask.body = json::to_string(body);
    ask.headers.add("Content-Type", "application/json");
  }
  CO_TRY(const std::unique_ptr<http::Incoming> incoming, co_await open(std::move(ask), timeout));
  CO_TRY(const std::string text, co_await read_all_within(world_.clock, *incoming, timeout));
  if (base::trim(text).empty()) co_return json::Value();
  // A few calls answer with plain words, which nobody needs.
  base::Result<json::Value> value = json::parse(text);
  if (!value) co_return json::Value();
  co_return *std::move(value);
}

}  // namespace caravan::driver::docker
