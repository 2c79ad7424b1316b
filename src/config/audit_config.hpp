// SPDX-License-Identifier: Apache-2.0
// Where it is written down who asked for what. Keys and defaults are those of Nomad's public
// documentation of the audit block.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/key.hpp"

namespace caravan::config {

struct AuditSink {
  std::string type = "file", format = "json";
  std::string delivery_guarantee = "enforced";  // or best-effort
  std::string path;                             // "": audit/audit.log in the data folder
  std::string mode = "0600";
  std::int64_t rotate_bytes = 0;  // 0: not by size
  base::Duration rotate_duration = 24h;
  int rotate_max_files = 0;  // 0: none is deleted
};
template <class V>
void keys(V& v, AuditSink& s) {
  v("type", s.type);
  v("format", s.format);
  v("delivery_guarantee", s.delivery_guarantee);
  v("path", s.path);
  v("mode", s.mode);
  v("rotate_bytes", s.rotate_bytes);
  v("rotate_duration", s.rotate_duration);
  v("rotate_max_files", s.rotate_max_files);
}

/// What matches all three lists is left out; an empty list matches everything.
struct AuditFilter {
  std::string type = "HTTPEvent";
  std::vector<std::string> endpoints, stages, operations;  // '*' stands for any run of characters
};
template <class V>
void keys(V& v, AuditFilter& f) {
  v("type", f.type);
  v("endpoints", f.endpoints);
  v("stages", f.stages);
  v("operations", f.operations);
}

struct AuditConfig {
  bool enabled = false;
  std::map<std::string, AuditSink> sinks;  // none: one with the defaults
  std::map<std::string, AuditFilter> filters;
};
template <class V>
void keys(V& v, AuditConfig& a) {
  v("enabled", a.enabled);
  v.labelled("sink", a.sinks);
  v.labelled("filter", a.filters);
}

}  // namespace caravan::config
