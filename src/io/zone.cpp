// SPDX-License-Identifier: Apache-2.0
#include "io/zone.hpp"

namespace caravan::io {

base::Result<base::TimeZone> load_time_zone(Disk& disk, const std::string& name) {
  TRY(const std::string path, base::time_zone_file(name));
  if (path.empty()) return base::TimeZone();
  const base::Result<std::string> file = disk.read_file(path);
  if (!file) return base::invalid("\"" + name + "\" is unknown here: " + file.error().message);
  base::Result<base::TimeZone> zone = base::TimeZone::parse(*file);
  if (!zone) return base::invalid("\"" + name + "\": " + zone.error().message);
  return zone;
}

}  // namespace caravan::io
