// SPDX-License-Identifier: Apache-2.0
// Routes that a node answers: files, logs, and what is done to running tasks. Whatever agent is
// asked, the call goes to the node that has the allocation.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "api/nomad/node_stream.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "http/websocket.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::api::nomad {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr base::Duration node_timeout = 30s;
constexpr std::size_t read_bytes = 64 * 1024;

class ClientPage {
 public:
  ClientPage(const Readers& readers, NodeChannel channel)
      : readers_(readers), channel_(std::move(channel)) {}

  Task<Result> plain_call(Call& call, std::string method, wire::AllocRequest request) {
    CO_TRY(const std::shared_ptr<rpc::Channel> channel, channel_for(call, request));
    std::string bytes = wire::encode(request);
    Answer answer;
    CO_TRY(answer.body, co_await channel->call(std::move(method), std::move(bytes), node_timeout));
    co_return answer;
  }

  Task<Result> list_files(Call& call) { co_return co_await with_path(call, "Fs.List"); }
  Task<Result> stat_file(Call& call) { co_return co_await with_path(call, "Fs.Stat"); }
  Task<Result> stats(Call& call) {
    wire::AllocRequest request;
    request.task = call.request.query.get("task");
    co_return co_await plain_call(call, "Alloc.Stats", std::move(request));
  }
  Task<Result> checks(Call& call) { co_return co_await plain_call(call, "Alloc.Checks", {}); }

  Task<Result> collect(Call& call) { co_return co_await plain_call(call, "Alloc.Collect", {}); }

