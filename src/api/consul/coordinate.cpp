// SPDX-License-Identifier: Apache-2.0
// Where nodes stand in the network. Of other datacenters nothing is known here.
#include <boost/asio/awaitable.hpp>

#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"
#include "io/task.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using CoordinateRef = state::Ref<model::NodeCoordinate>;

constexpr const char* wide_area = "wan";

json::Object node_place_json(const model::NodeCoordinate& one) {
  return {{"Node", one.node}, {"Segment", ""}, {"Coord", place_json(one.coordinate)}};
}

class CoordinatePage {
 public:
  CoordinatePage(const Readers& readers, server::Coordinates& coordinates, io::World& world,
                 std::string datacenter)
      : readers_(readers),
        coordinates_(coordinates),
        world_(world),
        datacenter_(std::move(datacenter)) {}

  Task<Result> nodes(Call& call) {
    const Look look = [&call](const Tables& tables) -> base::Result<View> {
      json::Array rows;
      tables.coordinates.each([&](const std::string&, const CoordinateRef& one) {
        if (may_see(call, *one)) rows.emplace_back(node_place_json(*one));
      });
      return filtered(call, std::move(rows), tables.index_of(Table::coordinates));
    };
    co_return co_await read(readers_, call, {state::key::table(Table::coordinates)}, look);
  }

  Task<Result> node(Call& call) {
    const std::string name = base::to_lower(call.param("name"));
    const Look look = [&call, name](const Tables& tables) -> base::Result<View> {
      const CoordinateRef* one = tables.coordinates.find(name);
      const std::uint64_t index = tables.index_of(Table::coordinates);
      if (!one || !may_see(call, **one)) return View{.body = "", .index = index, .status = 404};
      json::Array rows = {node_place_json(**one)};
      return View{json::to_string(std::move(rows)), index};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::coordinates)}, look);
  }

  /// Of the servers here.
  Task<Result> datacenters(Call& call) {
    const state::Snapshot tables = readers_.store.snapshot();
    json::Array servers;
    for (const catalog::Instance& server : catalog::instances(*tables, "consul"))
      if (const CoordinateRef* one = tables->coordinates.find(base::to_lower(server.node->name));
          one && may_see(call, **one))
        servers.emplace_back(
            json::Object{{"Node", (*one)->node}, {"Coord", place_json((*one)->coordinate)}});
    json::Array all;
    all.emplace_back(json::Object{{"Datacenter", datacenter_},
                                  {"AreaID", wide_area},
                                  {"Coordinates", std::move(servers)}});
    co_return json_answer(std::move(all));
  }

  Task<Result> update(Call& call) {
    CO_TRY(const json::Object body, body_of(call));
    base::Result<model::NodeCoordinate> told =
        wire::from_json<model::NodeCoordinate>(json::Value(body), "Coordinate");
    if (!told) co_return base::invalid("Request decode failed: " + told.error().message);
    CO_TRY_VOID(call.caller.require(Capability::catalog_node_write, told->node));
    CO_TRY_VOID(co_await io::on(world_.executor.lane(io::Lane::main),
                                note_there(coordinates_, *std::move(told))));
    co_return empty_answer();
  }

 private:
  static bool may_see(const Call& call, const model::NodeCoordinate& one) {
    return call.caller.may(Capability::catalog_node_read, one.node);
  }
  static Task<base::Status> note_there(server::Coordinates& coordinates,
                                       model::NodeCoordinate told) {
    co_return coordinates.note(std::move(told));
  }

  const Readers readers_;
  server::Coordinates& coordinates_;
  io::World& world_;
  const std::string datacenter_;
};

}  // namespace

std::vector<Route> coordinate_routes(const Readers& readers, server::Coordinates& coordinates,
                                     io::World& world, std::string datacenter) {
  const auto to = handlers_of(
      std::make_shared<CoordinatePage>(readers, coordinates, world, std::move(datacenter)));
  const Need reads{Capability::anyone, Scope::handler, "node:read; others are left out"};
  const Need writes{Capability::anyone, Scope::handler, "node:write"};
  return {{"GET", "/v1/coordinate/datacenters", reads, to(&CoordinatePage::datacenters)},
          {"GET", "/v1/coordinate/nodes", reads, to(&CoordinatePage::nodes)},
          {"GET", "/v1/coordinate/node/:name", reads, to(&CoordinatePage::node)},
          {"PUT", "/v1/coordinate/update", writes, to(&CoordinatePage::update)}};
}

}  // namespace caravan::api::consul
