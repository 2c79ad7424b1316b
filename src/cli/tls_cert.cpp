// SPDX-License-Identifier: Apache-2.0
// tls cert create, tls cert info.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/tls_files.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* default_days = "365";

struct Role {
  const char* flag;
  const char* title;  // "Server Certificate"
};
constexpr Role roles[] = {{"server", "Server"}, {"client", "Client"}, {"cli", "CLI"}};

int write_pair(Context& context, const Role& role, const std::string& region,
               const std::string& domain, const std::string& certificate, const std::string& key) {
  const std::string base = fmt::format("{}-{}-{}", region, role.flag, domain);
  const std::string path = base + ".pem", key_path = base + "-key.pem";
  if (const base::Status written = write_new(key_path, key, 0600); !written)
    return context.fail("Error writing the key", written.error());
  if (const base::Status written = write_new(path, certificate, 0644); !written)
    return context.fail("Error writing the certificate", written.error());
  context.out(fmt::format("==> {} Certificate saved to {}", role.title, path));
  context.out(fmt::format("==> {} Certificate key saved to {}", role.title, key_path));
  return 0;
}

int run_create(Context& context) {
  const Role* role = nullptr;
  for (const Role& each : roles) {
    if (!context.flags.on(each.flag)) continue;
    if (role) return context.wrong_use("only one of -server, -client and -cli may be given");
    role = &each;
  }
  if (!role) return context.wrong_use("one of -server, -client and -cli must be given");
  const base::Result<long long> days = base::parse_int(context.flags.text("days", default_days));
  if (!days || *days <= 0) return context.wrong_use("-days: must be a number of days above 0");
  const std::string region =
      context.flags.text("region", context.flags.text("cluster-region", "global"));
  const std::string domain = context.flags.text("domain", "nomad");
  const std::string ca = context.flags.text("ca", domain + "-agent-ca.pem");
  const std::string ca_key = context.flags.text("key", domain + "-agent-ca-key.pem");
  const base::Result<crypto::Issuer> issuer = read_issuer(ca, ca_key);
  if (!issuer) return context.fail("Error reading the CA", issuer.error());
  if (role->flag == std::string_view("server")) context.out(server_certificate_warning);
  context.out(fmt::format("==> Using CA file {} and key {}", ca, ca_key));
  const std::string name = fmt::format("{}.{}.{}", role->flag, region, domain);
  crypto::CertificateForm form = certificate_form(name, *days);
  form.dns_names = {name, "localhost"};
  form.ip_addresses = {"127.0.0.1"};
  for (const std::string& more : context.flags.all("additional-dnsname"))
    form.dns_names.push_back(more);
  for (const std::string& more : context.flags.all("additional-ipaddress"))
    form.ip_addresses.push_back(more);
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const base::Result<std::string> certificate = crypto::issue(form, key, *issuer);
  if (!certificate) return context.fail("Error creating the certificate", certificate.error());
  return write_pair(context, *role, region, domain, *certificate, key.to_pem());
}

}  // namespace

Command tls_cert_create_command() {
  Command c;
  c.name = "tls cert create";
  c.synopsis = "Make a certificate for an agent or a user";
  c.usage = "[options]";
  c.help =
      "Makes a certificate with the authority of this folder, for a server, a client or\n"
      "somebody who uses the command line, and writes it with its key into this folder.";
  c.flags = {{"server", "", "For a server."},
             {"client", "", "For a client."},
             {"cli", "", "For somebody at the command line."},
             {"region", "name", "The region of the agent. Default: global."},
             {"cluster-region", "name", "The older name of -region."},
             {"days", "n", "Days until it expires. Default: 365."},
             {"domain", "name", "The domain of the agents' names. Default: nomad."},
             {"ca", "file", "The authority. Default: nomad-agent-ca.pem."},
             {"key", "file", "The authority's key. Default: nomad-agent-ca-key.pem."},
             {"additional-dnsname", "name", "Another name of it. May be repeated."},
             {"additional-ipaddress", "ip", "Another address of it. May be repeated."}};
  c.takes = "no arguments";
  c.uses_api = false;
  c.run = run_create;
  return c;
}

Command tls_cert_info_command() {
  Command c = tls_ca_info_command();
  c.name = "tls cert info";
  c.synopsis = "Show a certificate";
  c.help = "Shows what stands in a certificate.";
  return c;
}

}  // namespace caravan::cli
