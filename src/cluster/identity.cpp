// SPDX-License-Identifier: Apache-2.0
#include "cluster/identity.hpp"

#include <fmt/core.h>

#include "io/durable_dirs.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::cluster {
namespace {

constexpr consensus::ServerId lone_server = 1;
constexpr std::uint64_t id_limit = std::uint64_t{1} << 53;  // exact in every reader of JSON

base::Result<consensus::ServerId> parse_id(const json::Value* value) {
  const std::int64_t* id = value ? value->as_int() : nullptr;
  if (!id || *id <= 0) return base::invalid("a server's number must be above 0");
  return static_cast<consensus::ServerId>(*id);
}

}  // namespace

consensus::ServerId draw_server_id(io::Random& random) { return 1 + random.below(id_limit); }

std::string identity_path(const std::string& data_dir) { return data_dir + "/identity.json"; }

std::string to_text(const Identity& identity) {
  json::Array voters;
  for (const consensus::ServerId voter : identity.voters)
    voters.emplace_back(static_cast<std::int64_t>(voter));
  return json::to_pretty(json::Object{{"server", static_cast<std::int64_t>(identity.id)},
                                      {"cluster", identity.cluster.to_string()},
                                      {"proposed", identity.proposed.to_string()},
                                      {"voters", std::move(voters)}}) +
         "\n";
}

base::Result<Identity> parse_identity(std::string_view text) {
  TRY(const json::Value value, json::parse(text));
  const json::Object* object = value.as_object();
  const json::Value* cluster = object ? object->find("cluster") : nullptr;
  const json::Value* voters = object ? object->find("voters") : nullptr;
  if (!cluster || !cluster->as_string() || !voters || !voters->as_array())
    return base::invalid("\"server\", \"cluster\" and \"voters\" must be there");
  Identity identity;
  TRY(identity.id, parse_id(object->find("server")));
  TRY(identity.cluster, base::Uuid::parse(*cluster->as_string()));
  const json::Value* proposed = object->find("proposed");  // older files have none
  if (proposed && proposed->as_string()) {
    TRY(identity.proposed, base::Uuid::parse(*proposed->as_string()));
  }
  for (const json::Value& voter : *voters->as_array()) {
    TRY(const consensus::ServerId id, parse_id(&voter));
    identity.voters.push_back(id);
  }
  return identity;
}

io::Task<base::Result<Identity>> load_identity(io::World& world, const std::string& data_dir) {
  const std::string path = identity_path(data_dir);
  if (world.disk.exists(path)) {
    CO_TRY(const std::string text, world.disk.read_file(path));
    base::Result<Identity> known = parse_identity(text);
    if (!known) co_return base::invalid(fmt::format("{}: {}", path, known.error().message));
    co_return known;
  }
  Identity fresh;
  fresh.id = world.disk.exists(data_dir + "/log") ? lone_server : draw_server_id(world.random);
  CO_TRY_VOID(co_await io::make_durable_dirs(world.disk, data_dir));
  CO_TRY_VOID(co_await save_identity(world, data_dir, fresh));
  co_return fresh;
}

io::Task<base::Status> save_identity(io::World& world, const std::string& data_dir,
                                     const Identity& identity) {
  const std::string text = to_text(identity);
  co_return co_await world.disk.replace_file(identity_path(data_dir), text, 0600);
}

}  // namespace caravan::cluster
