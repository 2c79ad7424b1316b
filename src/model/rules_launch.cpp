// SPDX-License-Identifier: Apache-2.0
// What makes children of a job: a calendar, or requests with a payload.
#include <set>

#include "base/cron.hpp"
#include "model/rules.hpp"

namespace caravan::model::rules {

namespace {
constexpr std::size_t cron_specs_max = 64;
}

void check_periodic(Complaints& c, const PeriodicConfig& periodic) {
  if (periodic.spec_type != "cron")
    c.add("Job.Periodic.SpecType: \"{}\" is not cron", base::printable(periodic.spec_type, 64));
  if (!periodic.spec.empty() && !periodic.specs.empty())
    c.add("Job.Periodic: Spec and Specs exclude each other");
  if (periodic.spec.empty() && periodic.specs.empty()) c.add("Job.Periodic.Specs: missing");
  if (periodic.specs.size() > cron_specs_max)
    return c.add("Job.Periodic.Specs: {} of them, the limit is {}", periodic.specs.size(),
                 cron_specs_max);
  const auto check = [&](const std::string& at, const std::string& spec) {
    if (const auto cron = base::Cron::parse(spec); !cron) c.add("{}: {}", at, cron.error().message);
  };
  if (!periodic.spec.empty()) check("Job.Periodic.Spec", periodic.spec);
  for (std::size_t i = 0; i < periodic.specs.size(); ++i)
    check(fmt::format("Job.Periodic.Specs[{}]", i), periodic.specs[i]);
  if (const auto file = base::time_zone_file(periodic.time_zone); !file)
    c.add("Job.Periodic.TimeZone: {}", file.error().message);
}

void check_parameterized(Complaints& c, const ParameterizedJob& parameterized) {
  static const std::set<std::string> payloads = {"optional", "required", "forbidden"};
  if (!payloads.contains(parameterized.payload))
    c.add("Job.ParameterizedJob.Payload: \"{}\" is none of optional, required, forbidden",
          base::printable(parameterized.payload, 64));
  const std::set<std::string> required(parameterized.meta_required.begin(),
                                       parameterized.meta_required.end());
  for (const std::string& key : parameterized.meta_optional)
    if (required.contains(key))
      c.add("Job.ParameterizedJob.MetaOptional: \"{}\" is required too", base::printable(key, 64));
}

}  // namespace caravan::model::rules
