// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "json/reader.hpp"

namespace caravan::cli::consul {
namespace {

struct Imported {
  std::string key, value;
  std::uint64_t flags = 0;
};

base::Result<Imported> imported(const json::Value& entry) {
  Imported one;
  one.key = text(entry, "key");
  if (one.key.empty()) return base::invalid("an entry has no key");
  base::Result<std::string> value = base::base64_decode(text(entry, "value"));
  if (!value)
    return base::invalid(fmt::format("value of \"{}\": {}", one.key, value.error().message));
  one.value = *std::move(value);
  const json::Value& flags = entry.at("flags");
  const std::optional<std::uint64_t> number = flags.is_null() ? 0 : flags.as_unsigned();
  if (!number)
    return base::invalid(fmt::format("flags of \"{}\": not a number from 0 to 2^64-1", one.key));
  one.flags = *number;
  return one;
}

int run(Context& context) {
  const std::string prefix = context.flags.text("prefix");
  const base::Result<std::string> data = data_of(context.words.empty() ? "-" : context.words[0]);
  if (!data) return context.fail("Error! Invalid data", data.error());
  const base::Result<json::Value> parsed = json::parse(*data);
  if (!parsed) return context.fail("Cannot unmarshal data", parsed.error());
  if (!parsed->as_array()) return context.fail("Cannot unmarshal data: not an array of entries");
  std::vector<Imported> all;
  for (const json::Value& entry : *parsed->as_array()) {
    base::Result<Imported> one = imported(entry);
    if (!one) return context.fail("Cannot unmarshal data", one.error());
    all.push_back(*std::move(one));
  }
  for (const Imported& one : all) {
    const base::Result<Reply> reply = context.api().send_text(
        "PUT", kv_path(prefix + one.key), one.value, {{"flags", fmt::format("{}", one.flags)}});
    if (!reply) return context.fail("Error! Failed writing data for key " + one.key, reply.error());
    context.out("Imported: " + prefix + one.key);
  }
  return 0;
}

}  // namespace

Command kv_import_command() {
  return {.name = "kv import",
          .synopsis = "Write what was exported into the key-value store",
          .usage = "[options] [data]",
          .help =
              "Writes the entries of JSON that `kv export` has printed: the data itself, '@file',\n"
              "or '-' for standard input, which is the default. What is wrong is found before\n"
              "anything is written.",
          .flags = {{"prefix", "text", "Put before each key."}},
          .words_max = 1,
          .takes = "at most one argument: <data>",
          .run = run};
}

}  // namespace caravan::cli::consul
