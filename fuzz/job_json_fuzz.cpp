// SPDX-License-Identifier: Apache-2.0
// Any text as the JSON of a job: read, checked, written, and read again to the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/reader.hpp"
#include "model/job.hpp"
#include "wire/shape.hpp"
#include "wire/job_in.hpp"
#include "wire/json_out.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  const std::string text(reinterpret_cast<const char*>(data), size);
  base::Result<json::Value> value = json::parse(text);
  if (!value) return 0;
  const base::Result<model::Job> job = wire::job_from_json(*value);
  if (json::Object* object = value->as_object()) wire::fill_nulls<model::Job>(*object);
  if (!job) return 0;
  (void)model::validate(*job);
  (void)model::warnings(*job);
  (void)model::not_built(*job);
  const std::string written = wire::to_json(*job);
  const base::Result<json::Value> again = json::parse(written);
  if (!again) std::abort();
  const base::Result<model::Job> second = wire::job_from_json(*again);
  if (second && wire::to_json(*second) != written) std::abort();
  return 0;
}
