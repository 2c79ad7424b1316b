// SPDX-License-Identifier: Apache-2.0
// Rows in the order of the public documentation of `job` and its own blocks.
#include "jobspec/schema.hpp"

namespace caravan::jobspec {
namespace {

constexpr AttributeRow periodic_attributes[] = {
    {"enabled", "Enabled", Kind::boolean},
    {"cron", "Spec"},
    {"crons", "Specs", Kind::texts},
    {"prohibit_overlap", "ProhibitOverlap", Kind::boolean},
    {"time_zone", "TimeZone"},
};
bool finish_periodic(json::Object& periodic) {
  periodic["SpecType"] = "cron";
  return true;
}
constinit const Schema periodic_schema = {periodic_attributes, {}, finish_periodic};

constexpr AttributeRow parameterized_attributes[] = {
    {"payload", "Payload"},
    {"meta_required", "MetaRequired", Kind::texts},
    {"meta_optional", "MetaOptional", Kind::texts},
};
constinit const Schema parameterized_schema = {parameterized_attributes, {}};

constexpr AttributeRow link_attributes[] = {{"label", "Label"}, {"url", "Url"}};
constinit const Schema link_schema = {link_attributes, {}};
constexpr AttributeRow ui_attributes[] = {{"description", "Description"}};
const BlockRow ui_blocks[] = {{"link", "Links", Shape::list, &link_schema}};
constinit const Schema ui_schema = {ui_attributes, ui_blocks};

constexpr AttributeRow strategy_attributes[] = {
    {"max_parallel", "MaxParallel", Kind::whole},
    {"on_failure", "OnFailure"},
};
constinit const Schema strategy_schema = {strategy_attributes, {}};
constexpr AttributeRow region_attributes[] = {
    {"count", "Count", Kind::whole},
    {"datacenters", "Datacenters", Kind::texts},
    {"node_pool", "NodePool"},
};
const BlockRow region_blocks[] = {{"meta", "Meta", Shape::text_map}};
constinit const Schema region_schema = {region_attributes, region_blocks};
const BlockRow multiregion_blocks[] = {
    {"strategy", "Strategy", Shape::object, &strategy_schema},
    {"region", "Regions", Shape::labelled_list, &region_schema, "Name"},
};
constinit const Schema multiregion_schema = {{}, multiregion_blocks};

constexpr AttributeRow job_attributes[] = {
    {"region", "Region"},
    {"namespace", "Namespace"},
    {"id", "ID"},
    {"name", "Name"},
    {"type", "Type"},
    {"priority", "Priority", Kind::whole},
    {"all_at_once", "AllAtOnce", Kind::boolean},
    {"datacenters", "Datacenters", Kind::texts},
    {"node_pool", "NodePool"},
    {"depends_on", "DependsOn", Kind::texts},
    {"consul_token", "ConsulToken"},
    {"vault_token", "VaultToken"},
};
// "task", "vault" and "secret" are shorthands; sugar.cpp moves them to where they belong.
const BlockRow job_blocks[] = {
    {"constraint", "Constraints", Shape::list, &constraint_schema},
    {"affinity", "Affinities", Shape::list, &affinity_schema},
    {"group", "TaskGroups", Shape::labelled_list, &group_schema, "Name"},
    {"update", "Update", Shape::object, &update_schema},
    {"multiregion", "Multiregion", Shape::object, &multiregion_schema},
    {"spread", "Spreads", Shape::list, &spread_schema},
    {"periodic", "Periodic", Shape::object, &periodic_schema},
    {"parameterized", "ParameterizedJob", Shape::object, &parameterized_schema},
    {"reschedule", "Reschedule", Shape::object, &reschedule_schema},
    {"migrate", "Migrate", Shape::object, &migrate_schema},
    {"meta", "Meta", Shape::text_map},
    {"ui", "UI", Shape::object, &ui_schema},
    {"task", "task", Shape::labelled_list, &task_schema, "Name"},
    {"vault", "vault", Shape::object, &vault_schema},
    {"secret", "secret", Shape::labelled_list, &secret_schema, "Name"},
};

}  // namespace

constinit const Schema job_schema = {job_attributes, job_blocks};

}  // namespace caravan::jobspec
