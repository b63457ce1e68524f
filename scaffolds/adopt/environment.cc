#include "scaffolds/adopt/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/base/names.h"
#include "runtime/base/text.h"

namespace msctl::scaffolds::adopt {
namespace {

struct KnownImage {
  std::string_view name, scheme;
  int port;
};

// The last part of an image's name: what it speaks, and where.
constexpr auto known_images = std::to_array<KnownImage>({
    {"redis", "redis", 6379},
    {"valkey", "redis", 6379},
    {"keydb", "redis", 6379},
    {"redis-stack", "redis", 6379},
    {"dragonfly", "redis", 6379},
    {"postgres", "postgres", 5432},
    {"postgresql", "postgres", 5432},
    {"postgis", "postgres", 5432},
    {"timescaledb", "postgres", 5432},
    {"mysql", "mysql", 3306},
    {"mariadb", "mysql", 3306},
    {"mongo", "mongodb", 27017},
    {"mongodb", "mongodb", 27017},
    {"rabbitmq", "amqp", 5672},
    {"nats", "nats", 4222},
    {"memcached", "memcached", 11211},
    {"kafka", "kafka", 9092},
    {"cp-kafka", "kafka", 9092},
    {"redpanda", "kafka", 9092},
    {"zookeeper", "zookeeper", 2181},
    {"cassandra", "cassandra", 9042},
    {"elasticsearch", "http", 9200},
    {"opensearch", "http", 9200},
    {"minio", "http", 9000},
    {"vault", "http", 8200},
    {"consul", "http", 8500},
    {"etcd", "http", 2379},
    {"influxdb", "http", 8086},
    {"clickhouse-server", "http", 8123},
    {"mailhog", "smtp", 1025},
    {"localstack", "http", 4566},
    {"neo4j", "bolt", 7687},
    {"mosquitto", "mqtt", 1883},
});

const KnownImage* known(const std::string& image) {
  std::string name = name_of(image.substr(0, image.find('@')));
  name = name.substr(0, name.find(':'));
  auto found = std::ranges::find(known_images, name, &KnownImage::name);
  return found == known_images.end() ? nullptr : &*found;
}

// Several Compose files of one repository mostly speak of the same services.
Service* called(std::vector<Service>& services, const std::string& name) {
  for (Service& service : services)
    if (std::ranges::find(service.compose_names, name) != service.compose_names.end()) return &service;
  return nullptr;
}

// Whether `from` reaches `to` by needs: a need the other way round would close a circle.
bool reaches(const std::vector<Service>& services, const std::string& from, const std::string& to) {
  if (from == to) return true;
  auto service = std::ranges::find(services, from, &Service::name);
  return service != services.end() && std::ranges::any_of(service->needs, [&](const auto& need) {
           return reaches(services, need.first, to);
         });
}

// False where it would close a circle.
bool add_need(const std::vector<Service>& services, Service& service, const Service& need, const Place& at) {
  if (std::ranges::any_of(service.needs, [&](const auto& each) { return each.first == need.name; }))
    return true;
  if (reaches(services, need.name, service.name)) return false;
  service.needs.emplace_back(need.name, at);
  return true;
}

// A value that names another service, taken apart: [scheme://[user@]]host[:port][/rest].
struct Address {
  std::string scheme, user, host, port, rest;
};

Address address_of(const std::string& value) {
  Address out;
  std::string text = expand(value, {});
  if (const std::size_t at = text.find("://"); at != std::string::npos) {
    out.scheme = text.substr(0, at);
    text = text.substr(at + 3);
  }
  const std::size_t end = text.find_first_of("/?");
  if (end != std::string::npos) {
    out.rest = text.substr(end);
    text = text.substr(0, end);
  }
  if (const std::size_t at = text.rfind('@'); at != std::string::npos && !out.scheme.empty()) {
    out.user = text.substr(0, at + 1);
    text = text.substr(at + 1);
  }
  const std::size_t colon = text.rfind(':');
  out.host = text.substr(0, colon);
  if (colon != std::string::npos) out.port = text.substr(colon + 1);
  return out;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_plain(const std::string& text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./?=&-%~") ==
         std::string::npos;
}

// jdbc:postgresql, postgresql+asyncpg
bool is_scheme(const std::string& text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+:-") ==
         std::string::npos;
}

// Whether the name stands in the text as a host with its port, as in a list of them.
bool has_host(const std::string& text, const std::string& name) {
  for (std::size_t at = 0; (at = text.find(name + ":", at)) != std::string::npos; ++at) {
    const std::size_t port = at + name.size() + 1;
    const bool begins =
        at == 0 || (!is_name_character(text[at - 1]) && text[at - 1] != '-' && text[at - 1] != '.');
    if (begins && port < text.size() && text[port] >= '0' && text[port] <= '9') return true;
  }
  return false;
}

// The variable that a shell shall set, of the URL which msctl gives; nothing where the value is no address.
// The braces are written for service.yaml, where $${ is ${.
std::optional<std::string> export_of(const Address& address, const Service& need) {
  const std::string url = base::need_variable(need.name);
  if (!is_plain(address.rest) || !is_scheme(address.scheme) ||
      (!address.user.empty() && !is_plain(address.user.substr(0, address.user.size() - 1))) ||
      (!address.port.empty() && !is_number(address.port)))
    return std::nullopt;
  if (!address.scheme.empty()) {
    const std::string scheme = need.scheme.empty() ? "http" : need.scheme;
    const std::string base =
        address.scheme == scheme && address.user.empty()
            ? fmt::format("$${{{}}}", url)
            : fmt::format("{}://{}$${{{}#*://}}", base::lower(address.scheme), address.user, url);
    return base + (address.rest == "/" ? "" : address.rest);
  }
  if (!address.rest.empty()) return std::nullopt;
  if (!address.port.empty()) return fmt::format("$${{{}#*://}}", url);
  return fmt::format("$(u=$${{{}#*://}}; echo \"$${{u%:*}}\")", url);
}

class Environment {
public:
  Environment(std::vector<Service>& services, Service& service) : services_(services), service_(service) {}

  void read(const std::vector<Variable>& variables) {
    for (const Variable& variable : variables) take(variable);
    for (const Variable& variable : ports_) take_port(variable);
  }

private:
  void take(const Variable& variable) {
    const std::string& name = variable.name;
    if (!is_variable_name(name)) {
      if (!name.empty())
        service_.warn(variable.at,
                      "a variable whose name has other than letters, digits and '_' is left out");
      return;
    }
    if (name == "PORT" || name == service_.port_variable || name.starts_with("MSCTL_")) return;
    if (is_secret(name, variable.value)) {
      service_.secrets.emplace_back(name, variable.at);
      warn_of_address(variable);
      return;
    }
    if (variable.from_outside) {
      service_.env.push_back({name, fmt::format("${{{}:-}}", name), variable.at, true});
      return;
    }
    if (name.ends_with("_PORT") && is_number(expand(variable.value, {}))) {
      ports_.push_back(variable);  // perhaps that of a need, which the host's variable tells
      return;
    }
    if (names_a_need(variable)) return;
    warn_of_hosts(variable);
    service_.env.push_back({name, interpolation_of(variable.value), variable.at, false});
  }

  // A secret that is an address, too: with the need's address of today it would be of no use.
  void warn_of_address(const Variable& variable) {
    std::string value = expand(variable.value, {});
    const std::size_t at = value.rfind('@');
    if (service_.backing || at == std::string::npos) return;
    Service* need = called(services_, address_of(value.substr(at + 1)).host);
    if (need == nullptr || need == &service_ || !add_need(services_, service_, *need, variable.at)) return;
    service_.warn(variable.at,
                  fmt::format("{} holds a secret and the address of {} in one", variable.name, need->name),
                  fmt::format("msctl gives the address as {}: let {} take it from there",
                              base::need_variable(need->name), service_.name));
  }

  // kafka-1:9092,kafka-2:9092 would be looked for in vain, too.
  void warn_of_hosts(const Variable& variable) {
    const std::string value = expand(variable.value, {});
    for (const Service& need : services_)
      for (const std::string& name : need.compose_names)
        if (&need != &service_ && !service_.backing && has_host(value, name))
          service_.warn(variable.at,
                        fmt::format("{} holds the address that {} has within Compose", variable.name, name),
                        fmt::format("msctl gives it as {}, to services that need {}",
                                    base::need_variable(need.name), need.name));
  }

  // True: it is dealt with.
  bool names_a_need(const Variable& variable) {
    if (service_.backing) return false;
    const Address address = address_of(variable.value);
    Service* need = called(services_, address.host);
    if (need == nullptr || need == &service_) return false;
    if (!add_need(services_, service_, *need, variable.at)) {
      service_.warn(variable.at,
                    fmt::format("{} names {}, which needs {} itself: left out", variable.name, need->name,
                                service_.name),
                    "services that need each other in a circle cannot wait for each other");
      return true;
    }
    const auto value = export_of(address, *need);
    if (!value) {
      service_.warn(variable.at,
                    fmt::format("{} names the service {} in a way that is not understood: left out",
                                variable.name, need->name),
                    fmt::format("msctl gives its address as {}", base::need_variable(need->name)));
      return true;
    }
    if (address.scheme.empty() && address.port.empty()) hosts_.emplace_back(variable.name, need);
    if (variable.name != base::need_variable(need->name) || *value != fmt::format("$${{{}}}", variable.name))
      service_.exports.emplace_back(variable.name, *value);
    return true;
  }

  // DB_PORT beside DB_HOST.
  void take_port(const Variable& variable) {
    const std::string stem = variable.name.substr(0, variable.name.size() - 5);
    for (const auto& [host, need] : hosts_)
      if (host == stem + "_HOST" || host == stem + "_HOSTNAME" || host == stem)
        return service_.exports.emplace_back(variable.name,
                                             fmt::format("$${{{}##*:}}", base::need_variable(need->name))),
               void();
    service_.env.push_back({variable.name, interpolation_of(variable.value), variable.at, false});
  }

  std::vector<Service>& services_;
  Service& service_;
  std::vector<Variable> ports_;
  std::vector<std::pair<std::string, const Service*>> hosts_;
};

std::vector<Variable> variables_of(Reader& reader, Service& service) {
  const ComposeService& compose = *service.compose;
  std::vector<Variable> out = compose.env;
  auto known_already = [&](const std::string& name) {
    return std::ranges::find(out, name, &Variable::name) != out.end();
  };
  // Of several files the last wins, and what stands in the Compose file itself wins over all.
  for (auto file = compose.env_files.rbegin(); file != compose.env_files.rend(); ++file)
    if (const std::string* text = reader.text(file->path, true)) {
      for (Variable& variable : parse_env_file(file->path, *text))
        if (!known_already(variable.name)) out.push_back(std::move(variable));
    } else if (file->required) {
      service.warn(
          file->at, fmt::format("{} cannot be read: its variables are not known", file->path),
          fmt::format("make it, and repeat the command; or write them under 'env' of {}", service.file()));
    }
  return out;
}

// What Compose does, and msctl does not. The volumes of a service that is built here are mostly its sources.
void tell_unused(Service& service) {
  const bool runs_otherwise = service.compose->command || service.compose->entrypoint;
  // Redis is run with arguments of ours, which keep nothing and open it to nobody else.
  if (service.backing && runs_otherwise && service.scheme != "redis")
    service.warn(service.compose->command_at,
                 fmt::format("{} is run as its image says: its command is left out", service.name),
                 "an image without it that will do, or 'command' of a program that is installed here");
  for (const auto& [key, at] : service.compose->unused) {
    if (key == "volumes" && !service.backing) continue;
    if (key == "volumes")
      service.warn(at, fmt::format("{} keeps nothing: its volumes are left out", service.name),
                   "for data that is to stay, give 'url' of one that runs elsewhere");
    else
      service.warn(at, fmt::format("'{}' of {} is left out", key, service.name));
  }
}

}  // namespace

bool is_known_backing(const std::string& image) {
  return known(image) != nullptr;
}

Service backing_service(const ComposeService& compose) {
  Service out;
  out.backing = true;
  out.because = compose.at;
  out.compose = compose;
  out.compose_names = {compose.name};
  out.image = compose.image;
  out.scheme = "http";
  const KnownImage* image = known(compose.image);
  if (image != nullptr) {
    out.scheme = image->scheme;
    out.port = image->port;
    out.port_at = compose.image_at;
  }
  // What the file says of the container's port, unless it is one beside the one that is known.
  const bool said = image == nullptr || std::ranges::none_of(compose.ports, [&](const auto& port) {
                      return port.first == image->port;
                    });
  if (said && !compose.ports.empty() && image == nullptr) {
    out.port = compose.ports.front().first;
    out.port_at = compose.ports.front().second;
  }
  if (!out.port)
    out.warn(compose.image_at, fmt::format("nothing tells where {} listens in its container", compose.name),
             "write its port as 'imagePort' into service.yaml");
  return out;
}

void find_environment(Reader& reader, std::vector<Service>& services) {
  for (Service& service : services) {
    if (!service.compose || service.known) continue;
    for (const auto& [name, at] : service.compose->needs) {
      Service* need = called(services, name);
      if (need == nullptr)
        service.warn(
            at, fmt::format("{} depends on '{}', which is none of the services found", service.name, name));
      else if (service.backing)
        continue;  // one store waits for another: msctl's backing services start alone
      else if (need != &service && !add_need(services, service, *need, at))
        service.warn(at, fmt::format("{} and {} need each other: left out", service.name, need->name));
    }
  }
  for (Service& service : services)
    if (service.compose && !service.known) tell_unused(service);
  for (Service& service : services)
    if (service.compose && !service.known) Environment(services, service).read(variables_of(reader, service));
}

}  // namespace msctl::scaffolds::adopt
