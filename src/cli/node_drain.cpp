// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <set>

#include <fmt/core.h>

#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 500ms;
constexpr base::Duration deadline_default = 1h;

bool confirmed(Context& context, const std::string& question) {
  if (context.flags.on("yes")) return true;
  context.raw(question + " [y/N] ");
  std::fflush(stdout);
  char line[16] = "";
  const bool answered = std::fgets(line, sizeof line, stdin) != nullptr;
  if (answered && (line[0] == 'y' || line[0] == 'Y')) return true;
  context.out("Canceled");
  return false;
}

/// Follows a drain to its end: what is told to go, what went, and when nothing is left.
class DrainMonitor {
 public:
  DrainMonitor(Context& context, std::string node) : context_(context), node_(std::move(node)) {}

  int run() {
    while (true) {
      const base::Result<Reply> node = context_.api().get("/v1/node/" + node_);
      if (!node) return context_.fail("Error monitoring the drain", node.error());
      const base::Result<Reply> allocs = context_.api().get("/v1/node/" + node_ + "/allocations");
      if (!allocs) return context_.fail("Error monitoring the drain", allocs.error());
      std::size_t left = 0;
      for (const json::Value& alloc : list(allocs->body))
        left += look_at(alloc) ? 1 : 0;
      if (!boolean(node->body, "Drain")) {
        if (!std::exchange(complete_, true)) say("Drain complete for node " + node_);
        if (left == 0 || !was_draining_) {
          say(fmt::format("All allocations on node \"{}\" have stopped", node_));
          return 0;
        }
      } else {
        was_draining_ = true;
      }
      if (context_.output_is_broken()) return 0;
      pause(look_interval);
    }
  }

  void say(const std::string& line) {
    context_.out(fmt::format("{}: {}", format_time(now_ns()), line));
  }

 private:
  /// Whether it still runs and has to go.
  bool look_at(const json::Value& alloc) {
    const std::string id = text(alloc, "ID"), status = text(alloc, "ClientStatus");
    const bool ended = status == "complete" || status == "failed" || status == "lost";
    if (ended && !statuses_.contains(id)) return false;  // before we looked
    if (boolean(alloc.at("DesiredTransition"), "Migrate") && marked_.insert(id).second)
      say(fmt::format("Alloc \"{}\" marked for migration", id));
    if (text(alloc, "DesiredStatus") == "stop" && leaving_.insert(id).second)
      say(fmt::format("Alloc \"{}\" draining", id));
    std::string& known = statuses_[id];
    if (!known.empty() && known != status)
      say(fmt::format("Alloc \"{}\" status {} -> {}", id, known, status));
    known = status;
    return !ended && (marked_.contains(id) || leaving_.contains(id));
  }

  Context& context_;
  std::string node_;
  std::map<std::string, std::string> statuses_;
  std::set<std::string> marked_, leaving_;
  bool complete_ = false, was_draining_ = false;
};

base::Result<json::Object> request_of(const Context& context, const std::string& node) {
  const Flags& flags = context.flags;
  json::Object meta;
  for (const std::string& pair : flags.all("meta")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return base::invalid(fmt::format("-meta: \"{}\" is not key=value", pair));
    meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  if (const std::string message = flags.text("m", ""); !message.empty()) meta["message"] = message;
  json::Object body = {{"NodeID", node}, {"Meta", meta}};
  if (flags.on("disable")) {
    body["DrainSpec"] = nullptr;
    body["MarkEligible"] = !flags.on("keep-ineligible");
    return body;
  }
  base::Duration deadline = deadline_default;
  if (flags.given("deadline")) {
    TRY(deadline, base::parse_duration(flags.text("deadline", "")));
    if (deadline <= 0s) return base::invalid("-deadline: must be above 0");
  }
  if (flags.on("no-deadline")) deadline = 0s;
  if (flags.on("force")) deadline = -1s;
  body["DrainSpec"] = json::Object{{"Deadline", std::int64_t{deadline.count()}},
                                   {"IgnoreSystemJobs", flags.on("ignore-system")}};
  return body;
}

/// "" when the flags make sense together.
std::string contradiction(const Context& context) {
  const Flags& flags = context.flags;
  const bool enable = flags.on("enable"), disable = flags.on("disable");
  if (enable && disable) return "The '-enable' and '-disable' flags can't be used together";
  if (!enable && !disable && !flags.on("monitor"))
    return "Either the '-enable' or '-disable' flag must be set, unless using '-monitor'";
  if (flags.on("force") + flags.on("no-deadline") + flags.given("deadline") > 1)
    return "The -force, -no-deadline and -deadline flags can't be used together";
  if (flags.on("self") == !context.words.empty())
    return "Node ID must be specified if -self isn't being used";
  return "";
}

int run(Context& context) {
  if (const std::string wrong = contradiction(context); !wrong.empty())
    return context.wrong_use(wrong);
  const std::string node = target_node(context);
  if (node.empty()) return 1;
  DrainMonitor monitor(context, node);
  const bool enable = context.flags.on("enable"), disable = context.flags.on("disable");
  if (!enable && !disable) return monitor.run();
  const base::Result<json::Object> body = request_of(context, node);
  if (!body) return context.wrong_use(body.error().message);
  if (!confirmed(context, fmt::format("Are you sure you want to {} drain mode for node \"{}\"?",
                                      enable ? "enable" : "disable", node)))
    return 0;
  const bool follows = enable && !context.flags.on("detach");
  if (follows) monitor.say("Ctrl-C to stop monitoring: will not cancel the node drain");
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/node/" + node + "/drain", *body);
  if (!reply) return context.fail("Error updating drain specification", reply.error());
  if (!follows) {
    context.out(fmt::format("Node \"{}\" drain strategy {}", node, enable ? "set" : "unset"));
    return 0;
  }
  monitor.say(fmt::format("Node \"{}\" drain strategy set", node));
  return monitor.run();
}

}  // namespace

Command node_drain_command() {
  return {.name = "node drain",
          .alias = "node-drain",
          .synopsis = "Toggle drain mode on a given node",
          .usage = "[options] <node>",
          .help =
              "Moves what runs on a node elsewhere, as fast as each group's migrate block\n"
              "allows, and follows it to its end. The node gets nothing new meanwhile, and\n"
              "afterwards until it is made eligible again.",
          .flags = {{"enable", "", "Begin."},
                    {"disable", "", "Call it off; the node becomes eligible."},
                    {"deadline", "duration", "When whatever is left has to go. Default = 1h"},
                    {"force", "", "At once, whatever the migrate blocks say."},
                    {"no-deadline", "", "However long it takes."},
                    {"ignore-system", "", "Leave system jobs where they are."},
                    {"keep-ineligible", "", "With -disable: the node stays ineligible."},
                    {"m", "message", "Why, for the node's record."},
                    {"meta", "key=value", "More for the record; may be repeated."},
                    {"self", "", "The node of the agent that is asked."},
                    {"monitor", "", "Only follow a drain that was begun."},
                    {"detach", "", "Do not follow it."},
                    {"yes", "", "Ask nothing."}},
          .words_max = 1,
          .takes = "one argument: <node>, or -self",
          .run = run};
}

}  // namespace caravan::cli
