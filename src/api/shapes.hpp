// SPDX-License-Identifier: Apache-2.0
// The public JSON of nouns whose shape differs from their field list: what is computed, shortened
// or hidden. Pure.
#pragma once

#include "json/writer.hpp"
#include "state/tables.hpp"

namespace caravan::api {

std::string job_json(const model::Job& job);
std::string job_stub(const model::Job& job, const state::Tables& tables, bool with_meta);
std::string node_json(const model::Node& node);
std::string node_stub(const model::Node& node, bool with_resources);
std::string alloc_json(const model::Allocation& alloc);
/// As streams of events show it: without the job, which has events of its own.
std::string alloc_event_json(const model::Allocation& alloc);
std::string alloc_stub(const model::Allocation& alloc, bool with_task_states, bool with_resources);
std::string eval_json(const model::Evaluation& eval);
std::string eval_stub(const model::Evaluation& eval);
std::string deployment_json(const model::Deployment& deployment);

}  // namespace caravan::api
