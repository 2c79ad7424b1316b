// SPDX-License-Identifier: Apache-2.0
// tls ca create, tls cert create: an authority, and certificates of it, as files of this folder.
#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/tls_files.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char *ca_days = "1825", *cert_days = "365";

/// "#DOMAIN#" in the default names of files stands for the domain. Errors: invalid.
base::Result<long long> days_of(const Flags& flags, const char* otherwise) {
  const base::Result<long long> days = base::parse_int(flags.text("days", otherwise));
  if (!days || *days <= 0) return base::invalid("-days: must be a number of days above 0");
  return *days;
}

/// Writes both, and says so.
int save(Context& context, const std::string& name, const std::string& certificate,
         const std::string& key) {
  const std::string path = name + ".pem", key_path = name + "-key.pem";
  if (const base::Status written = write_new(path, certificate, 0644); !written)
    return context.fail(written.error().message);
  if (const base::Status written = write_new(key_path, key, 0600); !written)
    return context.fail(written.error().message);
  context.out("==> Saved " + path);
  context.out("==> Saved " + key_path);
  return 0;
}

int run_ca(Context& context) {
  const base::Result<long long> days = days_of(context.flags, ca_days);
  if (!days) return context.wrong_use(days.error().message);
  const std::string domain = context.flags.text("domain", "consul");
  crypto::CertificateForm form =
      certificate_form(context.flags.text("common-name", "Consul Agent CA"), *days);
  form.is_authority = true;
  if (context.flags.on("name-constraint")) {
    form.permitted_domains = {domain, "localhost"};
    for (const std::string& more : context.flags.all("additional-name-constraint"))
      form.permitted_domains.push_back(more);
  }
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const base::Result<std::string> certificate = crypto::issue(form, key);
  if (!certificate) return context.fail("Error creating the CA", certificate.error());
  return save(context, domain + "-agent-ca", *certificate, key.to_pem());
}

/// "dc1-server-consul-0", or the first number that is free.
std::string free_name(const std::string& dc, const char* role, const std::string& domain) {
  for (int number = 0;; ++number) {
    const std::string name = fmt::format("{}-{}-{}-{}", dc, role, domain, number);
    std::error_code error;
    if (!std::filesystem::exists(name + ".pem", error) &&
        !std::filesystem::exists(name + "-key.pem", error))
      return name;
  }
}

const char* role_of(const Flags& flags) {
  const char* role = nullptr;
  for (const char* each : {"server", "client", "cli"}) {
    if (!flags.on(each)) continue;
    if (role) return nullptr;
    role = each;
  }
  return role;
}

crypto::CertificateForm form_of(const Flags& flags, const std::string& role, const std::string& dc,
                                const std::string& domain, long long days) {
  const std::string name = fmt::format("{}.{}.{}", role, dc, domain);
  crypto::CertificateForm form = certificate_form(name, days);
  for (const std::string& more : flags.all("additional-dnsname"))
    form.dns_names.push_back(more);
  for (const std::string& more : flags.all("additional-ipaddress"))
    form.ip_addresses.push_back(more);
  if (role == "cli") return form;
  if (flags.given("node")) form.dns_names.push_back(fmt::format("{}.{}", flags.text("node"), name));
  form.dns_names.push_back(name);
  form.dns_names.emplace_back("localhost");
  form.ip_addresses.emplace_back("127.0.0.1");
  return form;
}

int run_cert(Context& context) {
  const Flags& flags = context.flags;
  const char* role = role_of(flags);
  if (!role) return context.wrong_use("Please provide exactly one of -server, -client, or -cli");
  if (flags.given("node") && role != std::string_view("server"))
    return context.wrong_use("-node requires -server");
  const base::Result<long long> days = days_of(flags, cert_days);
  if (!days) return context.wrong_use(days.error().message);
  const std::string domain = flags.text("domain", "consul"), dc = flags.text("dc", "dc1");
  const std::string ca = flags.text("ca", domain + "-agent-ca.pem");
  const std::string ca_key = flags.text("key", domain + "-agent-ca-key.pem");
  const base::Result<crypto::Issuer> issuer = read_issuer(ca, ca_key);
  if (!issuer) return context.fail("Error reading the CA", issuer.error());
  if (role == std::string_view("server")) context.out(server_certificate_warning);
  context.out(fmt::format("==> Using {} and {}", ca, ca_key));
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const base::Result<std::string> certificate =
      crypto::issue(form_of(flags, role, dc, domain, *days), key, *issuer);
  if (!certificate) return context.fail("Error creating the certificate", certificate.error());
  return save(context, free_name(dc, role, domain), *certificate, key.to_pem());
}

}  // namespace

Command tls_ca_create_command() {
  return {.name = "tls ca create",
          .synopsis = "Make a certificate authority for the agents",
          .usage = "[options]",
          .help =
              "Makes a certificate authority and writes its certificate and its key into this\n"
              "folder. Whoever has the key can make certificates that every agent believes.",
          .flags = {{"days", "n", "Days until it expires. Default: 1825."},
                    {"domain", "name", "The domain of the agents' names. Default: consul."},
                    {"common-name", "name", "The name in the certificate."},
                    {"name-constraint", "", "It may issue for the domain and localhost alone."},
                    {"additional-name-constraint", "name",
                     "With -name-constraint: for these, too. May be repeated."}},
          .takes = "no arguments",
          .uses_api = false,
          .run = run_ca};
}
Command tls_cert_create_command() {
  return {.name = "tls cert create",
          .synopsis = "Make a certificate for an agent or a user",
          .usage = "(-server | -client | -cli) [options]",
          .help =
              "Makes a certificate with the authority of this folder, for a server, a client or\n"
              "somebody who uses the command line, and writes it with its key into this folder.",
          .flags = {{"server", "", "For a server."},
                    {"client", "", "For a client."},
                    {"cli", "", "For somebody at the command line."},
                    {"dc", "name", "The datacenter of the agent. Default: dc1."},
                    {"node", "name", "With -server: the server's own name besides."},
                    {"days", "n", "Days until it expires. Default: 365."},
                    {"domain", "name", "The domain of the agents' names. Default: consul."},
                    {"ca", "file", "The authority. Default: consul-agent-ca.pem."},
                    {"key", "file", "The authority's key. Default: consul-agent-ca-key.pem."},
                    {"additional-dnsname", "name", "Another name of it. May be repeated."},
                    {"additional-ipaddress", "ip", "Another address of it. May be repeated."}},
          .takes = "no arguments",
          .uses_api = false,
          .run = run_cert};
}

}  // namespace caravan::cli::consul
