// SPDX-License-Identifier: Apache-2.0
// The ingress in this agent asks this agent's own API, without a connection in between.
#include <csignal>

#include "agent/agent.hpp"
#include "agent/ingress_settings.hpp"
#include "json/reader.hpp"

namespace caravan::agent {
namespace {

/// Takes an answer instead of sending it.
class Held : public http::Responder {
 public:
  io::Task<base::Status> send(http::Response response) override {
    response_ = std::move(response);
    co_return base::Status();
  }
  io::Task<base::Status> begin(http::Response head) override {
    response_ = std::move(head);
    co_return base::Status();
  }
  io::Task<base::Status> write(std::string_view bytes) override {
    response_.body += bytes;
    co_return base::Status();
  }
  io::Task<base::Status> end() override { co_return base::Status(); }
  io::Task<base::Result<io::Stream*>> upgrade(http::Headers, std::string&) override {
    co_return base::fail(base::Code::unsupported, "nothing is upgraded within an agent");
  }
  io::Task<void> hung_up() override {
    // Nobody hangs up here: the wait ends with its task.
    io::Event never(co_await boost::asio::this_coro::executor);
    co_await never.wait();
  }
  http::Response take() { return std::move(response_); }

 private:
  http::Response response_;
};

/// One that an agent with other settings has left behind.
void end_leftover(io::World& world, const std::string& folder) {
  const base::Result<std::string> text = world.disk.read_file(folder + "/state.json");
  const base::Result<json::Value> state = text ? json::parse(*text) : base::Result<json::Value>();
  if (!text || !state) return;
  const io::ProcessId process{static_cast<int>(state->at("pid").number()),
                              state->at("start_ticks").as_unsigned().value_or(0)};
  (void)world.processes.signal(process, SIGUSR1);
  (void)world.disk.remove(folder);
}

}  // namespace

io::Task<base::Status> Agent::start_ingress() {
  const std::string folder = data_dir_ + "/ingress";
  if (!options_.config.has_ingress()) {
    end_leftover(world_, folder);
    co_return base::Status();
  }
  const config::IngressConfig& config = options_.config.ingress;
  CO_TRY(ingress::Settings settings,
         ingress_settings(config, options_.config.datacenter, world_.disk));
  const ingress::Ask ask = [this](std::string target) -> io::Task<base::Result<http::Response>> {
    http::Request request;
    request.method = "GET";
    request.target = std::move(target);
    const std::size_t mark = request.target.find('?');
    request.path = request.target.substr(0, mark);
    CO_TRY(request.query, http::Query::parse(std::string_view(request.target).substr(mark + 1)));
    if (!options_.config.ingress.token.empty())
      request.headers.add("X-Nomad-Token", options_.config.ingress.token);
    request.peer = {"127.0.0.1", 0, false};
    Held held;
    co_await router_->serve(request, held);
    co_return held.take();
  };
  ingress_ = std::make_unique<ingress::Ingress>(world_, std::move(settings),
                                                ingress_places(config, folder), ask,
                                                log_.named("ingress"));
  co_return co_await ingress_->start();
}

}  // namespace caravan::agent
