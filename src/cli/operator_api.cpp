// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// "http://host/v1/jobs", "/v1/jobs", "v1/jobs" and "jobs" mean the same.
std::string path_of(std::string text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    const std::size_t slash = text.find('/', scheme + 3);
    text = slash == std::string::npos ? "/" : text.substr(slash);
  }
  if (!text.starts_with('/')) text = "/" + text;
  return text.starts_with("/v1/") || text.starts_with("/.well-known") || text.starts_with("/ui")
             ? text
             : "/v1" + text;
}

int run(Context& context) {
  const std::string path = path_of(context.words[0]);
  std::string body;
  if (context.words.size() > 1) {
    base::Result<std::string> given = read_text(context.words[1]);
    if (!given) return context.fail(given.error().message);
    body = std::move(*given);
  }
  http::Headers headers;
  for (const std::string& header : context.flags.all("H")) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos)
      return context.wrong_use(
          fmt::format("-H: \"{}\" is not 'Name: value'", base::printable(header, 128)));
    headers.add(header.substr(0, colon), std::string(base::trim(header.substr(colon + 1))));
  }
  Params params;
  if (const std::string filter = context.flags.text("filter"); !filter.empty())
    params.emplace_back("filter", filter);
  const std::string method = context.flags.text("X", body.empty() ? "GET" : "POST");
  if (context.flags.on("dryrun")) {
    context.out(fmt::format("{} {}{}", method, context.api().settings().address,
                            context.api().target(path, params)));
    return 0;
  }
  if (context.flags.on("verbose"))
    context.err(fmt::format("> {} {}", method, context.api().target(path, params)));
  const base::Result<Reply> reply = context.api().send_text(method, path, body, params, headers);
  if (!reply) return context.fail(reply.error().message);
  context.raw(reply->text);
  return 0;
}

}  // namespace

Command operator_api_command() {
  return {.name = "operator api",
          .synopsis = "Call the HTTP API",
          .usage = "[options] <path> [<file>]",
          .help =
              "Sends one request with the address, token and namespace of this command line, "
              "and\nprints the body of the answer. A file, or \"-\" for standard input, becomes "
              "the body.",
          .flags = {{"X", "method", "The method. Default = GET, or POST with a body"},
                    {"H", "header", "A header, 'Name: value'; may be repeated."},
                    {"filter", "expression", "The filter parameter."},
                    {"dryrun", "", "Say what would be sent, and send nothing."},
                    {"verbose", "", "Say what is sent, on standard error."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <path> [<file>]",
          .run = run};
}

}  // namespace caravan::cli
