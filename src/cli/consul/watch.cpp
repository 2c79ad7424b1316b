// SPDX-License-Identifier: Apache-2.0
// watch: hands what a query shows to a program, each time it changes.
#include <cstdlib>

#include <fmt/core.h>

#include "cli/blocking.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/held_program.hpp"
#include "config/watch.hpp"
#include "json/writer.hpp"

namespace caravan::cli::consul {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration retry_interval = 1s, retry_max = 60s;

config::WatchSubject subject_of(const Flags& flags) {
  return {.type = flags.text("type"),
          .key = flags.text("key"),
          .prefix = flags.text("prefix"),
          .service = flags.text("service"),
          .state = flags.text("state"),
          .name = flags.text("name"),
          .filter = flags.text("filter"),
          .tags = flags.all("tag"),
          .passing_only = flags.on("passingonly")};
}

/// A key that is not there is an answer, too.
base::Result<Reply> ask(Context& context, const config::Watching& watching) {
  const std::uint64_t index = watching.index();
  Params params = watching.question().params;
  if (index > 0) params.emplace_back("index", fmt::format("{}", index));
  base::Result<Reply> reply = context.api().get(watching.question().path, params);
  const bool is_nothing = !reply && reply.error().code == base::Code::not_found;
  if (!is_nothing) return reply;
  Reply none;
  none.index = index;
  return none;
}

/// The program gets what is shown as its input. Errors: io.
base::Status handle(Context& context, const std::string& input, std::uint64_t index) {
  ::setenv("CONSUL_INDEX", std::to_string(index).c_str(), 1);
  TRY(const int code, run_with_input(context.words, context.flags.on("shell", true), input + "\n"));
  if (code != 0) context.err(fmt::format("the handler ended with code {}", code));
  return {};
}

int run(Context& context) {
  base::Result<config::WatchQuestion> question =
      config::watch_question(subject_of(context.flags), "-");
  if (!question) return context.wrong_use(question.error().message);
  config::Watching watching(*std::move(question));
  const base::Result<Reply> first = ask(context, watching);
  if (!first) return context.fail("Error querying Consul agent", first.error());
  std::optional<std::string> news = watching.see(first->body, first->index);
  if (context.words.empty()) {
    context.out(json::prettify(*news));
    return 0;
  }
  base::Duration again = retry_interval;
  while (true) {
    if (news) {
      const base::Status done = handle(context, *news, watching.index());
      if (!done) return context.fail("Error executing handler", done.error());
    }
    if (watching.index() == 0) pause(retry_interval);  // what is not there cannot be waited for
    const base::Result<Reply> reply = ask(context, watching);
    if (reply) {
      again = retry_interval;
      news = watching.see(reply->body, reply->index);
      continue;
    }
    context.err(fmt::format("Error querying Consul agent: {}", reply.error().message));
    pause(again);
    again = std::min(2 * again, retry_max);
    watching.lose_track();
    news.reset();
  }
}

}  // namespace

Command watch_command() {
  return {.name = "watch",
          .synopsis = "Run a program when something changes",
          .usage = "[options] [program...]",
          .help =
              "Hands what a query shows to the program, as JSON on its standard input, now and\n"
              "each time it changes; CONSUL_INDEX is its index. Without a program, prints it and\n"
              "ends. Types: key, keyprefix, services, nodes, service, checks, event (new ones).",
          .flags = {{"type", "type", "What is watched."},
                    {"key", "key", "Of type key."},
                    {"prefix", "prefix", "Of type keyprefix."},
                    {"service", "name", "Of types service and checks."},
                    {"tag", "tag", "Of type service. May be repeated."},
                    {"passingonly", "", "Of type service: those that are well only."},
                    {"state", "state", "Of type checks: any, passing, warning or critical."},
                    {"name", "name", "Of type event: those of that name only."},
                    {"filter", "expression", "What is shown of it."},
                    {"shell", "", "Run the program by $SHELL, or /bin/sh. Default = true"}},
          .words_max = 4096,
          .takes = "a program, or no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