  Task<Result> restart(Call& call) {
    wire::AllocRequest request;
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(const json::Value body, body_object(call));
      if (const std::string* task = body.at("TaskName").as_string()) request.task = *task;
      const bool* all = body.at("AllTasks").as_bool();
      request.all_tasks = all && *all;
    }
    CO_TRY(Answer answer, co_await plain_call(call, "Alloc.Restart", std::move(request)));
    answer.body = "{\"Index\":0}";
    co_return answer;
  }

  Task<Result> signal(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    wire::AllocRequest request;
    if (const std::string* task = body.at("Task").as_string()) request.task = *task;
    if (const std::string* name = body.at("Signal").as_string()) request.argument = *name;
    CO_TRY(Answer answer, co_await plain_call(call, "Alloc.Signal", std::move(request)));
    answer.body = "{\"Index\":0}";
    co_return answer;
  }

  Task<Result> cat(Call& call) {
    wire::AllocRequest request;
    request.argument = call.request.query.get("path");
    co_return co_await pass_on(call, "Fs.Cat", std::move(request), true);
  }

  Task<Result> read_at(Call& call) {
    wire::AllocRequest request;
    request.argument = call.request.query.get("path");
    const std::string offset = call.request.query.get("offset"),
                      limit = call.request.query.get("limit");
    const auto from = base::parse_int(offset),
               length = base::parse_int(limit.empty() ? "0" : limit);
    if (!from || *from < 0) co_return base::invalid("offset: missing or not a number");
    if (!length || *length < 0) co_return base::invalid("limit: not a number");
    request.offset = *from;
    request.limit = *length;
    co_return co_await pass_on(call, "Fs.Cat", std::move(request), true);
  }

  Task<Result> stream_file(Call& call) {
    wire::AllocRequest request;
    request.argument = call.request.query.get("path");
    CO_TRY(request.follow, flag(call, "follow", true));
    CO_TRY_VOID(read_origin(call, request));
    CO_TRY(const bool plain, flag(call, "plain", false));
    co_return co_await pass_on(call, "Fs.Cat", std::move(request), plain);
  }

  Task<Result> logs(Call& call) {
    wire::AllocRequest request;
    request.task = call.request.query.get("task");
    if (request.task.empty()) co_return base::invalid("must provide task name");
    request.stream = call.request.query.get("type");
    if (request.stream != "stdout" && request.stream != "stderr")
      co_return base::invalid("type: neither stdout nor stderr");
    CO_TRY(request.follow, flag(call, "follow", false));
    CO_TRY_VOID(read_origin(call, request));
    CO_TRY(const bool plain, flag(call, "plain", false));
    co_return co_await pass_on(call, "Fs.Logs", std::move(request), plain);
  }

  Task<Result> exec(Call& call);

 private:
  base::Result<std::shared_ptr<rpc::Channel>> channel_for(const Call& call,
                                                          wire::AllocRequest& request) const {
    TRY(request.alloc_id, id_param<base::AllocId>(call, "alloc"));
    const state::Ref<model::Allocation> alloc = readers_.store.snapshot()->alloc(request.alloc_id);
    if (!alloc)
      return base::fail(base::Code::not_found,
                        fmt::format("Unknown allocation \"{}\"", request.alloc_id.to_string()));
    std::shared_ptr<rpc::Channel> channel = channel_(alloc->node_id);
    if (!channel) return base::fail(base::Code::not_found, no_path_to_node);
    return channel;
  }

  /// Whoever is inside a task that is not isolated is on its node.
  base::Status check_isolation(const Call& call, const wire::AllocRequest& request) const {
    const state::Ref<model::Allocation> alloc = readers_.store.snapshot()->alloc(request.alloc_id);
    if (!alloc) return {};
    for (const model::Task& task : alloc->task_group().tasks)
      if (task.driver == "raw_exec" && (request.task.empty() || request.task == task.name))
        TRY_VOID(call.caller.require(Capability::alloc_node_exec, alloc->job->ns));
    return {};
  }

  static base::Status read_origin(const Call& call, wire::AllocRequest& request) {
    const std::string offset = call.request.query.get("offset"),
                      origin = call.request.query.get("origin");
    const base::Result<long long> from = base::parse_int(offset.empty() ? "0" : offset);
    if (!from || *from < 0) return base::invalid("offset: not a number");
    if (!origin.empty() && origin != "start" && origin != "end")
      return base::invalid("origin: neither start nor end");
    request.offset = *from;
    request.from_end = origin == "end";
    return {};
  }

  Task<Result> with_path(Call& call, std::string method) {
    wire::AllocRequest request;
    request.argument = call.request.query.get("path");
    co_return co_await plain_call(call, std::move(method), std::move(request));
  }

  /// The stream's first line is "ok FILE\n" or "error CODE MESSAGE\n"; then come the bytes.
  Task<Result> pass_on(Call& call, std::string method, wire::AllocRequest request, bool plain) {
    CO_TRY(const std::shared_ptr<rpc::Channel> channel, channel_for(call, request));
    std::string head = wire::encode(request);
    CO_TRY(std::shared_ptr<io::Stream> stream,
           co_await channel->open(std::move(method), std::move(head)));
    std::string heard;
    CO_TRY(std::string file, co_await read_first_line(*stream, heard));
    Result answer =
        co_await stream_out(call, readers_.clock, {plain, std::move(file), request.offset},
                            bytes_of(stream, std::move(heard)));
    stream->close();
    co_return answer;
  }

  Readers readers_;
  NodeChannel channel_;
};

Task<void> exec_in(http::WebSocket& socket, io::Stream& node) {
  while (true) {
    const base::Result<http::Frame> message = co_await socket.read();
    if (!message || message->kind == http::Frame::Kind::close)
      co_return;  // nobody listens any more
    const std::string line = message->payload + "\n";
    if (const base::Status written = co_await node.write(line); !written) break;
  }
  // The node's side has ended; what it said last is still on its way to the user.
  const auto lane = co_await boost::asio::this_coro::executor;
  io::Event never(lane);
  while (true)
    co_await never.wait();
}

Task<void> exec_out(http::WebSocket& socket, io::Stream& node, std::string heard) {
  std::string buffer(read_bytes, '\0');
  while (true) {
    for (std::size_t end; (end = heard.find('\n')) != std::string::npos;) {
      std::string line = heard.substr(0, end);
      heard.erase(0, end + 1);
      if (const base::Status sent = co_await socket.send_text(std::move(line)); !sent) co_return;
    }
    const base::Result<std::size_t> n = co_await node.read_some(buffer);
    if (!n || *n == 0) co_return;
    heard.append(buffer, 0, *n);
  }
}

