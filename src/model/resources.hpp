// SPDX-License-Identifier: Apache-2.0
// What a task asks for.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/network.hpp"
#include "model/placement.hpp"

namespace caravan::model {

struct RequestedDevice {
  std::string name;
  std::int64_t count = 1;
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  base::Unknown unknown;
  friend bool operator==(const RequestedDevice&, const RequestedDevice&) = default;
};
template <class V>
void fields(V& v, RequestedDevice& d) {
  v(1, "Name", d.name);
  v(2, "Count", d.count);
  v(3, "Constraints", d.constraints);
  v(4, "Affinities", d.affinities);
  v.unknown(d.unknown);
}

struct Resources {
  int cpu = 100;  // MHz; 0 when cores are asked for
  int cores = 0;
  int memory_mb = 300;
  int memory_mb_max = 0;  // 0 = off, -1 = no limit
  int disk_mb = 0;        // legacy, always 0
  int secrets_mb = 0;
  std::vector<NetworkResource> networks;  // legacy task networks
  std::vector<RequestedDevice> devices;
  json::Value numa;
  int iops = 0;  // legacy
  base::Unknown unknown;
  friend bool operator==(const Resources&, const Resources&) = default;
};
template <class V>
void fields(V& v, Resources& r) {
  v(1, "CPU", r.cpu);
  v(2, "Cores", r.cores);
  v(3, "MemoryMB", r.memory_mb);
  v(4, "MemoryMaxMB", r.memory_mb_max);
  v(5, "DiskMB", r.disk_mb);
  v(6, "IOPS", r.iops);
  v(7, "Networks", r.networks);
  v(8, "Devices", r.devices);
  v(9, "NUMA", r.numa);
  v(10, "SecretsMB", r.secrets_mb);
  v.unknown(r.unknown);
}

}  // namespace caravan::model
