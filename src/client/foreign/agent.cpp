// SPDX-License-Identifier: Apache-2.0
#include "client/foreign/agent.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "http/client.hpp"
#include "http/tls_network.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using boost::asio::experimental::awaitable_operators::operator||;

constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024, words_max = 300;

}  // namespace

io::Task<base::Result<ForeignAgent::Reply>> ForeignAgent::ask(std::string method, std::string path,
                                                              json::Value body,
                                                              base::Duration more) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  if (!config_.token.empty()) request.headers.add("X-Consul-Token", config_.token);
  if (!config_.user_and_password.empty())
    request.headers.add("Authorization", "Basic " + base::base64_encode(config_.user_and_password));
  if (!body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = json::to_string(body);
  }
  http::TlsNetwork secure(world_.network, config_.tls, config_.checks_name, "");
  io::Network& network = config_.tls ? static_cast<io::Network&>(secure) : world_.network;
  const base::Duration timeout = config_.timeout + more;
  auto raced = co_await (http::fetch(network, world_.clock, config_.address, std::move(request),
                                     timeout, answer_bytes_max) ||
                         world_.clock.sleep(timeout));
  if (raced.index() == 1)
    co_return base::fail(base::Code::timeout, fmt::format("Consul at {} did not answer within {}",
                                                          place(), base::format_duration(timeout)));
  CO_TRY(const http::Response answer, std::move(std::get<0>(raced)));
  if (answer.status != 200 && answer.status != 404)
    co_return base::fail(answer.status == 403 ? base::Code::denied : base::Code::internal,
                         fmt::format("Consul at {}: {} {}", place(), answer.status,
                                     base::printable(base::trim(answer.body), words_max)));
  Reply reply;
  reply.status = answer.status;
  reply.index = static_cast<std::uint64_t>(
      base::parse_int(answer.headers.get("X-Consul-Index")).value_or(0));
  if (base::Result<json::Value> value = json::parse(answer.body)) reply.body = *std::move(value);
  co_return reply;
}

std::map<std::string, std::string> attributes_of(const json::Value& self) {
  const json::Value& config = self.at("Config");
  std::map<std::string, std::string> all;
  const auto add = [&](const char* attribute, const char* name) {
    if (const std::string* text = config.at(name).as_string()) all[attribute] = *text;
  };
  add("consul.version", "Version");
  add("consul.datacenter", "Datacenter");
  add("consul.revision", "Revision");
  add("unique.consul.name", "NodeName");
  if (const bool* server = config.at("Server").as_bool())
    all["consul.server"] = *server ? "true" : "false";
  return all;
}

}  // namespace caravan::client