Task<Result> ClientPage::exec(Call& call) {
  wire::AllocRequest request;
  request.task = call.request.query.get("task");
  CO_TRY(request.tty, flag(call, "tty", false));
  const base::Result<json::Value> command = json::parse(call.request.query.get("command"));
  const json::Array* words = command ? command->as_array() : nullptr;
  if (!words || words->empty()) co_return base::invalid("command: not a JSON list of strings");
  for (const json::Value& word : *words)
    request.command.push_back(word.as_string() ? *word.as_string() : "");
  CO_TRY(const std::shared_ptr<rpc::Channel> channel, channel_for(call, request));
  CO_TRY_VOID(check_isolation(call, request));
  // Last, since a browser tells a page nothing of a refusal: the page asks without one for it.
  const std::string key(call.request.headers.get("Sec-WebSocket-Key"));
  if (key.empty()) co_return base::invalid("this route speaks websocket");
  std::string head = wire::encode(request);
  CO_TRY(const std::unique_ptr<io::Stream> node,
         co_await channel->open("Alloc.Exec", std::move(head)));
  std::string heard;
  CO_TRY_VOID(co_await read_first_line(*node, heard));
  http::Headers headers;
  headers.add("Upgrade", "websocket");
  headers.add("Connection", "Upgrade");
  headers.add("Sec-WebSocket-Accept", http::websocket_accept(key));
  // A browser insists on one of those it offered; never the one that is a token.
  if (call.request.headers.get("Sec-WebSocket-Protocol").starts_with(exec_protocol))
    headers.add("Sec-WebSocket-Protocol", std::string(exec_protocol));
  std::string already_read;
  CO_TRY(io::Stream * stream, co_await call.responder.upgrade(std::move(headers), already_read));
  http::WebSocket socket(*stream, std::move(already_read), false);
  Answer answer;
  answer.sent = true;
  co_await (exec_out(socket, *node, heard) || exec_in(socket, *node));
  (void)co_await socket.close(1000, "");
  co_return answer;
}

}  // namespace

std::vector<Route> client_routes(const Readers& readers, NodeChannel channel) {
  const auto page = std::make_shared<ClientPage>(readers, std::move(channel));
  const auto to = handlers_of(page);
  const Need files{Capability::read_fs, Scope::allocation},
      logs{Capability::read_logs, Scope::allocation},
      reads{Capability::read_job, Scope::allocation},
      acts{Capability::alloc_lifecycle, Scope::allocation},
      collects{Capability::gc_allocation, Scope::allocation},
      runs{Capability::alloc_exec, Scope::allocation,
           "and namespace:alloc-node-exec for tasks of raw_exec"};
  return {
      {"GET", "/v1/client/fs/ls/:id", files, to(&ClientPage::list_files)},
      {"GET", "/v1/client/fs/stat/:id", files, to(&ClientPage::stat_file)},
      {"GET", "/v1/client/fs/cat/:id", files, to(&ClientPage::cat)},
      {"GET", "/v1/client/fs/readat/:id", files, to(&ClientPage::read_at)},
      {"GET", "/v1/client/fs/stream/:id", files, to(&ClientPage::stream_file)},
      {"GET", "/v1/client/fs/logs/:id", logs, to(&ClientPage::logs)},
      {"GET", "/v1/client/allocation/:id/stats", reads, to(&ClientPage::stats)},
      {"GET", "/v1/client/allocation/:id/checks", reads, to(&ClientPage::checks)},
      {"GET", "/v1/allocation/:id/checks", reads, to(&ClientPage::checks)},
      {"PUT POST", "/v1/client/allocation/:id/restart", acts, to(&ClientPage::restart)},
      {"PUT POST", "/v1/client/allocation/:id/signal", acts, to(&ClientPage::signal)},
      {"GET PUT POST", "/v1/client/allocation/:id/gc", collects, to(&ClientPage::collect)},
      {"GET", "/v1/client/allocation/:id/exec", runs, to(&ClientPage::exec)},
  };
}

}  // namespace caravan::api::nomad
