// SPDX-License-Identifier: Apache-2.0
// What is said to a CNI plugin and what it answers, as version 1.0.0 of that specification has it
// (older lists work the same). Pure; cni.hpp runs the programs.
#pragma once

#include "client/network_record.hpp"
#include "model/allocation.hpp"

namespace caravan::client {

/// One namespace's place in one network.
struct CniAttachment {
  std::string container_id;
  std::string namespace_path;
  std::string interface = "eth0";  // inside
  std::map<std::string, std::string> args;
  std::vector<PublishedPort> ports;  // each for tcp and udp
};

/// The plugin programs of a list, in order: those it chains, not what they call themselves.
std::vector<std::string> plugin_types(const json::Value& conflist);

/// The configuration that plugin `index` of the list reads on its standard input. `previous`: the
/// result so far, or null. Errors: invalid (the list has no such plugin).
base::Result<json::Value> plugin_input(const json::Value& conflist, std::size_t index,
                                       const CniAttachment& attachment,
                                       const json::Value& previous);

/// "KEY=VALUE" each; pairs that would break the form (a ';' inside) are left out.
std::string cni_args(const std::map<std::string, std::string>& args);

/// A plugin's complaint in one line.
std::string plugin_error(const std::string& out, const std::string& err);

/// What the servers and the tasks are told of a result. Errors: invalid (no address inside).
base::Result<model::NetworkStatus> network_status(const json::Value& result);

/// The version out of what a plugin prints of itself when it is asked for nothing. A build that
/// does not know its own is taken for the newest specification that it speaks: no release speaks a
/// version above its own. "" when the text is none of a plugin's.
std::string plugin_version(const std::string& text);

}  // namespace caravan::client
