// SPDX-License-Identifier: Apache-2.0
#include "client/cni_message.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"

namespace caravan::client {
namespace {

using json::Array;
using json::Object;

constexpr std::size_t complaint_max = 300;

const Object* plugin_at(const json::Value& conflist, std::size_t index) {
  const Array* plugins = conflist.at("plugins").as_array();
  return plugins && index < plugins->size() ? (*plugins)[index].as_object() : nullptr;
}

Array port_mappings(const std::vector<PublishedPort>& ports) {
  Array list;
  for (const PublishedPort& port : ports)
    for (const char* protocol : {"tcp", "udp"}) {
      Object mapping = {
          {"hostPort", port.host}, {"containerPort", port.inside}, {"protocol", protocol}};
      if (!port.host_ip.empty()) mapping["hostIP"] = port.host_ip;
      list.push_back(std::move(mapping));
    }
  return list;
}

std::string text_of(const json::Value& value) {
  const std::string* text = value.as_string();
  return text ? *text : "";
}

}  // namespace

std::vector<std::string> plugin_types(const json::Value& conflist) {
  std::vector<std::string> types;
  const Array* plugins = conflist.at("plugins").as_array();
  for (const json::Value& plugin : plugins ? *plugins : Array())
    types.push_back(text_of(plugin.at("type")));
  return types;
}

base::Result<json::Value> plugin_input(const json::Value& conflist, std::size_t index,
                                       const CniAttachment& attachment,
                                       const json::Value& previous) {
  const Object* plugin = plugin_at(conflist, index);
  if (!plugin) return base::invalid("a CNI configuration list without such a plugin");
  Object input = *plugin;
  input["name"] = conflist.at("name");
  input["cniVersion"] = conflist.at("cniVersion");
  const bool* maps_ports = plugin->find("capabilities")
                               ? plugin->find("capabilities")->at("portMappings").as_bool()
                               : nullptr;
  input.erase("capabilities");
  if (maps_ports && *maps_ports && !attachment.ports.empty())
    input["runtimeConfig"] = Object{{"portMappings", port_mappings(attachment.ports)}};
  if (!previous.is_null()) input["prevResult"] = previous;
  return input;
}

std::string cni_args(const std::map<std::string, std::string>& args) {
  const auto fits = [](const std::string& text) {
    return text.find_first_of(";=\n") == std::string::npos && text.find('\0') == std::string::npos;
  };
  std::string joined = "IgnoreUnknown=1";
  for (const auto& [key, value] : args)
    if (fits(key) && fits(value)) joined += fmt::format(";{}={}", key, value);
  return joined;
}

std::string plugin_error(const std::string& out, const std::string& err) {
  const base::Result<json::Value> said = json::parse(out);
  if (!said)
    return base::printable(std::string(base::trim(err.empty() ? out : err)), complaint_max);
  const std::string details = text_of(said->at("details"));
  const std::string message = text_of(said->at("msg"));
  return base::printable(details.empty() ? message : message + ": " + details, complaint_max);
}

base::Result<model::NetworkStatus> network_status(const json::Value& result) {
  model::NetworkStatus status;
  const Array none;
  const Array* found = result.at("interfaces").as_array();
  const Array& interfaces = found ? *found : none;
  const Array* addresses = result.at("ips").as_array();
  for (const json::Value& ip : addresses ? *addresses : none) {
    const std::string text = text_of(ip.at("address"));
    const std::string address = text.substr(0, text.find('/'));
    const std::int64_t* at = ip.at("interface").as_int();
    std::string name;
    if (at && *at >= 0 && static_cast<std::size_t>(*at) < interfaces.size()) {
      const json::Value& interface = interfaces[static_cast<std::size_t>(*at)];
      if (text_of(interface.at("sandbox")).empty()) continue;  // of the host
      name = text_of(interface.at("name"));
    }
    std::string& into =
        address.find(':') == std::string::npos ? status.address : status.address_ipv6;
    if (!into.empty()) continue;  // the first of each kind
    into = address;
    if (status.interface.empty()) status.interface = name;
  }
  if (status.address.empty() && status.address_ipv6.empty())
    return base::invalid("the CNI plugins gave no address");
  if (status.address.empty()) status.address = status.address_ipv6;
  return status;
}

std::string plugin_version(const std::string& text) {
  if (!text.starts_with("CNI ")) return "";
  const std::vector<std::string> lines = base::split(text, '\n');
  const std::string first = lines[0].substr(lines[0].rfind(' ') + 1);
  if (first.starts_with('v') && first.find('.') != std::string::npos) return first;
  for (const std::string& line : lines) {
    if (line.find("versions supported") == std::string::npos) continue;
    return "v" + std::string(base::trim(line.substr(line.rfind(' ') + 1)));
  }
  return "";
}

}  // namespace caravan::client
