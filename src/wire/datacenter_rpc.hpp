// SPDX-License-Identifier: Apache-2.0
// What servers ask those of other datacenters about their registries.
#pragma once

#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/prepared_query.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// "Catalog.Find": asks a server of another datacenter what a prepared query finds there, in the
/// name of whom. Of more instances than are told, the first ones count.
struct CatalogFind {
  model::QueryService query;
  std::string secret;  // of a token; "": nobody's
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogFind& f) {
  v(1, "Query", f.query);
  v(2, "Secret", f.secret);
  v.unknown(f.unknown);
}
inline constexpr std::size_t found_instances_max = 4096;
inline constexpr const char* find_method = "Catalog.Find";
/// Takes a question as it travels by UDP or TCP; see server/server_service.cpp.
inline constexpr const char* name_method = "Catalog.Name";

struct FoundInstance {
  model::CatalogNode node;
  model::CatalogService service;
  std::vector<model::CatalogCheck> checks;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, FoundInstance& f) {
  v(1, "Node", f.node);
  v(2, "Service", f.service);
  v(3, "Checks", f.checks);
  v.unknown(f.unknown);
}

struct CatalogFound {
  std::vector<FoundInstance> instances;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CatalogFound& f) {
  v(1, "Instances", f.instances);
  v.unknown(f.unknown);
}

}  // namespace caravan::wire
