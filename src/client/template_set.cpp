// SPDX-License-Identifier: Apache-2.0
#include "client/template_set.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template.hpp"

namespace caravan::client {
namespace {

namespace fs = std::filesystem;

/// What templates may read: the environment, files inside the allocation, and what the servers
/// say.
class Source : public expr::DataSource {
 public:
  Source(io::World& world, const TaskEnv& env, TaskData& data,
         std::function<base::Result<std::string>(const std::string&)> resolve)
      : world_(world), env_(env), data_(data), resolve_(std::move(resolve)) {}

  base::Result<json::Value> fetch(const expr::Dependency& d) override {
    if (d.kind == "env") {
      const std::optional<std::string> value =
          env_.lookup(d.arguments.empty() ? "" : d.arguments[0]);
      return value ? json::Value(*value) : json::Value("");
    }
    if (d.kind == "file" && !d.arguments.empty()) {
      TRY(const std::string path, resolve_(d.arguments[0]));
      base::Result<std::string> content = world_.disk.read_file(path);
      if (!content && content.error().code == base::Code::not_found) return json::Value();
      if (!content) return std::unexpected(content.error());
      return json::Value(*std::move(content));
    }
    if (TaskData::is_asked(d.kind)) return data_.get(d);
    return base::invalid(fmt::format("the function \"{}\" is not built yet", d.kind));
  }
  base::Instant now() override { return world_.clock.now(); }

 private:
  io::World& world_;
  const TaskEnv& env_;
  TaskData& data_;
  std::function<base::Result<std::string>(const std::string&)> resolve_;
};

/// KEY=VALUE lines; comments and empty lines are fine, quotes around a value go.
void read_env_lines(const std::string& text, std::map<std::string, std::string>& into) {
  for (const std::string& raw : base::split(text, '\n')) {
    std::string_view line = base::trim(raw);
    if (line.starts_with("export ")) line = base::trim(line.substr(7));
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string_view::npos) continue;
    std::string_view value = base::trim(line.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    into[std::string(base::trim(line.substr(0, equals)))] = value;
  }
}

unsigned octal(const std::string& perms) {
  return static_cast<unsigned>(std::stoul(perms, nullptr, 8));
}

}  // namespace

TemplateSet::TemplateSet(Host& host, const base::AllocId& alloc, const model::Task& task,
                         const AllocDir& dir)
    : host_(host), world_(host.world), task_(task), dir_(dir), data_(host, alloc, task.name) {}

base::Status TemplateSet::render(const TaskEnv& env) {
  changed_.clear();
  for (const model::Template& t : task_.templates)
    TRY_VOID(render_one(t, env));
  return {};
}

bool TemplateSet::lies_there(const std::string& path, const std::string& text) const {
  const base::Result<std::string> there = world_.disk.read_file(path);
  return there && *there == text;
}

std::string TemplateSet::complaint(const expr::Dependency& missing) const {
  const std::string why = data_.refusal(missing);
  return fmt::format("Missing: {}({}){}", missing.kind, base::join(missing.arguments, ", "),
                     why.empty() ? "" : ": " + why);
}

base::Status TemplateSet::render_one(const model::Template& t, const TaskEnv& env) {
  std::string text = t.text;
  if (!t.source.empty()) {
    TRY(const std::string source, dir_.resolve(task_.name, env.interpolate(t.source)));
    TRY(text, world_.disk.read_file(source));
  }
  TRY(const expr::Template parsed,
      expr::Template::parse(text, {t.left_delimiter, t.right_delimiter, t.error_on_missing_key}));
  Source source(world_, env, data_,
                [this](const std::string& path) { return dir_.resolve(task_.name, path); });
  TRY(const expr::Rendering rendering, parsed.render(source));
  for (const expr::Dependency& used : rendering.used)
    watches_files_ = watches_files_ || (used.kind == "file" && !t.once);
  if (!rendering.complete())
    return base::fail(base::Code::unavailable, complaint(rendering.missing[0]));
  TRY(const std::string destination, dir_.resolve(task_.name, env.interpolate(t.destination)));
  const auto before = rendered_.find(destination);
  if (before != rendered_.end() && before->second == rendering.text) return {};
  if (before == rendered_.end() && lies_there(destination, rendering.text)) {
    // An agent before this one wrote it: for the task nothing has changed.
    if (t.env) read_env_lines(rendering.text, env_);
    rendered_[destination] = rendering.text;
    return {};
  }
  TRY_VOID(world_.disk.make_dirs(fs::path(destination).parent_path().string(), 0777));
  TRY_VOID(world_.disk.write_file(destination, rendering.text, octal(t.perms), t.uid, t.gid));
  if (t.env) read_env_lines(rendering.text, env_);
  rendered_[destination] = rendering.text;
  changed_.push_back(&t);
  return {};
}

}  // namespace caravan::client
