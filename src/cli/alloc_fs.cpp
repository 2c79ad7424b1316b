// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/alloc_target.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/tail.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string file_table(const json::Array& files, bool machine, bool with_type) {
  Rows rows = {{"Mode", "Size", "Modified Time"}};
  if (with_type) rows[0].push_back("Content Type");
  rows[0].push_back("Name");
  for (const json::Value& file : files) {
    const std::int64_t size = integer(file, "Size");
    std::vector<std::string> row = {
        text(file, "FileMode"),
        machine ? fmt::format("{}", size) : format_bytes(static_cast<double>(size)),
        format_time(file.at("ModTime"))};
    if (with_type) row.push_back(text(file, "ContentType"));
    row.push_back(text(file, "Name") + (boolean(file, "IsDir") ? "/" : ""));
    rows.push_back(std::move(row));
  }
  return table(rows, "");
}

int run(Context& context) {
  const base::Result<Tail> tail = tail_of(context.flags);
  if (!tail) return context.wrong_use(tail.error().message);
  const std::optional<json::Value> alloc = target_alloc(context, context.words[0]);
  if (!alloc) return 1;
  const std::string id = text(*alloc, "ID");
  Params params = in_namespace_of(*alloc);
  params.emplace_back("path", context.words.size() > 1 ? context.words[1] : "/");
  const base::Result<Reply> stat = context.api().get("/v1/client/fs/stat/" + id, params);
  if (!stat) return context.fail(stat.error().message);
  const bool machine = context.flags.on("H");
  if (context.flags.on("stat")) {
    context.out(file_table({stat->body}, machine, true));
    return 0;
  }
  if (boolean(stat->body, "IsDir")) {
    const base::Result<Reply> files = context.api().get("/v1/client/fs/ls/" + id, params);
    if (!files) return context.fail("Error listing files", files.error());
    context.out(file_table(list(files->body), machine, false));
    return 0;
  }
  const base::Status copied =
      copy_tail(context, "/v1/client/fs/stream/" + id, params, *tail, false);
  return copied ? 0 : context.fail("Error reading file", copied.error());
}

}  // namespace

Command alloc_fs_command() {
  return {.name = "alloc fs",
          .alias = "fs",
          .synopsis = "List the files of an allocation, or print one",
          .usage = "[options] <allocation> [<path>]",
          .help =
              "Lists a directory of the allocation, or prints a file of it. Paths begin at "
              "the\nallocation's directory.",
          .flags = tail_flags({{"stat", "", "What kind of file it is, instead of what is in it."},
                               {"H", "", "Sizes as plain numbers, for machines."},
                               {"job", "", "The first word is a job: take one of its allocations."},
                               {"group", "group", "Of that job, take an allocation of this group."},
                               {"verbose", "", "Whole ids in messages."}}),
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <allocation> [<path>]",
          .run = run};
}

}  // namespace caravan::cli
